/** Binary octets in text: hexadecimal, base64 (RFC 4648 §4) and base32hex (RFC 4648 §7). */
import { PresentationError } from '../errors.ts';

const HEX = /^([0-9A-Fa-f]{2})+$/;
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE32_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

export function formatHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex').toUpperCase();
}

/** @throws {PresentationError} */
export function parseHex(text: string): Uint8Array {
  if (!HEX.test(text)) throw new PresentationError(`"${text}" is not pairs of hexadecimal digits`);
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export function formatBase64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

/** @throws {PresentationError} */
export function parseBase64(text: string): Uint8Array {
  if (text === '' || !BASE64.test(text)) throw new PresentationError(`"${text}" is not base64`);
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

/** Without padding, as NSEC3 writes it (RFC 5155 §3.3). */
export function formatBase32Hex(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32_DIGITS.charAt((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  if (bits > 0) text += BASE32_DIGITS.charAt((held << (5 - bits)) & 31);
  return text;
}

/** @throws {PresentationError} a foreign character, or bits left over that are not zero */
export function parseBase32Hex(text: string): Uint8Array {
  const octets: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text.toUpperCase()) {
    const digit = BASE32_DIGITS.indexOf(character);
    if (digit < 0) throw new PresentationError(`"${text}" is not base32hex`);
    held = (held << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      octets.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  if (octets.length === 0 || bits >= 5 || held !== 0)
    throw new PresentationError(`"${text}" is not base32hex`);
  return Uint8Array.from(octets);
}
