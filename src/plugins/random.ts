/** Fast random numbers for the order of records: where to connect first is no secret, so they need not be one. */
import { randomFillSync } from 'node:crypto';

const RANGE = 2 ** 32;

/** Marsaglia's xorshift with 128 bits of state ("Xorshift RNGs", 2003). */
export class FastRandom {
  #x: number;
  #y: number;
  #z: number;
  #w: number;

  /** @param seed four words, not all zero; default: from the operating system */
  constructor(seed: ArrayLike<number> = randomFillSync(new Uint32Array(4))) {
    const [x = 0, y = 0, z = 0, w = 0] = Int32Array.from({ length: 4 }, (_, i) => seed[i] ?? 0);
    // From all zeros it would never come away.
    this.#x = (x | y | z | w) === 0 ? 1 : x;
    this.#y = y;
    this.#z = z;
    this.#w = w;
  }

  /** A whole number from 0 up to, not including, `bound`; each as likely as any other. */
  below(bound: number): number {
    // The numbers beyond the last whole multiple would make the lowest results likelier.
    const end = RANGE - (RANGE % bound);
    let number = this.#next();
    while (number >= end) number = this.#next();
    return number % bound;
  }

  /** Puts the items into an order, in place; each order is as likely as any other (Fisher and Yates). */
  shuffle<T>(items: T[]): void {
    for (let last = items.length - 1; last > 0; last--) swap(items, last, this.below(last + 1));
  }

  #next(): number {
    const mixed = this.#x ^ (this.#x << 11);
    this.#x = this.#y;
    this.#y = this.#z;
    this.#z = this.#w;
    this.#w = this.#w ^ (this.#w >>> 19) ^ mixed ^ (mixed >>> 8);
    return this.#w >>> 0;
  }
}

export function swap<T>(items: T[], a: number, b: number): void {
  const kept = items[a] as T;
  items[a] = items[b] as T;
  items[b] = kept;
}
