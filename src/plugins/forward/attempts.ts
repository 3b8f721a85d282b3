/** Asks the upstreams of a stanza for one query, one after the other, until one answers. */
import type { Message } from '../../dns/message.ts';
import { limits } from '../../limits.ts';
import { type Reason, reasons } from '../../reasons.ts';
import { CertificateError, ExchangeError } from './exchange.ts';
import type { ForwardMetrics } from './metrics.ts';
import type { ForwardOptions } from './options.ts';
import { anyOf, type Order } from './policy.ts';
import type { Upstream } from './upstream.ts';

export type Outcome =
  | { readonly kind: 'answered'; readonly message: Message }
  | { readonly kind: 'failed'; readonly reason: Reason; readonly error: string };

const NONE_HEALTHY: Outcome = {
  kind: 'failed',
  reason: reasons.noHealthyUpstream,
  error: 'no healthy proxies',
};

export class Attempts {
  readonly #upstreams: readonly Upstream[];
  readonly #order: Order;
  readonly #options: ForwardOptions;
  readonly #metrics: ForwardMetrics;
  readonly #maxFailures: number;

  constructor(
    upstreams: readonly Upstream[],
    order: Order,
    options: ForwardOptions,
    metrics: ForwardMetrics,
  ) {
    this.#upstreams = upstreams;
    this.#order = order;
    this.#options = options;
    this.#metrics = metrics;
    const { maxConnectAttempts = 2 * upstreams.length } = options;
    this.#maxFailures = Math.min(maxConnectAttempts || limits.forwardAttempts, limits.forwardAttempts);
  }

  /** From the first again behind the last. @param from the protocol of the client */
  async ask(request: Message, from: 'udp' | 'tcp'): Promise<Outcome> {
    const deadline = performance.now() + limits.forwardMs;
    const turn = new Turn(this.#order(this.#upstreams));
    let outcome: Outcome = NONE_HEALTHY;
    let unwanted: Message | undefined;
    let answers = 0;
    let failures = 0;
    while (failures < this.#maxFailures && performance.now() < deadline) {
      const healthy = turn.next();
      if (healthy === undefined) this.#metrics.healthCheckBroken.inc();
      const upstream = healthy ?? this.#lastResort();
      if (upstream === undefined) break;
      const isLast = deadline - performance.now() <= this.#options.readTimeoutMs;
      try {
        const message = await upstream.ask(request, from, deadline);
        answers++;
        if (!this.#options.failover.has(message.rcode) || answers >= this.#upstreams.length) {
          return { kind: 'answered', message };
        }
        unwanted = message;
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        outcome = { kind: 'failed', reason: reasonOf(error), error: error.message };
        failures++;
        // It had all the time that was left, even where the timer came a moment too soon.
        if (healthy === undefined || (isLast && error.timedOut)) break;
      }
    }
    return unwanted === undefined ? outcome : { kind: 'answered', message: unwanted };
  }

  /** All are down: then the checks may be what is broken. */
  #lastResort(): Upstream | undefined {
    return this.#options.failFast ? undefined : anyOf(this.#upstreams);
  }
}

/** Upstreams in their order, round and round, but for those that are down. */
class Turn {
  readonly #upstreams: readonly Upstream[];
  #at = 0;

  constructor(upstreams: readonly Upstream[]) {
    this.#upstreams = upstreams;
  }

  /** Undefined: all are down. */
  next(): Upstream | undefined {
    for (const _ of this.#upstreams) {
      const upstream = this.#upstreams[this.#at];
      this.#at = (this.#at + 1) % this.#upstreams.length;
      if (upstream !== undefined && !upstream.isDown) return upstream;
    }
    return undefined;
  }
}

function reasonOf(error: ExchangeError): Reason {
  if (error instanceof CertificateError) return reasons.upstreamCertificate;
  return error.timedOut ? reasons.upstreamTimeout : reasons.upstreamError;
}
