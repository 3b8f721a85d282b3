/** One `forward` directive: which names it takes, how many of its queries may wait, and what clients get. */
import type { Message } from '../../dns/message.ts';
import type { Name } from '../../dns/name.ts';
import { Rcode } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { reasons } from '../../reasons.ts';
import type { Query, UpstreamGate } from '../plugin.ts';
import { failure, type Reply } from '../reply.ts';
import type { UpstreamEndpoint } from './addresses.ts';
import { Attempts, type Outcome } from './attempts.ts';
import { Flights, type Landing, type Waiter } from './flight.ts';
import { replyOf, requestOf, sharedKey } from './messages.ts';
import type { ForwardMetrics } from './metrics.ts';
import type { ForwardOptions } from './options.ts';
import { makeOrder } from './policy.ts';
import { fixedAddresses, resolveTargets } from './resolve-targets.ts';
import { targetTexts } from './targets.ts';
import { type Surroundings, Upstream } from './upstream.ts';

/** Queries that wait for upstreams, over all stanzas of a block. */
export interface Waiting {
  queries: number;
}

interface Closure {
  readonly error: string;
  readonly except: (name: Name) => boolean;
}

export class Stanza implements UpstreamGate, Landing {
  readonly description: string;
  readonly #options: ForwardOptions;
  readonly #metrics: ForwardMetrics;
  readonly #surroundings: Surroundings;
  readonly #waiting: Waiting;
  readonly #flights = new Flights(this);
  #upstreams: readonly Upstream[] = [];
  #attempts: Attempts;
  #inFlight = 0;
  #closure: Closure | undefined;

  constructor(options: ForwardOptions, waiting: Waiting, surroundings: Surroundings) {
    this.description = `forward ${options.from} ${targetTexts(options.targets).join(' ')}`;
    this.#options = options;
    this.#metrics = surroundings.metrics;
    this.#surroundings = surroundings;
    this.#waiting = waiting;
    this.#attempts = this.#open(fixedAddresses(options.targets) ?? []);
  }

  /** Looks names among the upstreams up. @throws {Error} one line: which has no address, and where it stands */
  async start(): Promise<void> {
    if (fixedAddresses(this.#options.targets) !== undefined) return;
    this.#attempts = this.#open(await resolveTargets(this.#options));
  }

  #open(addresses: readonly UpstreamEndpoint[]): Attempts {
    const options = this.#options;
    this.#upstreams = addresses.map((address) => new Upstream(address, options, this.#surroundings));
    return new Attempts(this.#upstreams, makeOrder(options.policy), options, this.#metrics);
  }

  /** Upstreams are not checked any more; queries are still answered. */
  stopChecks(): void {
    for (const upstream of this.#upstreams) upstream.stopChecks();
  }

  /** Lets go of every connection: of one that is in use when its query ends. */
  shutDown(): void {
    for (const upstream of this.#upstreams) upstream.close();
  }

  /** A sentence while all upstreams are down. */
  note(): string | undefined {
    if (this.#upstreams.length === 0 || this.#upstreams.some(({ isDown }) => !isDown)) return undefined;
    const last = this.#upstreams.map(({ lastError }) => lastError).at(-1);
    return `all upstreams of '${this.description}' are down: ${last}`;
  }

  /** FROM itself is never excepted. */
  covers(name: Name): boolean {
    const { from, except } = this.#options;
    if (!name.isWithin(from)) return false;
    return !except.some((zone) => name.isWithin(zone)) || name.equals(from);
  }

  close(error: string, except: (name: Name) => boolean): void {
    this.#closure = { error, except };
  }

  open(): void {
    this.#closure = undefined;
  }

  /** @param next asks the stanzas behind this one; undefined where none is for the name */
  forward(query: Query, next: () => Reply | Promise<Reply> | undefined): Reply | Promise<Reply> {
    const closure = this.#closure;
    if (closure !== undefined && !closure.except(query.name)) {
      return failure(Rcode.SERVFAIL, reasons.forwardLoop, closure.error);
    }
    const { maxConcurrent } = this.#options;
    if (maxConcurrent > 0 && this.#inFlight >= maxConcurrent) return this.#refuse(maxConcurrent);
    if (this.#waiting.queries >= limits.forwardExchanges) return this.#refuse(limits.forwardExchanges);
    this.#inFlight++;
    this.#waiting.queries++;
    return new Promise((resolve, reject) => this.#ask({ query, next, resolve, reject }));
  }

  #refuse(maximum: number): Reply {
    this.#metrics.maxConcurrentRejects.inc();
    const error = `concurrent queries exceeded maximum ${maximum}`;
    return failure(Rcode.REFUSED, reasons.tooManyForwards, error);
  }

  #ask(waiter: Waiter): void {
    const { query } = waiter;
    const flight = this.#flights.join(sharedKey(query), waiter);
    if (flight === undefined) this.#metrics.coalesced.inc();
    else this.#attempts.ask(requestOf(query), query.transport, flight);
  }

  settle(waiter: Waiter, outcome: Outcome, asked: Name): void {
    this.#landed();
    try {
      waiter.resolve(this.#replyTo(waiter, outcome, asked));
    } catch (error) {
      waiter.reject(error);
    }
  }

  fail(waiter: Waiter, error: unknown): void {
    this.#landed();
    waiter.reject(error);
  }

  #landed(): void {
    this.#inFlight--;
    this.#waiting.queries--;
  }

  #replyTo({ query, next }: Waiter, outcome: Outcome, asked: Name): Reply | Promise<Reply> {
    if (outcome.kind === 'failed') return failure(Rcode.SERVFAIL, outcome.reason, outcome.error);
    const handedOn = this.#isForNext(outcome.message) ? next() : undefined;
    return handedOn ?? replyOf(query, outcome.message, asked);
  }

  #isForNext({ rcode, answer }: Message): boolean {
    const { next, nextOnNodata } = this.#options;
    return next.has(rcode) || (nextOnNodata && rcode === Rcode.NOERROR && answer.length === 0);
  }
}
