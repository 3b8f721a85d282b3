/** Datagrams for one `sendmmsg`, with all that its headers point to, in one piece of memory: each behind the one before. */
import { limits } from '../../limits.ts';
import { DATAGRAM_BYTES } from '../../net/datagram.ts';
import type { Native } from '../../net/native.ts';
import { type Memory, memoryOf } from '../memory.ts';
import { copyEnvelope, ENVELOPE } from './envelope.ts';
import { HEADER, IOVEC, MSG_DONTWAIT, Pointers } from './message-header.ts';

/** Where datagrams begin. */
const ALIGNMENT = 8;
/** There is room for a batch of them, and always for one of the largest. */
const USUAL_BYTES = 1280;

export class SendBatch {
  readonly memory: Memory;
  /** Where the next datagram is to be written, `DATAGRAM_BYTES` at most. */
  payloadAt: number;
  count = 0;
  readonly #slots: number;
  readonly #native: Native;
  /** The kernel has its address: it must live as long as this object. */
  readonly #buffer: ArrayBuffer;
  readonly #address: bigint;
  readonly #pointers: Pointers;
  readonly #iovecsAt: number;
  readonly #envelopesAt: number;
  readonly #payloadsAt: number;

  constructor(native: Native, slots: number = limits.udpBatchMessages) {
    this.#slots = slots;
    this.#native = native;
    this.#iovecsAt = slots * HEADER.bytes;
    this.#envelopesAt = this.#iovecsAt + slots * IOVEC.bytes;
    this.#payloadsAt = this.#envelopesAt + slots * ENVELOPE.bytes;
    this.payloadAt = this.#payloadsAt;
    this.#buffer = new ArrayBuffer(this.#payloadsAt + slots * USUAL_BYTES + DATAGRAM_BYTES);
    this.memory = memoryOf(this.#buffer);
    this.#address = native.addressOf(this.#buffer);
    this.#pointers = new Pointers(this.memory.words, this.#address);
    for (let slot = 0; slot < slots; slot++) this.#point(slot);
  }

  /** Whether it must be sent before another datagram is written. */
  get isFull(): boolean {
    return this.count === this.#slots || this.payloadAt + DATAGRAM_BYTES > this.#buffer.byteLength;
  }

  /** Takes what is written at `payloadAt` as a reply to whoever the envelope is of. */
  add(length: number, from: Memory, envelopeAt: number): void {
    const { words } = this.memory;
    const slot = this.count++;
    const envelope = this.#envelopesAt + slot * ENVELOPE.bytes;
    copyEnvelope(from, envelopeAt, this.memory, envelope);
    const header = slot * HEADER.bytes;
    words[(header + HEADER.nameLengthAt) >> 2] = words[(envelope + ENVELOPE.nameLengthAt) >> 2] ?? 0;
    words[(header + HEADER.controlLengthAt) >> 2] = words[(envelope + ENVELOPE.controlLengthAt) >> 2] ?? 0;
    const iovec = this.#iovecsAt + slot * IOVEC.bytes;
    this.#pointers.write(iovec + IOVEC.baseAt, this.payloadAt);
    words[(iovec + IOVEC.lengthAt) >> 2] = length;
    this.payloadAt += (length + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Sends all, does not wait, and is empty.
   * @param lost called for each that the kernel has no room for, or that cannot be sent
   */
  send(fd: number, lost: () => void): void {
    const { count } = this;
    this.count = 0;
    this.payloadAt = this.#payloadsAt;
    for (let sent = 0; sent < count; ) {
      const first = sent === 0 ? this.#address : this.#address + BigInt(sent * HEADER.bytes);
      sent += Math.max(0, this.#native.sendmmsg(fd, first, count - sent, MSG_DONTWAIT));
      // The one that it stopped at.
      if (sent < count) {
        lost();
        sent++;
      }
    }
  }

  #point(slot: number): void {
    const { words } = this.memory;
    const header = slot * HEADER.bytes;
    const envelope = this.#envelopesAt + slot * ENVELOPE.bytes;
    this.#pointers.write(header + HEADER.nameAt, envelope + ENVELOPE.nameAt);
    this.#pointers.write(header + HEADER.controlAt, envelope + ENVELOPE.controlAt);
    this.#pointers.write(header + HEADER.iovecAt, this.#iovecsAt + slot * IOVEC.bytes);
    words[(header + HEADER.iovecCountAt) >> 2] = 1;
  }
}
