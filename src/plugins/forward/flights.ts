/** Questions under way, so that one that is asked again meanwhile waits for the same answer. */

export class Flights<Waiter> {
  readonly #byKey = new Map<string, Waiter[]>();

  /**
   * Waits with those who have asked already; where there are none, it is the first, and has to ask.
   * @param key undefined: never shared
   */
  join(key: string | undefined, waiter: Waiter): Waiter[] | undefined {
    if (key === undefined) return [waiter];
    const waiters = this.#byKey.get(key);
    if (waiters === undefined) {
      const first = [waiter];
      this.#byKey.set(key, first);
      return first;
    }
    waiters.push(waiter);
    return undefined;
  }

  /** There is an answer: who asks from now on asks anew. */
  end(key: string | undefined): void {
    if (key !== undefined) this.#byKey.delete(key);
  }
}
