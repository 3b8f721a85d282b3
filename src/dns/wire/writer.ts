/**
 * Writes numbers, octets and names into a buffer of the largest message. Past its end nothing is stored, only
 * counted: `position` above the room that the caller has tells that the last piece did not fit.
 */
import { limits } from '../../limits.ts';
import { WireError } from '../errors.ts';
import type { Name } from '../name.ts';
import { CompressionTable } from './compression.ts';
import { pooledCopy } from './pool.ts';

/** Compressed messages written so far: each has its number, so that no name's offset is taken for that in another. */
let writings = 0;

export class WireWriter {
  readonly #bytes = new Uint8Array(limits.messageBytes);
  readonly #table = new CompressionTable(this.#bytes);
  #compress = false;
  // A name that stands in many records is found again by its identity, without hashing: it knows where it was put.
  #writing = 0;
  position = 0;

  /** Starts again at octet 0, with or without name compression. */
  restart(compress: boolean): void {
    this.position = 0;
    this.#compress = compress;
    if (!compress) return;
    this.#writing = ++writings;
    this.#table.clear();
  }

  /** A fresh copy of exactly the octets that were written. */
  take(): Uint8Array {
    return pooledCopy(this.#bytes, this.position);
  }

  /** A copy of those written from `start` on. */
  since(start: number): Uint8Array {
    return this.#bytes.slice(start, this.position);
  }

  u8(value: number): void {
    if (value !== (value & 0xff)) throw outOfRange(value, 8);
    this.#bytes[this.position] = value;
    this.position += 1;
  }

  u16(value: number): void {
    if (value !== (value & 0xffff)) throw outOfRange(value, 16);
    const at = this.position;
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
    this.position = at + 2;
  }

  u32(value: number): void {
    if (value !== value >>> 0) throw outOfRange(value, 32);
    const at = this.position;
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
    this.position = at + 4;
  }

  /** Writes a 16-bit number over octets written before. */
  patchU16(at: number, value: number): void {
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
  }

  octets(value: Uint8Array): void {
    const at = this.position;
    const { length } = value;
    this.position = at + length;
    if (this.position > limits.messageBytes) return;
    const bytes = this.#bytes;
    // The call of `set` costs more than a short loop saves.
    if (length > 12) bytes.set(value, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = value[i] ?? 0;
  }

  /** One octet with the length, then the octets. */
  counted(value: Uint8Array): void {
    if (value.length > 255) throw new WireError(`a string of ${value.length} octets is longer than 255`);
    this.u8(value.length);
    this.octets(value);
  }

  /** A name that may be compressed where the message is (RFC 1035 §4.1.4). */
  name(name: Name): void {
    if (!this.#compress || name.wire.length === 1) {
      this.octets(name.wire);
      return;
    }
    const offset = name.offsetIn(this.#writing);
    if (offset > 0) this.u16(0xc000 | offset);
    else this.#newName(name);
  }

  /** A name that must stand in full (RFC 3597 §4); later names may still point at it. */
  fullName(name: Name): void {
    if (this.#compress && name.offsetIn(this.#writing) === 0) {
      const found = this.#table.findOrNote(name.wire, this.position);
      this.#remember(name, found >= 0 && this.#table.prefixLength === 0 ? found : this.position);
    }
    this.octets(name.wire);
  }

  #newName(name: Name): void {
    const start = this.position;
    const found = this.#table.findOrNote(name.wire, start);
    if (found < 0) {
      this.octets(name.wire);
      this.#remember(name, start);
    } else if (this.#table.prefixLength === 0) {
      this.u16(0xc000 | found);
      this.#remember(name, found);
    } else {
      this.octets(name.wire.subarray(0, this.#table.prefixLength));
      this.u16(0xc000 | found);
      this.#remember(name, start);
    }
  }

  #remember(name: Name, offset: number): void {
    if (offset <= limits.compressionOffsetMaxBytes) name.noteOffset(this.#writing, offset);
  }
}

/** One for all: writing a message or rdata is never interrupted by writing another. */
export const sharedWriter = new WireWriter();

function outOfRange(value: number, bits: number): WireError {
  return new WireError(`${value} is not an unsigned number of ${bits} bits`);
}
