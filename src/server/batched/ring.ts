/** Datagrams on their way from one thread to another: a ring in shared memory with one writer and one reader, both without locks. */
import { limits } from '../../limits.ts';
import { type Memory, memoryOf } from '../memory.ts';
import { copyEnvelope, copyPayload, ENVELOPE } from './envelope.ts';

/** Counters in front of the ring, in words of their own cache lines: octets written, octets read, datagrams refused. */
const WRITTEN = 0;
const READ = 16;
const REFUSED = 32;
const CONTROL_BYTES = 192;

/** In place of a payload length: nothing more up to the end, go on at the beginning. */
const SKIP = -1;

export class Ring {
  readonly shared: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #memory: Memory;
  readonly #capacity: number;
  /** The writer's: octets written that the reader does not know of yet. */
  #written: number;

  /** @param shared the other side's; default: a new one, of a size that is a power of two */
  constructor(shared = new SharedArrayBuffer(CONTROL_BYTES + limits.udpRingBytes)) {
    this.shared = shared;
    this.#control = new Int32Array(shared, 0, CONTROL_BYTES >> 2);
    this.#memory = memoryOf(shared, CONTROL_BYTES);
    this.#capacity = shared.byteLength - CONTROL_BYTES;
    this.#written = Atomics.load(this.#control, WRITTEN);
  }

  get memory(): Memory {
    return this.#memory;
  }

  /** Copies a datagram in; where there is no room, it is counted and false. The reader sees it after `publish`. */
  push(from: Memory, envelopeAt: number, payloadAt: number, length: number): boolean {
    const bytes = recordBytes(length);
    let at = this.#written & (this.#capacity - 1);
    const toEnd = this.#capacity - at;
    const skipped = bytes > toEnd ? toEnd : 0;
    const used = (this.#written - Atomics.load(this.#control, READ)) | 0;
    if (used + skipped + bytes > this.#capacity) {
      Atomics.add(this.#control, REFUSED, 1);
      return false;
    }
    if (skipped > 0) {
      this.#memory.words[(at + ENVELOPE.payloadLengthAt) >> 2] = SKIP;
      at = 0;
    }
    copyEnvelope(from, envelopeAt, this.#memory, at);
    copyPayload(from, payloadAt, this.#memory, at + ENVELOPE.bytes, length);
    this.#written = (this.#written + skipped + bytes) | 0;
    return true;
  }

  publish(): void {
    Atomics.store(this.#control, WRITTEN, this.#written);
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#control, WRITTEN) === Atomics.load(this.#control, READ);
  }

  /**
   * Gives what is there, the oldest first. The place is the writer's again when `visit` returns.
   * @param most datagrams at most
   * @param visit the octet of `memory` at which the envelope begins; the payload is behind it
   * @returns how many there were
   */
  take(most: number, visit: (envelopeAt: number, length: number) => void): number {
    const written = Atomics.load(this.#control, WRITTEN);
    let read = Atomics.load(this.#control, READ);
    let count = 0;
    while (read !== written && count < most) {
      const at = read & (this.#capacity - 1);
      // So near to the end that not even the mark had room: the same.
      const length = this.#memory.words[(at + ENVELOPE.payloadLengthAt) >> 2] ?? SKIP;
      if (length === SKIP) {
        read = (read + this.#capacity - at) | 0;
        continue;
      }
      visit(at, length);
      count++;
      read = (read + recordBytes(length)) | 0;
      Atomics.store(this.#control, READ, read);
    }
    return count;
  }

  /** Datagrams that found no room since this was asked for last. */
  takeRefused(): number {
    return Atomics.exchange(this.#control, REFUSED, 0);
  }
}

const ALIGNMENT_BYTES = 8;

function recordBytes(length: number): number {
  return ENVELOPE.bytes + Math.ceil(length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
