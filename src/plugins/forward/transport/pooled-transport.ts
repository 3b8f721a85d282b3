/** A transport whose connections carry one question at a time: UDP, TCP and DNS over TLS. */
import type { Message } from '../../../dns/message.ts';
import { HungUp, makeRequest, type Request } from '../exchange.ts';
import type { Connection } from './connection.ts';
import { IdlePool } from './idle-pool.ts';
import type { ConnectionOptions, Protocol, Transport } from './transport.ts';

export class PooledTransport implements Transport {
  readonly #protocol: Protocol;
  readonly #options: ConnectionOptions;
  readonly #connect: () => Connection;
  readonly #pool: IdlePool;

  constructor(protocol: Protocol, options: ConnectionOptions, connect: () => Connection) {
    this.#protocol = protocol;
    this.#options = options;
    this.#connect = connect;
    this.#pool = new IdlePool(options);
  }

  async exchange(message: Message, timeoutMs: number): Promise<Message> {
    const deadline = performance.now() + timeoutMs;
    const request = makeRequest(message);
    const idle = this.#pool.take();
    if (idle === undefined) return this.#ask(this.#open(), request, timeoutMs);
    this.#options.pooled(this.#protocol, true);
    try {
      return await this.#ask(idle, request, timeoutMs);
    } catch (error) {
      // The upstream ended a connection that it found idle for too long (RFC 7766 §6.2.4).
      if (!(error instanceof HungUp)) throw error;
      return this.#ask(this.#open(), request, deadline - performance.now());
    }
  }

  close(): void {
    this.#pool.close();
  }

  #open(): Connection {
    this.#options.pooled(this.#protocol, false);
    const connection = this.#connect();
    this.#pool.made(connection);
    return connection;
  }

  async #ask(connection: Connection, request: Request, timeoutMs: number): Promise<Message> {
    try {
      const reply = await connection.ask(request, timeoutMs);
      this.#pool.give(connection);
      return reply;
    } catch (error) {
      // An answer that comes late must not meet another question.
      connection.close();
      throw error;
    }
  }
}
