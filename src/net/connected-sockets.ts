/** UDP sockets that speak to one peer each: the kernel chooses their ports, and lets only that peer in. */
import { isIPv6 } from 'node:net';
import { limits } from '../limits.ts';
import { DATAGRAM_BYTES } from './datagram.ts';
import type { Native } from './native.ts';
import { ReadableSockets } from './readable-sockets.ts';
import { AF_INET, AF_INET6, readSocketName, type SocketAddress, socketName } from './socket-name.ts';
import { type SystemError, systemError } from './system-error.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const LONGEST_NAME_BYTES = 28;
const EAGAIN = 11;
const LOCAL = { host: '', port: 0 };

export interface Taker {
  /**
   * The octets are theirs until it returns.
   * @returns whether the next datagram that is there is wanted now
   */
  received(octets: Uint8Array): boolean;
  /** It could not be read, mostly because an ICMP message came: nobody listens there. */
  failed(error: SystemError): void;
}

export class ConnectedSockets {
  readonly #native: Native;
  readonly #readable: ReadableSockets;
  /** The kernel has their addresses: they must live as long as this object. Pages that no datagram reaches take no memory. */
  readonly #received = new Uint8Array(DATAGRAM_BYTES);
  readonly #sent = new Uint8Array(DATAGRAM_BYTES);
  readonly #receivedAddress: bigint;
  readonly #sentAddress: bigint;

  constructor(native: Native) {
    this.#native = native;
    this.#readable = new ReadableSockets(native);
    this.#receivedAddress = native.addressOf(this.#received.buffer);
    this.#sentAddress = native.addressOf(this.#sent.buffer);
  }

  /**
   * @param source the local address; undefined: the system's choice
   * @throws {SystemError} what cannot be done, and why
   */
  open(peer: SocketAddress, source: string | undefined, taker: Taker): ConnectedSocket {
    const native = this.#native;
    const family = isIPv6(peer.host) ? AF_INET6 : AF_INET;
    const fd = native.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw systemError(native, 'socket');
    try {
      if (source !== undefined) {
        const name = socketName({ host: source, port: 0 });
        if (native.bind(fd, name, name.byteLength) < 0) throw systemError(native, 'bind');
      }
      const name = socketName(peer);
      if (native.connect(fd, name, name.byteLength) < 0) throw systemError(native, 'connect');
      const place = this.#readable.add(fd, () => this.#read(fd, taker));
      return new ConnectedSocket(this, fd, place);
    } catch (error) {
      native.close(fd);
      throw error;
    }
  }

  /** @returns the error where the kernel does not take it */
  send(fd: number, octets: Uint8Array): SystemError | undefined {
    this.#sent.set(octets);
    const sent = this.#native.write(fd, this.#sentAddress, octets.length);
    return sent < 0 ? systemError(this.#native, 'write') : undefined;
  }

  localAddress(fd: number): SocketAddress {
    const name = new ArrayBuffer(LONGEST_NAME_BYTES);
    const length = new Uint32Array([LONGEST_NAME_BYTES]);
    return this.#native.getsockname(fd, name, length.buffer) < 0 ? LOCAL : readSocketName(name);
  }

  close(fd: number, place: number): void {
    this.#native.close(fd);
    this.#readable.remove(place);
  }

  #read(fd: number, taker: Taker): void {
    // What is left then is read in the next turn: others come first.
    for (let count = 0; count < limits.udpSocketDatagrams; count++) {
      const length = this.#native.read(fd, this.#receivedAddress, DATAGRAM_BYTES);
      if (length < 0) {
        const errno = this.#native.errno();
        if (errno !== EAGAIN) taker.failed(systemError(this.#native, 'read'));
        return;
      }
      if (!taker.received(this.#received.subarray(0, length))) return;
    }
  }
}

export class ConnectedSocket {
  readonly #sockets: ConnectedSockets;
  readonly #fd: number;
  readonly #place: number;

  constructor(sockets: ConnectedSockets, fd: number, place: number) {
    this.#sockets = sockets;
    this.#fd = fd;
    this.#place = place;
  }

  /** @returns the error where the kernel does not take it, mostly that of a datagram before it */
  send(octets: Uint8Array): SystemError | undefined {
    return this.#sockets.send(this.#fd, octets);
  }

  get localAddress(): SocketAddress {
    return this.#sockets.localAddress(this.#fd);
  }

  /** Once. */
  close(): void {
    this.#sockets.close(this.#fd, this.#place);
  }
}
