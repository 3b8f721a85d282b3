/** A connected UDP socket of Node's: where native calls cannot be had. */
import { createSocket, type Socket } from 'node:dgram';
import { limits } from '../../../limits.ts';
import { addressText, type UpstreamAddress } from '../addresses.ts';
import { ExchangeError, systemText } from '../exchange.ts';
import type { Connection } from './connection.ts';
import type { Pending } from './pending.ts';

export class DgramConnection implements Connection {
  readonly #upstream: UpstreamAddress;
  readonly #socket: Socket;
  #isConnected = false;
  #pending: Pending | undefined;
  #questions = 0;
  #isClosed = false;

  constructor(upstream: UpstreamAddress, sourceAddress: string | undefined) {
    this.#upstream = upstream;
    this.#socket = createSocket(upstream.host.includes(':') ? 'udp6' : 'udp4');
    // What comes from elsewhere the kernel drops (RFC 5452 §9.1); the rest is checked by the request.
    this.#socket.on('message', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#fail('read udp', 'read', error));
    this.#connect(sourceAddress);
  }

  /** After a number of questions it is not: another port makes a forger's guesses worthless. */
  get usable(): boolean {
    return !this.#isClosed && this.#questions < limits.forwardUdpQuestions;
  }

  get where(): string {
    return `read udp ${this.#pathText()}`;
  }

  ask(question: Pending): void {
    this.#questions++;
    this.#pending = question;
    if (this.#isConnected) this.#send(question.bytes);
  }

  close(): void {
    this.#pending = undefined;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  #take(bytes: Uint8Array): void {
    const pending = this.#pending;
    const reply = pending?.read(bytes);
    if (pending === undefined || reply === undefined) return;
    this.#pending = undefined;
    pending.answer(reply);
  }

  #connect(sourceAddress: string | undefined): void {
    const { host, port } = this.#upstream;
    const connect = () =>
      this.#socket.connect(port, host, (error?: Error) => {
        if (error === undefined) this.#connected();
        else this.#fail('dial udp', 'connect', error);
      });
    if (sourceAddress === undefined) connect();
    else this.#socket.bind({ address: sourceAddress, port: 0, exclusive: true }, connect);
  }

  #connected(): void {
    this.#isConnected = true;
    if (this.#pending !== undefined) this.#send(this.#pending.bytes);
  }

  #send(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.send(bytes, this.#sent);
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.#fail('write udp', 'write', error);
  };

  #fail(operation: string, call: string, error: Error): void {
    const failure = new ExchangeError(`${operation} ${this.#pathText()}: ${call}: ${systemText(error)}`);
    const pending = this.#pending;
    this.close();
    pending?.fail(failure);
  }

  /** The upstream alone where there is no local address yet. */
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
