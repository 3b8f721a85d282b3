/** Octets that are no text: digests, keys, signatures, hashes. */
import { PresentationError } from '../errors.ts';
import {
  formatBase32Hex,
  formatBase64,
  formatHex,
  parseBase32Hex,
  parseBase64,
  parseHex,
} from '../text/digits.ts';
import type { Tokens } from '../text/lexer.ts';
import type { Field } from './field.ts';

/** What is left of the rdata in hexadecimal, with spaces allowed in text (RFC 4034 §5.3). */
export const hexToEnd: Field<Uint8Array> = {
  read: (reader) => reader.rest(),
  write: (writer, value) => writer.octets(value),
  print: (value) => formatHex(value) || undefined,
  parse: (tokens) => parseHex(joinRest(tokens)),
};

/** What is left of the rdata in base64, with spaces allowed in text (RFC 4034 §2.2). */
export const base64ToEnd: Field<Uint8Array> = {
  read: (reader) => reader.rest(),
  write: (writer, value) => writer.octets(value),
  print: (value) => formatBase64(value) || undefined,
  parse: (tokens) => parseBase64(joinRest(tokens)),
};

function joinRest(tokens: Tokens): string {
  return tokens
    .rest()
    .map((token) => token.text)
    .join('');
}

/** RFC 5155 §3.3: hexadecimal, and `-` for no salt. */
export const salt: Field<Uint8Array> = {
  read: (reader) => reader.counted(),
  write: (writer, value) => writer.counted(value),
  print: (value) => formatHex(value) || '-',
  parse: (tokens) => {
    const { text } = tokens.next('a salt');
    return text === '-' ? new Uint8Array(0) : atMost255(parseHex(text));
  },
};

/** RFC 5155 §3.3: base32hex without padding. */
export const hashedOwner: Field<Uint8Array> = {
  read: (reader) => reader.counted(),
  write: (writer, value) => writer.counted(value),
  print: (value) => formatBase32Hex(value) || undefined,
  parse: (tokens) => atMost255(parseBase32Hex(tokens.next('a hashed owner').text)),
};

function atMost255(octets: Uint8Array): Uint8Array {
  if (octets.length > 255) throw new PresentationError(`${octets.length} octets are more than 255`);
  return octets;
}
