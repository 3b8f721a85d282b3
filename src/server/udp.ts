/** One UDP socket: every datagram is a query, every answer a datagram. */
import { createSocket, type RemoteInfo, type Socket, type SocketType } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';
import type { Peer } from '../plugins/plugin.ts';
import type { SharedAnswers } from './answers/answer-reader.ts';
import { type FindOctets, findOctetsAmong } from './answers/octet-answers.ts';
import type { Octets, Packet } from './engine.ts';
import type { DropReason } from './events.ts';
import { errorCode, familyOf, type ListenAddress, ListenError, peerOf } from './listen-address.ts';

/** Who answers what a socket gets, and hears of what is lost. */
export interface PacketHandler {
  handle(packet: Packet): Octets | Promise<Octets>;
  dropped(reason: DropReason): void;
}

/** Turns of the event loop in which datagrams that the kernel holds already are still read. */
const DRAIN_TURNS = 3;
const DRAIN_POLL_MS = 10;

export class UdpListener {
  readonly #socket: Socket;
  readonly #local: Peer;
  readonly #handler: PacketHandler;
  readonly #find: FindOctets;
  #waiting = 0;
  /** Datagrams of which the socket has not said yet that the kernel has them. */
  #unsent = 0;
  /** Answers that come later have nowhere to go. */
  #isClosed = false;

  private constructor(socket: Socket, handler: PacketHandler, answers: SharedAnswers | undefined) {
    this.#socket = socket;
    this.#handler = handler;
    this.#find = findOctetsAmong(answers);
    const bound = socket.address();
    this.#local = peerOf(bound.address, bound.port);
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
    // An ICMP error for an earlier reply; the socket goes on.
    socket.on('error', () => handler.dropped('udp-unsent'));
  }

  /**
   * @param answers what may be repeated without asking the handler
   * @throws {ListenError} the address cannot be bound
   */
  static async listen(
    address: ListenAddress,
    handler: PacketHandler,
    answers?: SharedAnswers,
  ): Promise<UdpListener> {
    try {
      return new UdpListener(await bind(address), handler, answers);
    } catch (error) {
      throw new ListenError('udp', address, error);
    }
  }

  get port(): number {
    return this.#local.port;
  }

  /** Reads what has arrived already, waits a while for answers under way, then closes. */
  async close(): Promise<void> {
    for (let turn = 0; turn < DRAIN_TURNS; turn++) await nextTurn();
    const deadline = performance.now() + limits.drainMs;
    while (this.#waiting > 0 && performance.now() < deadline) await sleep(DRAIN_POLL_MS);
    const closed = once(this.#socket, 'close');
    this.#isClosed = true;
    this.#socket.close();
    await closed;
  }

  #receive(bytes: Uint8Array, from: RemoteInfo): void {
    // Nothing can be sent to port 0: a spoofed source.
    if (from.port === 0) return;
    const known = this.#find(bytes, familyOf(from.address));
    if (known !== undefined) {
      this.#send(known, from);
      return;
    }
    const reply = this.#handler.handle({
      bytes,
      client: peerOf(from.address, from.port),
      local: this.#local,
      transport: 'udp',
    });
    if (!(reply instanceof Promise)) {
      this.#send(reply, from);
      return;
    }
    this.#waiting++;
    void reply.then((octets) => {
      this.#waiting--;
      this.#send(octets, from);
    });
  }

  #send(octets: Octets, to: RemoteInfo): void {
    if (octets === undefined) return;
    const isQueued = this.#unsent > 0;
    if (this.#isClosed || (isQueued && this.#socket.getSendQueueSize() > limits.udpUnsentBytes)) {
      this.#handler.dropped('udp-unsent');
      return;
    }
    this.#unsent++;
    this.#socket.send(octets, to.port, to.address, this.#sent);
  }

  readonly #sent = (error: Error | null): void => {
    this.#unsent--;
    if (error !== null) this.#handler.dropped('udp-unsent');
  };
}

/** The wildcard address takes IPv4 clients too; where the machine has no IPv6, it is IPv4 alone. */
async function bind(address: ListenAddress): Promise<Socket> {
  if (address.host !== '')
    return bindTo(address.host.includes(':') ? 'udp6' : 'udp4', address.host, address.port);
  try {
    return await bindTo('udp6', '::', address.port);
  } catch (error) {
    if (errorCode(error) !== 'EAFNOSUPPORT' && errorCode(error) !== 'EADDRNOTAVAIL') throw error;
    return bindTo('udp4', '0.0.0.0', address.port);
  }
}

async function bindTo(type: SocketType, host: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type,
    recvBufferSize: limits.udpReceiveBufferBytes,
    // `dgram` looks each destination up before it sends, which takes a turn: whom we send to is an address already.
    lookup: (address, _options, done) => done(null, address, type === 'udp6' ? 6 : 4),
  });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: host, port, exclusive: true });
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
