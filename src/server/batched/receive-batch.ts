/**
 * Datagrams of one `recvmmsg`, with all that its headers point to, in one piece of memory. Slots lie close together, for nearly all
 * datagrams are short: each far from the next would take the same few lines of the processor's cache as the next one.
 */
import { limits } from '../../limits.ts';
import { DATAGRAM_BYTES } from '../../net/datagram.ts';
import type { Native } from '../../net/native.ts';
import { type Memory, memoryOf } from '../memory.ts';
import { ENVELOPE, leaveInterfaceOpen } from './envelope.ts';
import { HEADER, IOVEC, Pointers } from './message-header.ts';

/** What a slot holds of a datagram: with the envelope ten lines of cache. */
const SHORT_BYTES = 560;
const SLOT_BYTES = ENVELOPE.bytes + SHORT_BYTES;
/** Of a longer one the rest goes to a place of its own, behind room for what the slot has of it. */
const IOVECS = 2;

export class ReceiveBatch {
  readonly slots: number;
  readonly memory: Memory;
  readonly #native: Native;
  /** The kernel has its address: it must live as long as this object. */
  readonly #buffer: ArrayBuffer;
  readonly #address: bigint;
  readonly #slotsAt: number;
  readonly #longAt: number;
  /** Slots whose lengths the kernel has overwritten. */
  #received: number;

  constructor(native: Native, slots: number = limits.udpBatchMessages) {
    this.slots = slots;
    this.#native = native;
    const iovecsAt = slots * HEADER.bytes;
    this.#slotsAt = iovecsAt + slots * IOVECS * IOVEC.bytes;
    this.#longAt = this.#slotsAt + slots * SLOT_BYTES;
    // Pages that no datagram has reached take no memory.
    this.#buffer = new ArrayBuffer(this.#longAt + slots * DATAGRAM_BYTES);
    this.memory = memoryOf(this.#buffer);
    this.#address = native.addressOf(this.#buffer);
    this.#received = slots;
    const pointers = new Pointers(this.memory.words, this.#address);
    for (let slot = 0; slot < slots; slot++) this.#point(slot, iovecsAt, pointers);
  }

  envelopeAt(slot: number): number {
    return this.#slotsAt + slot * SLOT_BYTES;
  }

  payloadAt(slot: number): number {
    const isShort = this.payloadLength(slot) <= SHORT_BYTES;
    return isShort ? this.envelopeAt(slot) + ENVELOPE.bytes : this.#longAt + slot * DATAGRAM_BYTES;
  }

  payloadLength(slot: number): number {
    return this.memory.words[(this.envelopeAt(slot) + ENVELOPE.payloadLengthAt) >> 2] ?? 0;
  }

  /** Whether anybody sent it: what a socket that is shut down gives has no sender. */
  hasSender(slot: number): boolean {
    return this.memory.words[(this.envelopeAt(slot) + ENVELOPE.nameLengthAt) >> 2] !== 0;
  }

  /** @returns the number of datagrams, from slot 0 on; -1 for an error */
  receive(fd: number, flags: number): number {
    const { words } = this.memory;
    for (let slot = 0; slot < this.#received; slot++) {
      const header = slot * HEADER.bytes;
      words[(header + HEADER.nameLengthAt) >> 2] = ENVELOPE.nameBytes;
      words[(header + HEADER.controlLengthAt) >> 2] = ENVELOPE.controlBytes;
    }
    this.#received = 0;
    const count = this.#native.recvmmsg(fd, this.#address, this.slots, flags);
    for (let slot = 0; slot < count; slot++) this.#take(slot);
    this.#received = Math.max(0, count);
    return count;
  }

  #point(slot: number, iovecsAt: number, pointers: Pointers): void {
    const { words } = this.memory;
    const header = slot * HEADER.bytes;
    const [short, rest] = [
      iovecsAt + slot * IOVECS * IOVEC.bytes,
      iovecsAt + (slot * IOVECS + 1) * IOVEC.bytes,
    ];
    const envelope = this.envelopeAt(slot);
    pointers.write(header + HEADER.nameAt, envelope + ENVELOPE.nameAt);
    pointers.write(header + HEADER.controlAt, envelope + ENVELOPE.controlAt);
    pointers.write(header + HEADER.iovecAt, short);
    words[(header + HEADER.iovecCountAt) >> 2] = IOVECS;
    pointers.write(short + IOVEC.baseAt, envelope + ENVELOPE.bytes);
    words[(short + IOVEC.lengthAt) >> 2] = SHORT_BYTES;
    pointers.write(rest + IOVEC.baseAt, this.#longAt + slot * DATAGRAM_BYTES + SHORT_BYTES);
    words[(rest + IOVEC.lengthAt) >> 2] = DATAGRAM_BYTES - SHORT_BYTES;
  }

  #take(slot: number): void {
    const { words, octets } = this.memory;
    const header = slot * HEADER.bytes;
    const envelope = this.envelopeAt(slot);
    const length = words[(header + HEADER.lengthAt) >> 2] ?? 0;
    words[(envelope + ENVELOPE.nameLengthAt) >> 2] = words[(header + HEADER.nameLengthAt) >> 2] ?? 0;
    words[(envelope + ENVELOPE.controlLengthAt) >> 2] = words[(header + HEADER.controlLengthAt) >> 2] ?? 0;
    words[(envelope + ENVELOPE.payloadLengthAt) >> 2] = length;
    leaveInterfaceOpen(this.memory, envelope);
    if (length <= SHORT_BYTES) return;
    const shortAt = envelope + ENVELOPE.bytes;
    octets.copyWithin(this.#longAt + slot * DATAGRAM_BYTES, shortAt, shortAt + SHORT_BYTES);
  }
}
