/** A server over TCP: one connection, on which several questions may be under way. */
import { connect, type Socket } from 'node:net';
import type { Message, Question } from '../dns/index.ts';
import { FrameReader, frame } from '../dns/wire/frames.ts';
import type { Nameserver } from './conf.ts';
import type { Line, Silence } from './line.ts';
import { type QueryOptions, queryBytes } from './match.ts';
import { Waiting } from './waiting.ts';

export class TcpLine implements Line {
  readonly #socket: Socket;
  readonly #query: QueryOptions;
  readonly #waiting = new Waiting();
  #ended: Silence | undefined;

  constructor({ host, port }: Nameserver, query: QueryOptions) {
    this.#query = query;
    const frames = new FrameReader();
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      for (const bytes of frames.push(chunk)) this.#waiting.take(bytes);
    });
    this.#socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.#end(code === 'ECONNREFUSED' ? 'unreachable' : 'broken');
    });
    this.#socket.on('close', () => this.#end('broken'));
  }

  ask(question: Question, waitMs: number): Promise<Message | Silence> {
    if (this.#ended !== undefined) return Promise.resolve(this.#ended);
    // What is written before the connection stands waits for it.
    this.#socket.write(frame(queryBytes(this.#waiting.idOf(question), question, this.#query)));
    return this.#waiting.wait(question, waitMs);
  }

  close(): void {
    this.#end('closed');
  }

  #end(silence: Silence): void {
    if (this.#ended !== undefined) return;
    this.#ended = silence;
    this.#waiting.end(silence);
    this.#socket.destroy();
  }
}
