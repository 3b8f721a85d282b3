/** Goes through messages of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/) field by field. */
import { Unreadable } from '../unreadable.ts';

const VARINT = 0;
const EIGHT_OCTETS = 1;
const LENGTH_DELIMITED = 2;
const FOUR_OCTETS = 5;
const VARINT_OCTETS = 10;

/** Every method throws {@link Unreadable} where the octets end too soon. */
export class ProtobufCursor {
  readonly octets: Buffer;
  /** The octet that comes next. */
  at: number;
  /** Of the field that comes next, as `next` has found it. */
  number = 0;
  #wireType = VARINT;

  constructor(octets: Buffer, at = 0) {
    this.octets = octets;
    this.at = at;
  }

  /** Whether the message that goes to `end` has another field: then its number is read. */
  next(end: number): boolean {
    if (this.at >= end) {
      if (this.at > end) throw new Unreadable();
      return false;
    }
    const tag = this.varint();
    this.number = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    return true;
  }

  /** Whether the field is a number or flag. */
  get isVarint(): boolean {
    return this.#wireType === VARINT;
  }

  /** Whether the field is text or a message. */
  get hasLength(): boolean {
    return this.#wireType === LENGTH_DELIMITED;
  }

  /** Beyond 2^53 it is rounded: nothing that is asked for is. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let nth = 0; nth < VARINT_OCTETS; nth++) {
      const octet = this.octets[this.at++];
      if (octet === undefined) break;
      if (octet < 0x80) return value + octet * factor;
      value += (octet & 0x7f) * factor;
      factor *= 0x80;
    }
    throw new Unreadable();
  }

  /** Over the length of text or a message: where it ends. */
  end(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.octets.length) throw new Unreadable();
    return end;
  }

  text(): string {
    const end = this.end();
    const text = this.octets.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }

  /** Over the value of the field. */
  skip(): void {
    if (this.#wireType === LENGTH_DELIMITED) this.at = this.end();
    else if (this.#wireType === VARINT) this.varint();
    else if (this.#wireType === EIGHT_OCTETS) this.at += 8;
    else if (this.#wireType === FOUR_OCTETS) this.at += 4;
    // Groups, which Kubernetes never had.
    else throw new Unreadable();
  }
}
