/** Takes numbers, octets and names from a message, never past the end that holds at the moment. */
import { limits } from '../../limits.ts';
import { WireError } from '../errors.ts';
import { Name } from '../name.ts';

const POINTER_BITS = 0xc0;
/** A name of 255 octets has at most 127 labels, so no honest name takes more jumps. */
const MAX_JUMPS = (limits.nameBytes - 1) >> 1;

export class WireReader {
  readonly bytes: Uint8Array;
  position: number;
  /** Octet at which reading must stop: the end of the message or, inside a record, that of its rdata. */
  end: number;
  readonly #pointersFrom: number;
  // Most owners repeat the question's name or the name read last, by a pointer: they share its object.
  #firstStart = -1;
  #firstName = Name.root;
  #lastStart = -1;
  #lastName = Name.root;

  /** `pointersFrom` is the first octet that a compression pointer may name; at `bytes.length` none is legal. */
  constructor(bytes: Uint8Array, position: number, pointersFrom: number) {
    this.bytes = bytes;
    this.position = position;
    this.end = bytes.length;
    this.#pointersFrom = pointersFrom;
  }

  get left(): number {
    return this.end - this.position;
  }

  u8(): number {
    const at = this.#take(1);
    return this.bytes[at] ?? 0;
  }

  u16(): number {
    const at = this.#take(2);
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }

  u32(): number {
    const high = this.u16();
    return high * 0x10000 + this.u16();
  }

  /** A copy of the next octets: what is read must survive the reuse of the receive buffer. */
  octets(length: number): Uint8Array {
    const at = this.#take(length);
    return copyOctets(this.bytes, at, length);
  }

  /** The octets up to the end. */
  rest(): Uint8Array {
    return this.octets(this.left);
  }

  /** Octets behind one octet that says how many. */
  counted(): Uint8Array {
    return this.octets(this.u8());
  }

  /** A name, compressed or not (RFC 1035 §4.1.4); letter case is kept. */
  name(): Name {
    const start = this.position;
    const target = this.#purePointer(start);
    if (target >= 0) {
      this.position = start + 2;
      if (target === this.#lastStart) return this.#lastName;
      if (target === this.#firstStart) return this.#firstName;
      this.position = start;
    }
    const name = this.#expand(start);
    this.#remember(target >= 0 ? target : start, name);
    return name;
  }

  error(message: string, at = this.position): WireError {
    return new WireError(message, at);
  }

  #take(length: number): number {
    const at = this.position;
    if (at + length > this.end) throw this.error(`needs ${length} octets, ${this.end - at} are left`, at);
    this.position = at + length;
    return at;
  }

  /** Where the name at `start` is nothing but a pointer, the octet it names; otherwise -1. */
  #purePointer(start: number): number {
    if (start + 2 > this.end) return -1;
    const octet = this.bytes[start] ?? 0;
    return octet >= POINTER_BITS ? ((octet & 0x3f) << 8) | (this.bytes[start + 1] ?? 0) : -1;
  }

  #remember(start: number, name: Name): void {
    if (this.#firstStart < 0) {
      this.#firstStart = start;
      this.#firstName = name;
    }
    this.#lastStart = start;
    this.#lastName = name;
  }

  #expand(start: number): Name {
    const { bytes } = this;
    let at = start;
    let runStart = start;
    let runLimit = this.end;
    let length = 1;
    let jumps = 0;
    for (;;) {
      if (at >= runLimit) throw this.error('name has no end', at);
      const octet = bytes[at] ?? 0;
      if (octet === 0) break;
      if (octet <= limits.labelBytes) {
        length += octet + 1;
        if (length > limits.nameBytes) throw this.error(`name is longer than ${limits.nameBytes} octets`, at);
        at += octet + 1;
        continue;
      }
      // RFC 6891 §5: no label type but the plain one and the pointer is in use.
      if (octet < POINTER_BITS) throw this.error(`label type ${octet >> 6} is unknown`, at);
      if (at + 2 > runLimit) throw this.error('compression pointer is cut off', at);
      jumps++;
      if (jumps > MAX_JUMPS) throw this.error('name has too many compression pointers', at);
      const target = ((octet & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      // RFC 1035 §4.1.4: only to a prior occurrence. Runs start ever earlier, so this ends (RFC 9267 §2).
      if (target >= runStart || target < this.#pointersFrom) {
        throw this.error(`compression pointer to octet ${target} is not to an earlier name`, at);
      }
      if (jumps === 1) this.position = at + 2;
      at = target;
      runStart = target;
      runLimit = bytes.length;
    }
    if (jumps === 0) this.position = at + 1;
    return Name.trusted(jumps === 0 ? copyOctets(bytes, start, length) : gather(bytes, start, length));
  }
}

function copyOctets(bytes: Uint8Array, at: number, length: number): Uint8Array {
  // A loop is faster as long as it is short; a view costs as much to make as to copy.
  if (length > 32) return new Uint8Array(bytes.subarray(at, at + length));
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[at + i] ?? 0;
  return copy;
}

/** The labels of a compressed name that was checked before, `length` octets once expanded. */
function gather(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const wire = new Uint8Array(length);
  let at = start;
  let to = 0;
  while (to < length - 1) {
    const octet = bytes[at] ?? 0;
    if (octet >= POINTER_BITS) {
      at = ((octet & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      continue;
    }
    for (let i = 0; i <= octet; i++) wire[to + i] = bytes[at + i] ?? 0;
    to += octet + 1;
    at += octet + 1;
  }
  return wire;
}
