/** A connected UDP socket: its port is the kernel's choice, and the kernel lets only the upstream in. */
import { createSocket, type Socket } from 'node:dgram';
import type { Message } from '../../../dns/message.ts';
import { limits } from '../../../limits.ts';
import { addressText, type UpstreamAddress } from '../addresses.ts';
import { ExchangeError, type Request, systemText } from '../exchange.ts';
import { type Connection, Pending } from './connection.ts';

export class UdpConnection implements Connection {
  readonly #upstream: UpstreamAddress;
  readonly #socket: Socket;
  readonly #connected: Promise<void>;
  #pending: Pending | undefined;
  #questions = 0;
  #isClosed = false;

  constructor(upstream: UpstreamAddress, sourceAddress: string | undefined) {
    this.#upstream = upstream;
    this.#socket = createSocket(upstream.host.includes(':') ? 'udp6' : 'udp4');
    // What comes from elsewhere the kernel drops (RFC 5452 §9.1); the rest is checked by the request.
    this.#socket.on('message', (bytes) => this.#pending?.offer(bytes));
    this.#socket.on('error', (error) => this.#fail('read udp', 'read', error));
    this.#connected = this.#connect(sourceAddress);
  }

  /** After a number of questions it is not: another port makes a forger's guesses worthless. */
  get usable(): boolean {
    return !this.#isClosed && this.#questions < limits.forwardUdpQuestions;
  }

  ask(request: Request, timeoutMs: number): Promise<Message> {
    const pending = new Pending(request, timeoutMs, () => `read udp ${this.#pathText()}`);
    this.#pending = pending;
    if (this.#questions++ === 0) void this.#connected.then(() => this.#send(request.bytes));
    else this.#send(request.bytes);
    return pending.answer.finally(() => {
      this.#pending = undefined;
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  /** Settles when the socket can send; never where that failed, as the question is told. */
  #connect(sourceAddress: string | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { host, port } = this.#upstream;
    const connect = () =>
      this.#socket.connect(port, host, (error?: Error) => {
        if (error === undefined) resolve();
        else this.#fail('dial udp', 'connect', error);
      });
    if (sourceAddress === undefined) connect();
    else this.#socket.bind({ address: sourceAddress, port: 0, exclusive: true }, connect);
    return promise;
  }

  #send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#socket.send(bytes, (error) => {
      if (error !== null) this.#fail('write udp', 'write', error);
    });
  }

  #fail(operation: string, call: string, error: Error): void {
    this.#pending?.fail(new ExchangeError(`${operation} ${this.#pathText()}: ${call}: ${systemText(error)}`));
    this.close();
  }

  /** `10.0.0.2:4242->8.8.8.8:53`, or the upstream alone where there is no local address yet. */
  #pathText(): string {
    const to = addressText(this.#upstream);
    try {
      const { address, port } = this.#socket.address();
      return `${addressText({ host: address, port })}->${to}`;
    } catch {
      return to;
    }
  }
}
