/** The set of types at the end of NSEC and NSEC3 (RFC 4034 §4.1.2): windows of 256 types, each a short bitmap. */
import { typeName } from '../types.ts';
import type { Field } from './field.ts';
import { parseType } from './numbers.ts';

const WINDOW_BYTES = 32;

/** Kept as octets on the way through; in text the mnemonics of its types. */
export const typeBitmap: Field<Uint8Array> = {
  read: (reader) => reader.rest(),
  write: (writer, value) => writer.octets(value),
  print: (value) => typesInBitmap(value)?.map(typeName).join(' '),
  parse: (tokens) => bitmapOfTypes(tokens.rest().map((token) => parseType(token.text))),
};

/** The types in ascending order; undefined where the octets are no bitmap in its one canonical form. */
function typesInBitmap(bitmap: Uint8Array): number[] | undefined {
  const types: number[] = [];
  let lastWindow = -1;
  for (let at = 0; at < bitmap.length; ) {
    const window = bitmap[at] ?? 0;
    const bits = bitmap.subarray(at + 2, at + 2 + (bitmap[at + 1] ?? 0));
    const whole = bits.length > 0 && bits.length <= WINDOW_BYTES && bits.length === bitmap[at + 1];
    // RFC 4034 §4.1.2: windows ascend, and neither an empty one nor trailing zero octets are present.
    if (!whole || window <= lastWindow || bits.at(-1) === 0) return undefined;
    for (let bit = 0; bit < bits.length * 8; bit++) {
      if (((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) types.push(window * 256 + bit);
    }
    lastWindow = window;
    at += 2 + bits.length;
  }
  return types;
}

/** The bitmap of the types, in whatever order they come. */
function bitmapOfTypes(types: readonly number[]): Uint8Array {
  const windows = new Map<number, Uint8Array>();
  for (const type of [...types].sort((a, b) => a - b)) {
    const bits = windows.get(type >> 8) ?? new Uint8Array(WINDOW_BYTES);
    windows.set(type >> 8, bits);
    const low = type & 0xff;
    bits[low >> 3] = (bits[low >> 3] ?? 0) | (0x80 >> (low & 7));
  }
  const octets: number[] = [];
  for (const [window, bits] of windows) {
    const length = bits.findLastIndex((octet) => octet !== 0) + 1;
    octets.push(window, length, ...bits.subarray(0, length));
  }
  return Uint8Array.from(octets);
}
