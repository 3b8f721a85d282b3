/** Asks the upstreams of a stanza for one query, one after the other, until one answers. */
import type { Message } from '../../dns/message.ts';
import { limits } from '../../limits.ts';
import { type Reason, reasons } from '../../reasons.ts';
import { CertificateError, ExchangeError } from './exchange.ts';
import type { ForwardMetrics } from './metrics.ts';
import type { ForwardOptions } from './options.ts';
import { anyOf, type Order } from './policy.ts';
import type { Asker } from './transport/transport.ts';
import type { Upstream } from './upstream.ts';

export type Outcome =
  | { readonly kind: 'answered'; readonly message: Message }
  | { readonly kind: 'failed'; readonly reason: Reason; readonly error: string };

const NONE_HEALTHY: Outcome = {
  kind: 'failed',
  reason: reasons.noHealthyUpstream,
  error: 'no healthy proxies',
};

/** Hears once how it ends; perhaps before `ask` returns. */
export interface Client {
  ended(outcome: Outcome): void;
  /** A defect. */
  threw(error: unknown): void;
}

export class Attempts {
  readonly #upstreams: readonly Upstream[];
  readonly #order: Order;
  readonly #course: Course;

  constructor(
    upstreams: readonly Upstream[],
    order: Order,
    options: ForwardOptions,
    metrics: ForwardMetrics,
  ) {
    this.#upstreams = upstreams;
    this.#order = order;
    const { maxConnectAttempts = 2 * upstreams.length } = options;
    const maxFailures = Math.min(maxConnectAttempts || limits.forwardAttempts, limits.forwardAttempts);
    this.#course = { upstreams, options, metrics, maxFailures };
  }

  /** From the first again behind the last. @param from the protocol of the client */
  ask(request: Message, from: 'udp' | 'tcp', client: Client): void {
    new Inquiry(this.#course, this.#order(this.#upstreams), request, from, client).askNext();
  }
}

/** What is the same for all queries. */
interface Course {
  readonly upstreams: readonly Upstream[];
  readonly options: ForwardOptions;
  readonly metrics: ForwardMetrics;
  readonly maxFailures: number;
}

/** The attempts for one query. */
class Inquiry implements Asker {
  readonly #course: Course;
  readonly #upstreams: readonly Upstream[];
  readonly #request: Message;
  readonly #from: 'udp' | 'tcp';
  readonly #client: Client;
  readonly #deadline = performance.now() + limits.forwardMs;
  /** Place of the upstream whose turn it is: round and round. */
  #at = 0;
  #outcome: Outcome = NONE_HEALTHY;
  #unwanted: Message | undefined;
  #answers = 0;
  #failures = 0;
  /** No other upstream is asked if this one fails: none is healthy. */
  #isLastResort = false;
  /** It has all the time that is left. */
  #isLast = false;

  /** @param upstreams in the order in which they are asked */
  constructor(
    course: Course,
    upstreams: readonly Upstream[],
    request: Message,
    from: 'udp' | 'tcp',
    client: Client,
  ) {
    this.#course = course;
    this.#upstreams = upstreams;
    this.#request = request;
    this.#from = from;
    this.#client = client;
  }

  askNext(): void {
    const { options, maxFailures } = this.#course;
    const leftMs = this.#deadline - performance.now();
    const upstream = this.#failures < maxFailures && leftMs > 0 ? this.#next() : undefined;
    if (upstream === undefined) {
      this.#end();
      return;
    }
    this.#isLast = leftMs <= options.readTimeoutMs;
    upstream.ask(this.#request, this.#from, this.#deadline, this);
  }

  answered(message: Message): void {
    const { options, upstreams } = this.#course;
    this.#answers++;
    if (!options.failover.has(message.rcode) || this.#answers >= upstreams.length) {
      this.#client.ended({ kind: 'answered', message });
      return;
    }
    this.#unwanted = message;
    this.askNext();
  }

  failed(error: unknown): void {
    if (!(error instanceof ExchangeError)) {
      this.#client.threw(error);
      return;
    }
    this.#outcome = { kind: 'failed', reason: reasonOf(error), error: error.message };
    this.#failures++;
    // It had all the time that was left, even where the timer came a moment too soon.
    if (this.#isLastResort || (this.#isLast && error.timedOut)) this.#end();
    else this.askNext();
  }

  #next(): Upstream | undefined {
    const healthy = this.#nextHealthy();
    this.#isLastResort = healthy === undefined;
    if (healthy !== undefined) return healthy;
    const { upstreams, options, metrics } = this.#course;
    metrics.healthCheckBroken.inc();
    // All are down: then the checks may be what is broken.
    return options.failFast ? undefined : anyOf(upstreams);
  }

  /** Undefined: all are down. */
  #nextHealthy(): Upstream | undefined {
    const upstreams = this.#upstreams;
    for (let count = 0; count < upstreams.length; count++) {
      const upstream = upstreams[this.#at];
      this.#at = (this.#at + 1) % upstreams.length;
      if (upstream !== undefined && !upstream.isDown) return upstream;
    }
    return undefined;
  }

  #end(): void {
    const unwanted = this.#unwanted;
    this.#client.ended(unwanted === undefined ? this.#outcome : { kind: 'answered', message: unwanted });
  }
}

function reasonOf(error: ExchangeError): Reason {
  if (error instanceof CertificateError) return reasons.upstreamCertificate;
  return error.timedOut ? reasons.upstreamTimeout : reasons.upstreamError;
}
