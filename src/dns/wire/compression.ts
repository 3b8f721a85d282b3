/**
 * Which name suffixes stand where in the message being written (RFC 1035 §4.1.4): an open-addressing table over
 * octets already written, without strings. Names match octet for octet, so every name keeps its letter case.
 */
import { randomInt } from 'node:crypto';
import { limits } from '../../limits.ts';

/** At most 8186 labels (two octets each) start below the highest offset that a pointer reaches. */
const SLOTS = 16_384;
/** Names that are made to collide may cost no more than this; a suffix that finds no slot is not compressed. */
const MAX_PROBES = 16;
const MAX_LABELS = 128;

/** Nobody outside can know which names share a hash. */
const seed = randomInt(2 ** 32);

const hashes = new Int32Array(MAX_LABELS);
const starts = new Uint8Array(MAX_LABELS);

export class CompressionTable {
  readonly #message: Uint8Array;
  /** A slot is in use where it bears the current epoch: forgetting everything is one increment. */
  readonly #epochs = new Uint32Array(SLOTS);
  readonly #hashes = new Int32Array(SLOTS);
  readonly #offsets = new Uint16Array(SLOTS);
  #epoch = 0;
  /** Of the name looked up last, the octets before the suffix that was found. */
  prefixLength = 0;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  clear(): void {
    this.#epoch++;
    if (this.#epoch > 0xffff_fffe) {
      this.#epochs.fill(0);
      this.#epoch = 1;
    }
  }

  /**
   * Looks for the longest suffix of `wire` in the message and notes the suffixes that are not there yet as standing
   * at `offset` and behind. Returns the offset of the suffix found, with `prefixLength` set, or -1.
   */
  findOrNote(wire: Uint8Array, offset: number): number {
    const count = hashSuffixes(wire);
    for (let i = 0; i < count; i++) {
      const start = starts[i] ?? 0;
      const found = this.#findOrInsert(wire, start, hashes[i] ?? 0, offset);
      if (found >= 0) {
        this.prefixLength = start;
        return found;
      }
    }
    return -1;
  }

  #findOrInsert(wire: Uint8Array, start: number, hash: number, nameOffset: number): number {
    let slot = hash & (SLOTS - 1);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      if (this.#epochs[slot] !== this.#epoch) {
        const offset = nameOffset + start;
        if (offset <= limits.compressionOffsetMaxBytes) {
          this.#epochs[slot] = this.#epoch;
          this.#hashes[slot] = hash;
          this.#offsets[slot] = offset;
        }
        return -1;
      }
      const candidate = this.#offsets[slot] ?? 0;
      // Octets from `nameOffset` on are not written yet: a longer suffix of this name must not be compared with.
      const comparable = this.#hashes[slot] === hash && candidate < nameOffset;
      if (comparable && this.#stands(candidate, wire, start)) return candidate;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return -1;
  }

  /** Whether the name at `offset` of the message is the suffix of `wire` from `start`. */
  #stands(offset: number, wire: Uint8Array, start: number): boolean {
    const message = this.#message;
    let at = offset;
    let i = start;
    while (i < wire.length) {
      const octet = message[at] ?? 0;
      if (octet >= 0xc0) {
        at = ((octet & 0x3f) << 8) | (message[at + 1] ?? 0);
        continue;
      }
      for (let n = 0; n <= octet; n++) if (message[at + n] !== wire[i + n]) return false;
      at += octet + 1;
      i += octet + 1;
    }
    return true;
  }
}

/** Fills `starts` and `hashes` with every suffix but the root, longest first; returns how many there are. */
function hashSuffixes(wire: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < wire.length - 1; at += (wire[at] ?? 0) + 1) starts[count++] = at;
  let hash = seed | 0;
  let at = wire.length - 2;
  for (let i = count - 1; i >= 0; i--) {
    const start = starts[i] ?? 0;
    for (; at >= start; at--) hash = Math.imul(hash ^ (wire[at] ?? 0), 0x01000193);
    hashes[i] = hash ^ (hash >>> 15);
  }
  return count;
}
