/** A transport whose connections carry one question at a time: UDP, TCP and DNS over TLS. */
import type { Message } from '../../../dns/message.ts';
import { Request } from '../exchange.ts';
import type { Connection } from './connection.ts';
import { IdlePool } from './idle-pool.ts';
import { type ConnectionSource, Pending } from './pending.ts';
import type { Asker, ConnectionOptions, Protocol, Transport } from './transport.ts';
import { Waits } from './waits.ts';

export class PooledTransport implements Transport, ConnectionSource {
  readonly waits = new Waits();
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

  exchange(message: Message, timeoutMs: number): Promise<Message> {
    return new Promise((answered, failed) => this.ask(message, timeoutMs, { answered, failed }));
  }

  ask(message: Message, timeoutMs: number, asker: Asker): void {
    let request: Request;
    try {
      request = new Request(message);
    } catch (error) {
      asker.failed(error);
      return;
    }
    this.#ask(request, this.#pool.take(), timeoutMs, asker);
  }

  askAnew(request: Request, timeoutMs: number, asker: Asker): void {
    this.#ask(request, undefined, timeoutMs, asker);
  }

  give(connection: Connection): void {
    this.#pool.give(connection);
  }

  close(): void {
    this.#pool.close();
  }

  #ask(request: Request, idle: Connection | undefined, timeoutMs: number, asker: Asker): void {
    const wasIdle = idle !== undefined;
    this.#options.pooled(this.#protocol, wasIdle);
    let connection: Connection;
    try {
      connection = idle ?? this.#open();
    } catch (error) {
      // A certificate that cannot be used, perhaps.
      asker.failed(error);
      return;
    }
    new Pending(this, connection, request, asker, wasIdle).ask(timeoutMs);
  }

  #open(): Connection {
    const connection = this.#connect();
    this.#pool.made(connection);
    return connection;
  }
}
