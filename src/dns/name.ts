/**
 * A domain name, checked once and then trusted: uncompressed wire form (RFC 1035 §3.1), letter case kept.
 * Comparison folds ASCII case only (RFC 4343 §3).
 */
import { limits } from '../limits.ts';
import { PresentationError } from './errors.ts';
import { foldOctet } from './fold.ts';
import { isText, labelText } from './label-text.ts';
import { readEscape } from './text/escape.ts';

export class Name {
  static readonly root = new Name(new Uint8Array(1));

  /** Uncompressed wire form, root label included. Never changed after construction. */
  readonly wire: Uint8Array;
  #key: string | undefined;
  #labelCount = -1;
  /** Where the message `#writing` has it: writers' own. */
  #offset = 0;
  #writing = 0;

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
   * Builds a name from raw labels (octets, or text of which each character is one ASCII octet), leftmost first, with
   * those of `parent` behind them.
   * @throws {PresentationError} empty label, label over 63 or name over 255 octets
   */
  static fromLabels(labels: readonly (Uint8Array | string)[], parent: Name = Name.root): Name {
    let length = parent.wire.length;
    for (const label of labels) length += octetCount(label) + 1;
    if (length > limits.nameBytes)
      throw new PresentationError(`name is longer than ${limits.nameBytes} octets`);
    const wire = new Uint8Array(length);
    let at = 0;
    for (const label of labels) {
      const count = writeLabel(wire, at + 1, label);
      if (count === 0) throw new PresentationError('empty label in name');
      if (count > limits.labelBytes) {
        throw new PresentationError(`label is longer than ${limits.labelBytes} octets`);
      }
      wire[at] = count;
      at += count + 1;
    }
    wire.set(parent.wire, at);
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

  /** One of those labels, counted from the left; empty where there is none. */
  label(index: number): string {
    const at = this.#offsetOf(index);
    return labelText(this.wire, at + 1, this.#octet(at));
  }

  /** Whether that label is `text`, which is in lower case: without making a string of the name. */
  labelIs(index: number, text: string): boolean {
    const at = this.#offsetOf(index);
    return this.#octet(at) === text.length && isText(this.wire, at + 1, text);
  }

  /** The last `count` labels as a name, in the letter case they have here. */
  suffix(count: number): Name {
    const skip = this.labelCount - count;
    if (skip <= 0) return this;
    return new Name(this.wire.subarray(this.#offsetOf(skip)));
  }

  /** This name with its labels left of `zone`, which it is within, in lower case; itself where they are. */
  foldedAbove(zone: Name): Name {
    const end = this.wire.length - zone.wire.length;
    for (let i = 0; i < end; i++) {
      if (foldOctet(this.#octet(i)) !== this.#octet(i))
        return new Name(this.wire.map((octet, at) => (at < end ? foldOctet(octet) : octet)));
    }
    return this;
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
    return this === other || (this.wire.length === other.wire.length && endsLike(this.wire, other.wire));
  }

  /** Whether this name is `zone` or below it. */
  isWithin(zone: Name): boolean {
    const start = this.wire.length - zone.wire.length;
    return start >= 0 && endsLike(this.wire, zone.wire) && this.#isLabelStart(start);
  }

  /** Whether this name, which is within `zone`, has its letter case there too. */
  spells(zone: Name): boolean {
    const start = this.wire.length - zone.wire.length;
    for (let i = 0; i < zone.wire.length; i++) if (this.wire[start + i] !== zone.wire[i]) return false;
    return true;
  }

  /** Notes where a message has this name. `writing` is no other message's number, and not 0. */
  noteOffset(writing: number, offset: number): void {
    this.#writing = writing;
    this.#offset = offset;
  }

  /** What was noted last for that message, or 0. */
  offsetIn(writing: number): number {
    return this.#writing === writing ? this.#offset : 0;
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

  /** Whether a label, the root's too, begins there: octets alone may be alike where labels are not. */
  #isLabelStart(start: number): boolean {
    let at = 0;
    while (at < start) at += this.#octet(at) + 1;
    return at === start;
  }

  #offsetOf(skip: number): number {
    let at = 0;
    for (let i = 0; i < skip; i++) at += this.#octet(at) + 1;
    return at;
  }
}

/** Text of other characters than ASCII counts as its UTF-8 octets. */
function octetCount(label: Uint8Array | string): number {
  return typeof label === 'string' && !isAscii(label) ? Buffer.byteLength(label) : label.length;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Returns how many octets it has written. */
function writeLabel(wire: Uint8Array, at: number, label: Uint8Array | string): number {
  if (typeof label !== 'string') {
    wire.set(label, at);
    return label.length;
  }
  for (let i = 0; i < label.length; i++) {
    const code = label.charCodeAt(i);
    if (code > 0x7f) return writeLabel(wire, at, Buffer.from(label));
    wire[at + i] = code;
  }
  return label.length;
}

const folded = Buffer.alloc(limits.nameBytes);

function foldedKey(wire: Uint8Array): string {
  for (let i = 0; i < wire.length; i++) folded[i] = foldOctet(wire[i] ?? 0);
  return folded.toString('latin1', 0, wire.length);
}

/** Whether the last octets of `wire` are those of `end`, letter case aside; `end` is no longer. */
function endsLike(wire: Uint8Array, end: Uint8Array): boolean {
  const start = wire.length - end.length;
  for (let i = 0; i < end.length; i++) {
    const octet = wire[start + i] ?? 0;
    const other = end[i] ?? 0;
    if (octet !== other && foldOctet(octet) !== foldOctet(other)) return false;
  }
  return true;
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
