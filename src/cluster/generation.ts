/** A counter that changes when the state that an answer was read from changes: no scan, no bookkeeping per name. */
export interface Generation {
  readonly current: number;
}

/** Of what no change of the cluster alters. */
export const CONSTANT: Generation = { current: 0 };

export class GenerationCounter implements Generation {
  current = 0;

  advance(): void {
    this.current++;
  }
}

/** Changes when one of two does: both only count up, so their sum stands while both stand. */
export class EitherGeneration implements Generation {
  readonly #one: Generation;
  readonly #other: Generation;

  constructor(one: Generation, other: Generation) {
    this.#one = one;
    this.#other = other;
  }

  get current(): number {
    return this.#one.current + this.#other.current;
  }
}
