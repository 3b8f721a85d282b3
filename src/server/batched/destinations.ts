/** Where replies go that are waited for: envelopes side by side, for an object of its own for each would cost more than all the rest of it. */
import { type Memory, memoryOf } from '../memory.ts';
import { copyEnvelope, ENVELOPE } from './envelope.ts';

/** Places that are made at a time. */
const BLOCK_PLACES = 256;

interface Block {
  readonly memory: Memory;
  /** Sockets that the queries came by. */
  readonly fds: Int32Array;
}

export class Destinations {
  readonly #blocks: Block[] = [];
  readonly #free: number[] = [];

  /** Keeps where to send a reply that is not there yet. @returns its place, for `take` */
  keep(fd: number, from: Memory, envelopeAt: number): number {
    const place = this.#free.pop() ?? this.#grow();
    const { memory, fds } = this.#blockOf(place);
    const index = place % BLOCK_PLACES;
    copyEnvelope(from, envelopeAt, memory, index * ENVELOPE.bytes);
    fds[index] = fd;
    return place;
  }

  /** Calls `use` with what was kept, and forgets it. */
  take(place: number, use: (fd: number, envelope: Memory, envelopeAt: number) => void): void {
    const { memory, fds } = this.#blockOf(place);
    const index = place % BLOCK_PLACES;
    this.#free.push(place);
    use(fds[index] as number, memory, index * ENVELOPE.bytes);
  }

  #grow(): number {
    const first = this.#blocks.length * BLOCK_PLACES;
    const memory = memoryOf(new ArrayBuffer(BLOCK_PLACES * ENVELOPE.bytes));
    this.#blocks.push({ memory, fds: new Int32Array(BLOCK_PLACES) });
    for (let place = first + BLOCK_PLACES - 1; place > first; place--) this.#free.push(place);
    return first;
  }

  #blockOf(place: number): Block {
    return this.#blocks[Math.trunc(place / BLOCK_PLACES)] as Block;
  }
}
