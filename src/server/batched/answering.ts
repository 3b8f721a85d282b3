/** From datagrams to replies, on the main thread. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pooledCopy } from '../../dns/wire/pool.ts';
import type { Native } from '../../net/native.ts';
import type { Peer } from '../../plugins/plugin.ts';
import type { Memory } from '../memory.ts';
import type { PacketHandler } from '../udp.ts';
import { Destinations } from './destinations.ts';
import { localAt, peerAt } from './peer.ts';
import { Sender } from './sender.ts';

const WAIT_POLL_MS = 10;

export class Answering {
  readonly #handler: PacketHandler;
  readonly #bound: Peer;
  readonly #sender: Sender;
  readonly #destinations = new Destinations();
  #waiting = 0;
  #isEnded = false;

  /** @param bound the address of the sockets */
  constructor(native: Native, handler: PacketHandler, bound: Peer) {
    this.#handler = handler;
    this.#bound = bound;
    this.#sender = new Sender(native, () => handler.dropped('udp-unsent'));
  }

  /**
   * The reply is sent with `flush`, or later. The memory is the caller's again at once.
   * @param fd the socket that the datagram came by, and that the reply leaves by
   */
  receive(fd: number, memory: Memory, envelopeAt: number, payloadAt: number, length: number): void {
    try {
      this.#answer(fd, memory, envelopeAt, payloadAt, length);
    } catch (error) {
      // A defect: for the process to hear of. The next datagram is answered all the same.
      setImmediate(() => {
        throw error;
      });
    }
  }

  flush(): void {
    this.#sender.flush();
  }

  /** Resolves when no answer is waited for, or it is too late: a moment of `performance.now()`. */
  async untilAnswered(deadline: number): Promise<void> {
    while (this.#waiting > 0 && performance.now() < deadline) await sleep(WAIT_POLL_MS);
  }

  /** Sends what is there; later answers have nowhere to go. */
  end(): void {
    this.#sender.flush();
    this.#isEnded = true;
  }

  #answer(fd: number, memory: Memory, envelopeAt: number, payloadAt: number, length: number): void {
    const reply = this.#handler.handle({
      // A copy: the message may be kept, and its place may not.
      bytes: pooledCopy(memory.octets, length, payloadAt),
      client: peerAt(memory, envelopeAt),
      local: localAt(memory, envelopeAt, this.#bound),
      transport: 'udp',
    });
    if (reply === undefined) return;
    if (!(reply instanceof Promise)) {
      this.#sender.add(fd, reply, memory, envelopeAt);
      return;
    }
    this.#waiting++;
    const place = this.#destinations.keep(fd, memory, envelopeAt);
    void reply.then((octets) => this.#answerLater(place, octets));
  }

  #answerLater(place: number, octets: Uint8Array | undefined): void {
    this.#waiting--;
    this.#destinations.take(place, (fd, envelope, envelopeAt) => {
      if (octets === undefined) return;
      if (this.#isEnded) this.#handler.dropped('udp-unsent');
      else this.#sender.addLater(fd, octets, envelope, envelopeAt);
    });
  }
}
