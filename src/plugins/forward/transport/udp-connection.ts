/** A connected UDP socket: its port is the kernel's choice, and the kernel lets only the upstream in. */

import { limits } from '../../../limits.ts';
import type { ConnectedSocket, ConnectedSockets, Taker } from '../../../net/connected-sockets.ts';
import type { SystemError } from '../../../net/system-error.ts';
import { addressText, type UpstreamAddress } from '../addresses.ts';
import { ExchangeError, systemText } from '../exchange.ts';
import type { Connection } from './connection.ts';
import type { Pending } from './pending.ts';

export class UdpConnection implements Connection, Taker {
  readonly #upstream: UpstreamAddress;
  readonly #socket: ConnectedSocket;
  #pending: Pending | undefined;
  #questions = 0;
  #isClosed = false;

  /** @throws {ExchangeError} there can be no such socket */
  constructor(sockets: ConnectedSockets, upstream: UpstreamAddress, sourceAddress: string | undefined) {
    this.#upstream = upstream;
    try {
      this.#socket = sockets.open(upstream, sourceAddress, this);
    } catch (error) {
      const { syscall } = error as SystemError;
      const to = addressText(upstream);
      throw new ExchangeError(`dial udp ${to}: ${syscall}: ${systemText(error as SystemError)}`);
    }
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
    const error = this.#socket.send(question.bytes);
    if (error !== undefined) this.#fail('write', error);
  }

  close(): void {
    this.#pending = undefined;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  // What comes from elsewhere the kernel drops (RFC 5452 §9.1); the rest is checked by the request.
  received(octets: Uint8Array): boolean {
    const pending = this.#pending;
    const reply = pending?.read(octets);
    if (pending === undefined || reply === undefined) return true;
    this.#pending = undefined;
    pending.answer(reply);
    return false;
  }

  failed(error: SystemError): void {
    this.#fail('read', error);
  }

  #fail(operation: 'read' | 'write', error: SystemError): void {
    const path = this.#pathText();
    const failure = new ExchangeError(`${operation} udp ${path}: ${operation}: ${systemText(error)}`);
    const pending = this.#pending;
    this.close();
    pending?.fail(failure);
  }

  #pathText(): string {
    const to = addressText(this.#upstream);
    return this.#isClosed ? to : `${addressText(this.#socket.localAddress)}->${to}`;
  }
}
