/** A connection that carries one question at a time, and the question under way on it. */
import type { Message } from '../../../dns/message.ts';
import { ExchangeError, type Request } from '../exchange.ts';

export interface Connection {
  /** May it carry another question? False for good once it is. */
  readonly usable: boolean;
  /** One at a time. @throws {ExchangeError} by rejection */
  ask(request: Request, timeoutMs: number): Promise<Message>;
  close(): void;
}

/** Settles once: with the answer, a failure, or the time-out. */
export class Pending {
  readonly answer: Promise<Message>;
  /** Something came in, be it an answer or not. */
  heard = false;
  readonly #read: Request['read'];
  readonly #resolve: (reply: Message) => void;
  readonly #reject: (error: ExchangeError) => void;
  readonly #timer: NodeJS.Timeout;

  /** `where` begins the message of the time-out: `read udp 10.0.0.2:4242->8.8.8.8:53`. */
  constructor(request: Request, timeoutMs: number, where: () => string) {
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    this.answer = promise;
    this.#read = request.read;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(
      () => reject(new ExchangeError(`${where()}: i/o timeout`, true)),
      Math.max(0, timeoutMs),
    );
  }

  /** Octets that answer another question are passed over. */
  offer(bytes: Uint8Array): void {
    const reply = this.#read(bytes);
    if (reply === undefined) return;
    clearTimeout(this.#timer);
    this.#resolve(reply);
  }

  fail(error: ExchangeError): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }
}
