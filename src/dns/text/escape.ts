/** Octet strings in zone-file text (RFC 1035 §5.1): `\X` is the character X, `\DDD` the octet of that value. */
import { PresentationError } from '../errors.ts';

const BACKSLASH = 0x5c;

/** `\DDD` or `\X`, read behind the backslash: its octet and how many characters it takes. */
export function readEscape(bytes: Uint8Array, at: number): { octet: number; length: number } {
  const first = bytes[at];
  if (first === undefined) throw new PresentationError('text ends in a backslash');
  if (first < 0x30 || first > 0x39) return { octet: first, length: 1 };
  const digits = String.fromCharCode(...bytes.subarray(at, at + 3));
  const octet = /^\d{3}$/.test(digits) ? Number(digits) : 256;
  if (octet > 255) throw new PresentationError(`bad escape \\${digits}: three digits up to 255 are needed`);
  return { octet, length: 3 };
}

/** The octets that escaped text stands for; characters beyond ASCII count as their UTF-8 octets. */
export function unescapeText(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  const octets: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] ?? 0;
    if (octet === BACKSLASH) {
      const escaped = readEscape(bytes, i + 1);
      octets.push(escaped.octet);
      i += escaped.length;
    } else {
      octets.push(octet);
    }
  }
  return Uint8Array.from(octets);
}

/** Text for between double quotes: quote and backslash escaped, all but printable ASCII as `\DDD`. */
export function escapeQuoted(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    if (octet === 0x22 || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`;
    else if (octet >= 0x20 && octet < 0x7f) text += String.fromCharCode(octet);
    else text += `\\${String(octet).padStart(3, '0')}`;
  }
  return text;
}

export function quoted(octets: Uint8Array): string {
  return `"${escapeQuoted(octets)}"`;
}
