/** A connection over TCP, plain or with TLS, where each message comes behind its length. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Message } from '../../../dns/message.ts';
import { FrameReader, frame } from '../../../dns/wire/frames.ts';
import { addressText, type UpstreamAddress } from '../addresses.ts';
import { ExchangeError, HungUp, systemText } from '../exchange.ts';
import type { Connection } from './connection.ts';
import { dialError } from './dial.ts';
import type { Pending } from './pending.ts';

export class StreamConnection implements Connection {
  readonly #upstream: UpstreamAddress;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #where: string;
  #isReady = false;
  #isClosed = false;
  #pending: Pending | undefined;

  constructor(upstream: UpstreamAddress, socket: Socket) {
    this.#upstream = upstream;
    this.#socket = socket;
    this.#where = `dial tcp ${addressText(upstream)}`;
    socket.on(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => this.#ready());
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => this.#end('EOF'));
    // Without an error and without an end: destroyed from within.
    socket.on('close', () => this.#end('EOF'));
  }

  get usable(): boolean {
    return this.#isReady && !this.#isClosed;
  }

  get where(): string {
    return this.#where;
  }

  ask(question: Pending): void {
    this.#pending = question;
    // What is written before the connection stands waits for it.
    this.#socket.write(frame(question.bytes));
  }

  close(): void {
    this.#pending = undefined;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #ready(): void {
    this.#isReady = true;
    // A socket that failed does not know its address any more.
    const { localAddress = '', localPort = 0 } = this.#socket;
    this.#where = `read tcp ${addressText({ host: localAddress, port: localPort })}->${addressText(this.#upstream)}`;
  }

  #take(chunk: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) {
      // It speaks without being asked.
      this.close();
      return;
    }
    pending.heard = true;
    let reply: Message | undefined;
    for (const bytes of this.#frames.push(chunk)) reply ??= pending.read(bytes);
    if (reply === undefined) return;
    this.#pending = undefined;
    pending.answer(reply);
  }

  #fail(error: Error): void {
    if (!this.#isReady) {
      this.#failWith(dialError(error, this.#socket, this.#upstream));
      return;
    }
    const { syscall = 'read' } = error as NodeJS.ErrnoException;
    this.#end(`${syscall}: ${systemText(error)}`);
  }

  #end(text: string): void {
    const Failure = this.#isReady && this.#pending?.heard === false ? HungUp : ExchangeError;
    this.#failWith(new Failure(`${this.#where}: ${text}`));
  }

  #failWith(error: ExchangeError): void {
    const pending = this.#pending;
    this.close();
    pending?.fail(error);
  }
}
