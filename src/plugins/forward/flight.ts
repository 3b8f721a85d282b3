/** A question under way to the upstreams, and who waits for its answer: one that is asked again meanwhile waits with the first. */
import type { Name } from '../../dns/name.ts';
import type { Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';
import type { Client, Outcome } from './attempts.ts';

/** A query that waits for what the upstreams say, and its place among the stanzas. */
export interface Waiter {
  readonly query: Query;
  readonly next: () => Reply | Promise<Reply> | undefined;
  readonly resolve: (reply: Reply | Promise<Reply>) => void;
  readonly reject: (error: unknown) => void;
}

/** What becomes of those who wait. */
export interface Landing {
  /** @param asked the name, in the letters in which the upstreams were asked */
  settle(waiter: Waiter, outcome: Outcome, asked: Name): void;
  fail(waiter: Waiter, error: unknown): void;
}

export class Flight implements Client {
  readonly #flights: Flights;
  readonly #key: string | undefined;
  readonly #first: Waiter;
  /** Most have none. */
  #others: Waiter[] | undefined;

  constructor(flights: Flights, key: string | undefined, first: Waiter) {
    this.#flights = flights;
    this.#key = key;
    this.#first = first;
  }

  join(waiter: Waiter): void {
    this.#others ??= [];
    this.#others.push(waiter);
  }

  ended(outcome: Outcome): void {
    const { landing } = this.#flights;
    this.#flights.end(this.#key);
    const asked = this.#first.query.name;
    landing.settle(this.#first, outcome, asked);
    for (const waiter of this.#others ?? []) landing.settle(waiter, outcome, asked);
  }

  threw(error: unknown): void {
    const { landing } = this.#flights;
    this.#flights.end(this.#key);
    landing.fail(this.#first, error);
    for (const waiter of this.#others ?? []) landing.fail(waiter, error);
  }
}

export class Flights {
  readonly landing: Landing;
  readonly #byKey = new Map<string, Flight>();

  constructor(landing: Landing) {
    this.landing = landing;
  }

  /**
   * Waits with those who have asked already.
   * @param key undefined: never shared
   * @returns the flight that has to be asked for; undefined where one is under way
   */
  join(key: string | undefined, waiter: Waiter): Flight | undefined {
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known !== undefined) {
      known.join(waiter);
      return undefined;
    }
    const flight = new Flight(this, key, waiter);
    if (key !== undefined) this.#byKey.set(key, flight);
    return flight;
  }

  /** There is an answer: who asks from now on asks anew. */
  end(key: string | undefined): void {
    if (key !== undefined) this.#byKey.delete(key);
  }
}
