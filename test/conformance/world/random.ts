/** Choices that a seed decides: the same seed gives the same world and the same questions. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `below` - 1. The generator is Mulberry32. */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  chance(percent: number): boolean {
    return this.int(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('nothing to choose from');
    return choices[this.int(choices.length)] as T;
  }

  /** Every choice with a chance of one half; at least one. */
  some<T>(choices: readonly T[]): T[] {
    const taken = choices.filter(() => this.chance(50));
    return taken.length === 0 ? [this.pick(choices)] : taken;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const all = [...items];
    for (let left = all.length; left > 1; left--) {
      const at = this.int(left);
      const last = all[left - 1] as T;
      all[left - 1] = all[at] as T;
      all[at] = last;
    }
    return all;
  }
}
