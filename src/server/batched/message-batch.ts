/** Datagrams for `recvmmsg` and `sendmmsg`: an array of `struct mmsghdr` with all that it points to, in one piece of memory. */
import { limits } from '../../limits.ts';
import { type Memory, memoryOf } from '../memory.ts';
import { copyEnvelope, ENVELOPE, leaveInterfaceOpen } from './envelope.ts';
import type { Native } from './native.ts';

/** `struct mmsghdr` and `struct iovec` as 64-bit Linux has them. */
const HEADER_BYTES = 64;
const NAME_AT = 0;
const NAME_LENGTH_AT = 8;
const IOVEC_AT = 16;
const IOVEC_COUNT_AT = 24;
const CONTROL_AT = 32;
const CONTROL_LENGTH_AT = 40;
const LENGTH_AT = 56;
const IOVEC_BYTES = 16;
const IOVEC_LENGTH_AT = 8;

export const MSG_DONTWAIT = 0x40;

/** The largest datagram that there is, and more: UDP's own header has 16 bits for the length. */
const PAYLOAD_BYTES = 65_536;

export class MessageBatch {
  readonly slots: number;
  readonly memory: Memory;
  readonly #native: Native;
  /** The kernel has its address: it must live as long as this object. */
  readonly #buffer: ArrayBuffer;
  readonly #address: bigint;
  readonly #iovecsAt: number;
  readonly #envelopesAt: number;
  readonly #payloadsAt: number;
  /** Slots whose lengths the kernel has overwritten. */
  #received: number;

  constructor(native: Native, slots: number = limits.udpBatchMessages) {
    this.slots = slots;
    this.#native = native;
    this.#iovecsAt = slots * HEADER_BYTES;
    this.#envelopesAt = this.#iovecsAt + slots * IOVEC_BYTES;
    this.#payloadsAt = this.#envelopesAt + slots * ENVELOPE.bytes;
    // Pages that no datagram has reached take no memory.
    this.#buffer = new ArrayBuffer(this.#payloadsAt + slots * PAYLOAD_BYTES);
    this.memory = memoryOf(this.#buffer);
    this.#address = native.addressOf(this.#buffer);
    this.#received = slots;
    this.#pointAll();
  }

  envelopeAt(slot: number): number {
    return this.#envelopesAt + slot * ENVELOPE.bytes;
  }

  payloadAt(slot: number): number {
    return this.#payloadsAt + slot * PAYLOAD_BYTES;
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
      const header = (slot * HEADER_BYTES) >> 2;
      words[header + (NAME_LENGTH_AT >> 2)] = ENVELOPE.nameBytes;
      words[header + (CONTROL_LENGTH_AT >> 2)] = ENVELOPE.controlBytes;
    }
    this.#received = 0;
    const count = this.#native.recvmmsg(fd, this.#address, this.slots, flags);
    for (let slot = 0; slot < count; slot++) this.#readLengths(slot);
    this.#received = Math.max(0, count);
    return count;
  }

  /** Makes the slot, whose payload is written already, a reply to the sender of the other one. */
  address(slot: number, length: number, from: Memory, envelopeAt: number): void {
    const { words } = this.memory;
    const envelope = this.envelopeAt(slot);
    copyEnvelope(from, envelopeAt, this.memory, envelope);
    const header = (slot * HEADER_BYTES) >> 2;
    words[header + (NAME_LENGTH_AT >> 2)] = words[(envelope + ENVELOPE.nameLengthAt) >> 2] ?? 0;
    words[header + (CONTROL_LENGTH_AT >> 2)] = words[(envelope + ENVELOPE.controlLengthAt) >> 2] ?? 0;
    words[(this.#iovecsAt + slot * IOVEC_BYTES + IOVEC_LENGTH_AT) >> 2] = length;
  }

  /**
   * Sends the slots from 0 on, and does not wait.
   * @param lost called for each that the kernel has no room for, or that cannot be sent
   */
  send(fd: number, count: number, lost: () => void): void {
    for (let sent = 0; sent < count; ) {
      const first = this.#address + BigInt(sent * HEADER_BYTES);
      sent += Math.max(0, this.#native.sendmmsg(fd, first, count - sent, MSG_DONTWAIT));
      // The one that it stopped at.
      if (sent < count) {
        lost();
        sent++;
      }
    }
  }

  #pointAll(): void {
    const view = new DataView(this.#buffer);
    for (let slot = 0; slot < this.slots; slot++) {
      const header = slot * HEADER_BYTES;
      const iovec = this.#iovecsAt + slot * IOVEC_BYTES;
      const pointTo = (at: number, target: number) =>
        view.setBigUint64(at, this.#address + BigInt(target), true);
      pointTo(header + NAME_AT, this.envelopeAt(slot) + ENVELOPE.nameAt);
      pointTo(header + IOVEC_AT, iovec);
      view.setUint32(header + IOVEC_COUNT_AT, 1, true);
      pointTo(header + CONTROL_AT, this.envelopeAt(slot) + ENVELOPE.controlAt);
      pointTo(iovec, this.payloadAt(slot));
      view.setUint32(iovec + IOVEC_LENGTH_AT, PAYLOAD_BYTES, true);
    }
  }

  #readLengths(slot: number): void {
    const { words } = this.memory;
    const header = (slot * HEADER_BYTES) >> 2;
    const envelope = this.envelopeAt(slot);
    words[(envelope + ENVELOPE.nameLengthAt) >> 2] = words[header + (NAME_LENGTH_AT >> 2)] ?? 0;
    words[(envelope + ENVELOPE.controlLengthAt) >> 2] = words[header + (CONTROL_LENGTH_AT >> 2)] ?? 0;
    words[(envelope + ENVELOPE.payloadLengthAt) >> 2] = words[header + (LENGTH_AT >> 2)] ?? 0;
    leaveInterfaceOpen(this.memory, envelope);
  }
}
