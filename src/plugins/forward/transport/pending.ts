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

/** Ends once: with the answer, a failure, or the time-out. */
export class Pending extends Wait {
  /** Something came in, be it an answer or not. */
  heard = false;
  readonly #source: ConnectionSource;
  readonly #connection: Connection;
  readonly #request: Request;
  readonly #asker: Asker;
  /** Whether the connection has carried others before. */
  readonly #wasIdle: boolean;

  constructor(
    source: ConnectionSource,
    connection: Connection,
    request: Request,
    asker: Asker,
    wasIdle: boolean,
  ) {
    super();
    this.#source = source;
    this.#connection = connection;
    this.#request = request;
    this.#asker = asker;
    this.#wasIdle = wasIdle;
  }

  /** To be sent. */
  get bytes(): Uint8Array {
    return this.#request.bytes;
  }

  /** The time begins. */
  ask(timeoutMs: number): void {
    this.#source.waits.begin(this, timeoutMs);
    this.#connection.ask(this);
  }

  /** Undefined: octets that answer another question are passed over. */
  read(bytes: Uint8Array): Message | undefined {
    return this.#request.read(bytes);
  }

  answer(reply: Message): void {
    this.#source.waits.end(this);
    this.#source.give(this.#connection);
    this.#asker.answered(reply);
  }

  fail(error: ExchangeError): void {
    this.#source.waits.end(this);
    this.#failed(error);
  }

  override timeOut(): void {
    this.#failed(new ExchangeError(`${this.#connection.where}: i/o timeout`, true));
  }

  #failed(error: ExchangeError): void {
    // An answer that comes late must not meet another question.
    this.#connection.close();
    // The upstream ended a connection that it found idle for too long (RFC 7766 §6.2.4).
    const isAskedAgain = this.#wasIdle && error instanceof HungUp;
    if (isAskedAgain) this.#source.askAnew(this.#request, this.dueMs - performance.now(), this.#asker);
    else this.#asker.failed(error);
  }
}
