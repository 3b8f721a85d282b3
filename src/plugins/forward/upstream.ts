/** One upstream server, with the time that its answers take. */
import type { Message } from '../../dns/message.ts';
import { addressText, type UpstreamAddress } from './addresses.ts';
import type { ForwardMetrics } from './metrics.ts';
import { exchangeOverTcp } from './tcp-exchange.ts';
import { exchangeOverUdp } from './udp-exchange.ts';

export class Upstream {
  readonly #address: UpstreamAddress;
  readonly #metrics: ForwardMetrics;
  /** As metrics name it: `8.8.8.8:53`. */
  readonly #text: string;

  constructor(address: UpstreamAddress, metrics: ForwardMetrics) {
    this.#address = address;
    this.#metrics = metrics;
    this.#text = addressText(address);
  }

  /** @throws {ExchangeError} by rejection */
  async ask(request: Message, transport: 'udp' | 'tcp', timeoutMs: number): Promise<Message> {
    const exchange = { upstream: this.#address, request, timeoutMs };
    const startedAt = performance.now();
    const reply = await (transport === 'udp' ? exchangeOverUdp(exchange) : exchangeOverTcp(exchange));
    this.#metrics.observe(this.#text, reply.rcode, (performance.now() - startedAt) / 1000);
    return reply;
  }
}
