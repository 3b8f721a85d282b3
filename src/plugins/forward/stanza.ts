/** One `forward` directive: which names it takes, and how it asks its upstreams. */
import type { Message } from '../../dns/message.ts';
import type { Name } from '../../dns/name.ts';
import { Rcode } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { reasons } from '../../reasons.ts';
import type { Query, UpstreamGate } from '../plugin.ts';
import { failure, makeReply, type Reply } from '../reply.ts';
import { addressText } from './addresses.ts';
import { ExchangeError } from './exchange.ts';
import type { ForwardMetrics } from './metrics.ts';
import type { ForwardOptions } from './options.ts';
import { makeOrder, type Order } from './policy.ts';
import { Upstream } from './upstream.ts';

/** Queries that wait for upstreams, over all stanzas of a block. */
export interface Waiting {
  queries: number;
}

interface Closure {
  readonly error: string;
  readonly except: (name: Name) => boolean;
}

export class Stanza implements UpstreamGate {
  readonly description: string;
  readonly #options: ForwardOptions;
  readonly #metrics: ForwardMetrics;
  readonly #upstreams: readonly Upstream[];
  readonly #order: Order;
  readonly #maxAttempts: number;
  readonly #waiting: Waiting;
  #inFlight = 0;
  #closure: Closure | undefined;

  constructor(options: ForwardOptions, metrics: ForwardMetrics, waiting: Waiting) {
    this.description = `forward ${options.from} ${options.upstreams.map(addressText).join(' ')}`;
    this.#options = options;
    this.#metrics = metrics;
    this.#waiting = waiting;
    this.#upstreams = options.upstreams.map((address) => new Upstream(address, metrics));
    this.#order = makeOrder(options.policy);
    this.#maxAttempts = Math.min(
      options.maxConnectAttempts || limits.forwardAttempts,
      limits.forwardAttempts,
    );
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

  /** Questions under way still get their answers. */
  disconnect(): void {
    for (const upstream of this.#upstreams) upstream.close();
  }

  forward(query: Query): Reply | Promise<Reply> {
    const closure = this.#closure;
    if (closure !== undefined && !closure.except(query.name)) {
      return failure(Rcode.SERVFAIL, reasons.forwardLoop, closure.error);
    }
    const { maxConcurrent } = this.#options;
    if (maxConcurrent > 0 && this.#inFlight >= maxConcurrent) return this.#refuse(maxConcurrent);
    if (this.#waiting.queries >= limits.forwardExchanges) return this.#refuse(limits.forwardExchanges);
    this.#inFlight++;
    this.#waiting.queries++;
    return this.#askAll(query).finally(() => {
      this.#inFlight--;
      this.#waiting.queries--;
    });
  }

  #refuse(maximum: number): Reply {
    this.#metrics.maxConcurrentRejects.inc();
    const error = `concurrent queries exceeded maximum ${maximum}`;
    return failure(Rcode.REFUSED, reasons.tooManyForwards, error);
  }

  /** One upstream after the other, from the first again behind the last, until one answers. */
  async #askAll(query: Query): Promise<Reply> {
    const deadline = performance.now() + limits.forwardMs;
    const upstreams = this.#order(this.#upstreams);
    const request = requestOf(query);
    let failed = new ExchangeError('no healthy proxies');
    for (let attempt = 0; attempt < this.#maxAttempts; attempt++) {
      const upstream = upstreams[attempt % upstreams.length];
      if (upstream === undefined || performance.now() >= deadline) break;
      const isLast = deadline - performance.now() <= this.#options.readTimeoutMs;
      try {
        return replyOf(query, await this.#ask(upstream, request, query.transport, deadline));
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        failed = error;
        // It had all the time that was left, even where the timer came a moment too soon.
        if (isLast && error.timedOut) break;
      }
    }
    const reason = failed.timedOut ? reasons.upstreamTimeout : reasons.upstreamError;
    return failure(Rcode.SERVFAIL, reason, failed.message);
  }

  async #ask(upstream: Upstream, request: Message, from: 'udp' | 'tcp', deadline: number): Promise<Message> {
    const { forceTcp, preferUdp, readTimeoutMs } = this.#options;
    const timeoutMs = () => Math.max(0, Math.min(readTimeoutMs, deadline - performance.now()));
    const transport = forceTcp ? 'tcp' : preferUdp ? 'udp' : from;
    const reply = await upstream.ask(request, transport, timeoutMs());
    const again = reply.tc && preferUdp && transport === 'udp';
    return again ? upstream.ask(request, 'tcp', timeoutMs()) : reply;
  }
}

/** The client's question, flags and EDNS; IXFR has an SOA record too (RFC 1995 §3). */
function requestOf({ message, name, type, class: rrClass }: Query): Message {
  return {
    ...{ id: 0, qr: false, opcode: message.opcode, aa: false, tc: false, ra: false, z: false, rcode: 0 },
    ...{ rd: message.rd, ad: message.ad, cd: message.cd },
    questions: [{ name, type, class: rrClass }],
    answer: message.answer,
    authority: message.authority,
    additional: message.additional,
    edns: message.edns,
  };
}

function replyOf(query: Query, message: Message): Reply {
  const { rcode, aa, tc, ra, ad, answer, authority, additional, edns } = message;
  return makeReply({
    // RFC 6891 §6.1.3: without EDNS there is no room for more than four bits.
    rcode: rcode > 0xf && query.message.edns === undefined ? Rcode.SERVFAIL : rcode,
    ...{ aa, tc, ra, ad, answer, authority, additional },
    ednsOptions: edns?.options ?? [],
    plugin: 'forward',
  });
}
