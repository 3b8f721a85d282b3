/** A server over UDP: one connected socket, so that its port is the kernel's choice and nobody else's replies come in. */
import { createSocket, type Socket } from 'node:dgram';
import type { Message, Question } from '../dns/index.ts';
import type { Nameserver } from './conf.ts';
import type { Line, Silence } from './line.ts';
import { type QueryOptions, queryBytes } from './match.ts';
import { Waiting } from './waiting.ts';

export class UdpLine implements Line {
  readonly #socket: Socket;
  readonly #query: QueryOptions;
  readonly #waiting = new Waiting();
  /** Settled once there is a connection, or will be none. */
  readonly #opened = Promise.withResolvers<void>();
  #ended: Silence | undefined;

  constructor({ host, port }: Nameserver, query: QueryOptions) {
    this.#query = query;
    this.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes) => this.#waiting.take(bytes));
    // A closed port, or no route to the server.
    this.#socket.on('error', () => this.#end('unreachable'));
    this.#socket.on('connect', () => this.#opened.resolve());
    this.#socket.connect(port, host);
  }

  async ask(question: Question, waitMs: number): Promise<Message | Silence> {
    const startedAt = performance.now();
    await this.#opened.promise;
    if (this.#ended !== undefined) return this.#ended;
    const bytes = queryBytes(this.#waiting.idOf(question), question, this.#query);
    const reply = this.#waiting.wait(question, waitMs - (performance.now() - startedAt));
    this.#socket.send(bytes, (error) => {
      if (error !== null) this.#end('unreachable');
    });
    return reply;
  }

  close(): void {
    this.#end('closed');
  }

  #end(silence: Silence): void {
    if (this.#ended !== undefined) return;
    this.#ended = silence;
    this.#opened.resolve();
    this.#waiting.end(silence);
    this.#socket.close();
  }
}
