/** Questions under way, so that one that is asked again meanwhile waits for the same answer. */

export interface Flight<T> {
  /** Whether somebody else had asked already. */
  readonly shared: boolean;
  readonly outcome: Promise<T>;
}

export class Flights<T> {
  readonly #byKey = new Map<string, Promise<T>>();

  /** @param key undefined: never shared */
  join(key: string | undefined, ask: () => Promise<T>): Flight<T> {
    if (key === undefined) return { shared: false, outcome: ask() };
    const underWay = this.#byKey.get(key);
    if (underWay !== undefined) return { shared: true, outcome: underWay };
    const outcome = ask().finally(() => this.#byKey.delete(key));
    this.#byKey.set(key, outcome);
    return { shared: false, outcome };
  }
}
