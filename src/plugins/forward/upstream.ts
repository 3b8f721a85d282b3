/** One upstream server, with the time that its answers take. */
import type { Message } from '../../dns/message.ts';
import { limits } from '../../limits.ts';
import { addressText, type UpstreamAddress } from './addresses.ts';
import type { ForwardMetrics } from './metrics.ts';
import { makeTransport } from './transport/make-transport.ts';
import type { Transport } from './transport/transport.ts';

export class Upstream {
  readonly #transports: Readonly<Record<'udp' | 'tcp', Transport>>;
  readonly #metrics: ForwardMetrics;
  /** As metrics name it: `8.8.8.8:53`. */
  readonly #text: string;

  constructor(upstream: UpstreamAddress, metrics: ForwardMetrics) {
    const options = {
      ...{ upstream, expireMs: limits.forwardExpireMs, maxAgeMs: 0, maxIdleConnections: 0 },
      ...{ sourceAddress: undefined, pooled: () => {} },
    };
    this.#transports = {
      udp: makeTransport({ ...options, protocol: 'udp' }),
      tcp: makeTransport({ ...options, protocol: 'tcp' }),
    };
    this.#metrics = metrics;
    this.#text = addressText(upstream);
  }

  /** @throws {ExchangeError} by rejection */
  async ask(request: Message, protocol: 'udp' | 'tcp', timeoutMs: number): Promise<Message> {
    const startedAt = performance.now();
    const reply = await this.#transports[protocol].exchange(request, timeoutMs);
    this.#metrics.observe(this.#text, reply.rcode, (performance.now() - startedAt) / 1000);
    return reply;
  }

  close(): void {
    for (const transport of Object.values(this.#transports)) transport.close();
  }
}
