/** One upstream server: asked over its own protocol, timed, and checked when it does not answer. */
import type { Message } from '../../dns/message.ts';
import { RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import type { ConnectedSockets } from '../../net/connected-sockets.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { addressText, type UpstreamEndpoint } from './addresses.ts';
import { ExchangeError } from './exchange.ts';
import { Health } from './health.ts';
import { questionMessage } from './messages.ts';
import type { ForwardMetrics, UpstreamMetrics } from './metrics.ts';
import type { ForwardOptions } from './options.ts';
import type { Asker, Transport } from './transport/transport.ts';
import { makeTransports, type Transports } from './transports.ts';

/** What all upstreams of the directive share. */
export interface Surroundings {
  readonly metrics: ForwardMetrics;
  readonly log: Logger;
  /** What UDP is spoken with; undefined: `node:dgram`. */
  readonly sockets: ConnectedSockets | undefined;
}

export class Upstream {
  /** As metrics and logs name it: `8.8.8.8:53`. */
  readonly text: string;
  readonly #metrics: UpstreamMetrics;
  readonly #options: ForwardOptions;
  readonly #transports: Transports;
  readonly #health: Health;
  #lastError = '';

  constructor(address: UpstreamEndpoint, options: ForwardOptions, { metrics, log, sockets }: Surroundings) {
    this.text = addressText(address);
    this.#metrics = metrics.of(this.text);
    this.#options = options;
    this.#transports = makeTransports(address, options, { pooled: this.#metrics.pooled, sockets });
    const { healthCheck, maxFails } = options;
    const request = questionMessage(healthCheck.domain, RrType.NS, healthCheck.recursionDesired);
    this.#health = new Health({
      check: () => this.#transportFor('udp').exchange(request, limits.forwardProbeMs),
      intervalMs: healthCheck.intervalMs,
      maxFails,
      onFailure: this.#metrics.healthCheckFailed,
      onDown: ({ message }) => {
        this.#lastError = message;
        log.warning(`upstream ${this.text} is down: ${message}`);
      },
      onUp: () => log.info(`upstream ${this.text} is back`),
    });
  }

  get isDown(): boolean {
    return this.#health.isDown;
  }

  /** Why the last check before it went down has failed. */
  get lastError(): string {
    return this.#lastError;
  }

  /** @param from the protocol of the client */
  ask(request: Message, from: 'udp' | 'tcp', deadline: number, asker: Asker): void {
    this.#exchange(this.#transportFor(from), request, deadline, asker);
  }

  /** What an exchange of its own has come to: counted, and handed on; or asked again, where UDP was too short for it. */
  answered(reply: Message, { transport, request, deadline, asker, startedAt }: Exchange): void {
    this.#metrics.observe(reply.rcode, (performance.now() - startedAt) / 1000);
    const { udp, tcp } = this.#transports;
    const isAskedAgain = reply.tc && this.#options.preferUdp && transport === udp && udp !== tcp;
    if (isAskedAgain) this.#exchange(tcp, request, deadline, asker);
    else asker.answered(reply);
  }

  failed(error: unknown, { asker }: Exchange): void {
    if (error instanceof ExchangeError) this.#health.suspect();
    asker.failed(error);
  }

  /** Nothing is checked any more; queries are still answered. */
  stopChecks(): void {
    this.#health.stop();
  }

  close(): void {
    this.#health.stop();
    for (const transport of new Set(Object.values(this.#transports))) transport.close();
  }

  #transportFor(from: 'udp' | 'tcp'): Transport {
    const { forceTcp, preferUdp } = this.#options;
    return this.#transports[forceTcp ? 'tcp' : preferUdp ? 'udp' : from];
  }

  #exchange(transport: Transport, request: Message, deadline: number, asker: Asker): void {
    const exchange = new Exchange(this, transport, request, deadline, asker);
    const timeoutMs = Math.min(this.#options.readTimeoutMs, deadline - exchange.startedAt);
    transport.ask(request, Math.max(0, timeoutMs), exchange);
  }
}

/** One question over one transport. */
class Exchange implements Asker {
  readonly startedAt = performance.now();
  readonly transport: Transport;
  readonly request: Message;
  readonly deadline: number;
  readonly asker: Asker;
  readonly #upstream: Upstream;

  constructor(upstream: Upstream, transport: Transport, request: Message, deadline: number, asker: Asker) {
    this.#upstream = upstream;
    this.transport = transport;
    this.request = request;
    this.deadline = deadline;
    this.asker = asker;
  }

  answered(reply: Message): void {
    this.#upstream.answered(reply, this);
  }

  failed(error: unknown): void {
    this.#upstream.failed(error, this);
  }
}
