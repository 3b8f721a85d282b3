/**
 * A counter that changes when the state that an answer was read from changes: no scan, no bookkeeping per name. All of a process
 * stand in one piece of memory, for other threads that repeat answers to see them.
 */
import { limits } from '../limits.ts';

export interface Generation {
  readonly current: number;
  /** Indexes of `generationCounts` whose sum it is. */
  readonly counters: readonly number[];
}

/** Written by the main thread alone. */
export const generationCounts = new Int32Array(
  new SharedArrayBuffer(limits.generationCounters * Int32Array.BYTES_PER_ELEMENT),
);
let counters = 0;

/** Of what no change of the cluster alters. */
export const CONSTANT: Generation = { current: 0, counters: [] };

export class GenerationCounter implements Generation {
  /** Where there are more than places, two share one: then an answer ends early at times, never late. */
  readonly #index = counters++ % limits.generationCounters;

  get current(): number {
    return generationCounts[this.#index] as number;
  }

  get counters(): readonly number[] {
    return [this.#index];
  }

  advance(): void {
    Atomics.add(generationCounts, this.#index, 1);
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

  get counters(): readonly number[] {
    return [...this.#one.counters, ...this.#other.counters];
  }
}
