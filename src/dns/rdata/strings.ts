/** Character strings in rdata (RFC 1035 §3.3): octets, mostly text, in quotes when printed. */
import { PresentationError } from '../errors.ts';
import { quoted, unescapeText } from '../text/escape.ts';
import type { Field } from './field.ts';

const MAX_BYTES = 255;
const EMPTY = new Uint8Array(0);

/** @throws {PresentationError} a bad escape, or more than 255 octets */
export function parseString(text: string): Uint8Array {
  const octets = unescapeText(text);
  if (octets.length > MAX_BYTES) throw new PresentationError(`a string is longer than ${MAX_BYTES} octets`);
  return octets;
}

export const charString: Field<Uint8Array> = {
  read: (reader) => reader.counted(),
  write: (writer, value) => writer.counted(value),
  print: quoted,
  parse: (tokens) => parseString(tokens.next('a string').text),
};

/** One string or more up to the end of the rdata (RFC 1035 §3.3.14). No string at all is written as an empty one. */
export const charStrings: Field<readonly Uint8Array[]> = {
  read: (reader) => {
    const strings = [reader.counted()];
    while (reader.left > 0) strings.push(reader.counted());
    return strings;
  },
  write: (writer, value) => {
    if (value.length === 0) writer.counted(EMPTY);
    for (const string of value) writer.counted(string);
  },
  print: (value) => (value.length === 0 ? '""' : value.map(quoted).join(' ')),
  parse: (tokens) => {
    const first = parseString(tokens.next('a string').text);
    return [first, ...tokens.rest().map((token) => parseString(token.text))];
  },
};

const TAG = /^[0-9A-Za-z]+$/;

/** A CAA property's tag: letters and digits, not quoted (RFC 8659 §4.1.1). */
export const caaTag: Field<Uint8Array> = {
  read: (reader) => reader.counted(),
  write: (writer, value) => writer.counted(value),
  print: (value) => {
    const text = Buffer.from(value).toString('latin1');
    return TAG.test(text) ? text : undefined;
  },
  parse: (tokens) => {
    const { text } = tokens.next('a property tag');
    if (!TAG.test(text)) throw new PresentationError(`"${text}" is not a tag of letters and digits`);
    return parseString(text);
  },
};

/** The octets to the end of the rdata as one quoted string, of any length (RFC 8659 §4.1.1). */
export const stringToEnd: Field<Uint8Array> = {
  read: (reader) => reader.rest(),
  write: (writer, value) => writer.octets(value),
  print: quoted,
  parse: (tokens) => unescapeText(tokens.next('a string').text),
};
