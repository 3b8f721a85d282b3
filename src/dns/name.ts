/**
 * A domain name, checked once and then trusted: uncompressed wire form (RFC 1035 §3.1), letter case kept.
 * Comparison folds ASCII case only (RFC 4343 §3).
 */
import { limits } from '../limits.ts';
import { PresentationError } from './errors.ts';
import { readEscape } from './text/escape.ts';

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const CASE_BIT = 0x20;

export class Name {
  static readonly root = new Name(new Uint8Array(1));

  /** Uncompressed wire form, root label included. Never changed after construction. */
  readonly wire: Uint8Array;
  #key: string | undefined;
  #labelCount = -1;

  private constructor(wire: Uint8Array) {
    this.wire = wire;
  }

  /** Wraps bytes that are known to be a legal uncompressed name and that nobody will change. */
  static trusted(wire: Uint8Array): Name {
    return new Name(wire);
  }

  /**
   * Reads the presentation form (RFC 1035 §5.1): `\.` and `\DDD` escapes, final dot optional: every name is
   * taken as fully qualified. Characters beyond ASCII count as their UTF-8 octets.
   * @throws {PresentationError} empty label, label over 63 or name over 255 octets, bad escape
   */
  static fromText(text: string): Name {
    if (text === '.') return Name.root;
    return Name.fromLabels(splitLabels(text));
  }

  /**
   * Builds a name from raw labels (octets, or text of which each character is one ASCII octet), leftmost first.
   * @throws {PresentationError} empty label, label over 63 or name over 255 octets
   */
  static fromLabels(labels: readonly (Uint8Array | string)[]): Name {
    const parts = labels.map((label) => (typeof label === 'string' ? Buffer.from(label, 'utf8') : label));
    const length = parts.reduce((sum, part) => sum + part.length + 1, 1);
    if (length > limits.nameBytes)
      throw new PresentationError(`name is longer than ${limits.nameBytes} octets`);
    const wire = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      if (part.length === 0) throw new PresentationError('empty label in name');
      if (part.length > limits.labelBytes) {
        throw new PresentationError(`label is longer than ${limits.labelBytes} octets`);
      }
      wire[at] = part.length;
      wire.set(part, at + 1);
      at += part.length + 1;
    }
    return new Name(wire);
  }

  /** Lower-cased wire form as a one-byte string: equal names have equal keys. For maps and suffix tests. */
  get key(): string {
    this.#key ??= foldedKey(this.wire);
    return this.#key;
  }

  /** Number of labels, the root not counted. */
  get labelCount(): number {
    if (this.#labelCount < 0) {
      let count = 0;
      for (let at = 0; this.#octet(at) !== 0; at += this.#octet(at) + 1) count++;
      this.#labelCount = count;
    }
    return this.#labelCount;
  }

  /** The labels in lower case, one character an octet, leftmost first; the root is not among them. */
  labels(): string[] {
    const { key } = this;
    const labels: string[] = [];
    for (let at = 0; this.#octet(at) !== 0; at += this.#octet(at) + 1) {
      labels.push(key.slice(at + 1, at + 1 + this.#octet(at)));
    }
    return labels;
  }

  /** The last `count` labels as a name, in the letter case they have here. */
  suffix(count: number): Name {
    const skip = this.labelCount - count;
    if (skip <= 0) return this;
    return new Name(this.wire.subarray(this.#offsetOf(skip)));
  }

  /** The first `count` labels as a name, in the letter case they have here. */
  prefix(count: number): Name {
    if (count >= this.labelCount) return this;
    const end = this.#offsetOf(count);
    const wire = new Uint8Array(end + 1);
    wire.set(this.wire.subarray(0, end));
    return new Name(wire);
  }

  /**
   * This name's labels followed by those of `suffix`.
   * @throws {PresentationError} the whole is over 255 octets
   */
  concat(suffix: Name): Name {
    const head = this.wire.length - 1;
    if (head + suffix.wire.length > limits.nameBytes) {
      throw new PresentationError(`name is longer than ${limits.nameBytes} octets`);
    }
    const wire = new Uint8Array(head + suffix.wire.length);
    wire.set(this.wire.subarray(0, head));
    wire.set(suffix.wire, head);
    return new Name(wire);
  }

  equals(other: Name): boolean {
    return this === other || isSameFolded(this.wire, other.wire);
  }

  /** Whether this name is `zone` or below it. */
  isWithin(zone: Name): boolean {
    const skip = this.labelCount - zone.labelCount;
    if (skip < 0) return false;
    const offset = this.#offsetOf(skip);
    return this.wire.length - offset === zone.wire.length && this.key.endsWith(zone.key);
  }

  /** Presentation form with the final dot; octets that are not plain are written `\.` or `\DDD`. */
  toString(): string {
    if (this.wire.length === 1) return '.';
    let text = '';
    for (let at = 0; this.#octet(at) !== 0; at += this.#octet(at) + 1) {
      for (let i = at + 1; i <= at + this.#octet(at); i++) text += presentOctet(this.#octet(i));
      text += '.';
    }
    return text;
  }

  #octet(at: number): number {
    return this.wire[at] ?? 0;
  }

  #offsetOf(skip: number): number {
    let at = 0;
    for (let i = 0; i < skip; i++) at += this.#octet(at) + 1;
    return at;
  }
}

/** Of a name in wire form: length octets are below 64, hence never mistaken for an upper-case letter. */
function fold(octet: number): number {
  return octet >= UPPER_A && octet <= UPPER_Z ? octet | CASE_BIT : octet;
}

/** Without keys: making one costs more than the comparison, and most names are compared once. */
function isSameFolded(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const octet = a[i] ?? 0;
    const other = b[i] ?? 0;
    if (octet !== other && fold(octet) !== fold(other)) return false;
  }
  return true;
}

const folded = Buffer.alloc(limits.nameBytes);

function foldedKey(wire: Uint8Array): string {
  for (let i = 0; i < wire.length; i++) folded[i] = fold(wire[i] ?? 0);
  return folded.toString('latin1', 0, wire.length);
}

/** Characters with a meaning in zone files are escaped with a backslash, as `dig` writes them. */
const SPECIAL = new Set([...'."\\;()@$'].map((character) => character.charCodeAt(0)));

function presentOctet(octet: number): string {
  if (SPECIAL.has(octet)) return `\\${String.fromCharCode(octet)}`;
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet);
  return `\\${String(octet).padStart(3, '0')}`;
}

function splitLabels(text: string): Uint8Array[] {
  const bytes = Buffer.from(text, 'utf8');
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] ?? 0;
    if (octet === 0x2e) {
      labels.push(Uint8Array.from(label));
      label = [];
    } else if (octet === 0x5c) {
      const escaped = readEscape(bytes, i + 1);
      label.push(escaped.octet);
      i += escaped.length;
    } else {
      label.push(octet);
    }
  }
  if (label.length > 0) labels.push(Uint8Array.from(label));
  if (labels.length === 0) throw new PresentationError('a name may not be empty');
  return labels;
}
