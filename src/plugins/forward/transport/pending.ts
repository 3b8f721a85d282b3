/** A question under way on a connection. */
import type { Message } from '../../../dns/message.ts';
import { ExchangeError, HungUp, type Request } from '../exchange.ts';
import type { Connection } from './connection.ts';
import type { Asker } from './transport.ts';
import { Wait, type Waits } from './waits.ts';

/** Where connections come from, and go to when their questions end. */
export interface ConnectionSource {
  readonly waits: Waits;
  /** A new connection, for a question that the idle one did not carry. */
  askAnew(request: Request, timeoutMs: number, asker: Asker): void;
  give(connection: Connection): void;
}

export interface PendingParts {
  readonly source: ConnectionSource;
  readonly connection: Connection;
  readonly request: Request;
  readonly asker: Asker;
  /** Whether the connection has carried others before. */
  readonly wasIdle: boolean;
}

/** Ends once: with the answer, a failure, or the time-out. */
export class Pending extends Wait {
  /** Something came in, be it an answer or not. */
  heard = false;
  readonly #parts: PendingParts;

  constructor(parts: PendingParts, timeoutMs: number) {
    super();
    this.#parts = parts;
    parts.source.waits.begin(this, timeoutMs);
  }

  /** To be sent. */
  get bytes(): Uint8Array {
    return this.#parts.request.bytes;
  }

  /** Undefined: octets that answer another question are passed over. */
  read(bytes: Uint8Array): Message | undefined {
    return this.#parts.request.read(bytes);
  }

  answer(reply: Message): void {
    const { source, connection, asker } = this.#parts;
    source.waits.end(this);
    source.give(connection);
    asker.answered(reply);
  }

  fail(error: ExchangeError): void {
    this.#parts.source.waits.end(this);
    this.#failed(error);
  }

  override timeOut(): void {
    this.#failed(new ExchangeError(`${this.#parts.connection.where}: i/o timeout`, true));
  }

  #failed(error: ExchangeError): void {
    const { source, connection, request, asker, wasIdle } = this.#parts;
    // An answer that comes late must not meet another question.
    connection.close();
    // The upstream ended a connection that it found idle for too long (RFC 7766 §6.2.4).
    if (wasIdle && error instanceof HungUp) source.askAnew(request, this.dueMs - performance.now(), asker);
    else asker.failed(error);
  }
}
