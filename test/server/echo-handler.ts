/** Answers messages with themselves: at once, or those that begin with `slow` when the test says so. */
import type { Octets, Packet } from '../../src/server/engine.ts';
import type { PacketHandler } from '../../src/server/udp.ts';

export class EchoHandler implements PacketHandler {
  readonly packets: Packet[] = [];
  readonly drops: string[] = [];
  readonly #held: (() => void)[] = [];

  handle(packet: Packet): Octets | Promise<Octets> {
    this.packets.push(packet);
    const { bytes } = packet;
    if (!Buffer.from(bytes).toString('latin1').startsWith('slow')) return bytes;
    return new Promise((resolve) => this.#held.push(() => resolve(bytes)));
  }

  dropped(reason: string): void {
    this.drops.push(reason);
  }

  /** Answers so many of the slow messages that came first; default: all. */
  release(count = this.#held.length): void {
    for (const answer of this.#held.splice(0, count)) answer();
  }
}
