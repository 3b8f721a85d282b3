/** IP addresses as octets: 4 for IPv4, 16 for IPv6. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Octets of an address in text, or undefined where the text is none. An IPv6 zone (`%eth0`) is not accepted. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (isIPv6(text) && !text.includes('%')) return Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray());
  return undefined;
}

/** Text of 4 or 16 octets; IPv6 as RFC 5952 writes it. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return dotted(bytes, 0);
  return isMapped(bytes) ? `::ffff:${dotted(bytes, 12)}` : colons(bytes);
}

function dotted(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** RFC 4291 §2.5.5.2, which RFC 5952 §5 has in dotted form. */
function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

const GROUPS = 8;

function colons(bytes: Uint8Array): string {
  // RFC 5952 §4.2: the longest run of zeros is shortened, the first of several, but not a single one.
  let gap = -1;
  let gapLength = 1;
  for (let i = 0, run = 0; i < GROUPS; i++) {
    run = groupAt(bytes, i) === 0 ? run + 1 : 0;
    if (run > gapLength) {
      gapLength = run;
      gap = i + 1 - run;
    }
  }
  let text = '';
  for (let i = 0; i < GROUPS; i++) {
    if (i === gap) {
      text += '::';
      i += gapLength - 1;
    } else {
      if (i > 0 && i !== gap + gapLength) text += ':';
      text += groupAt(bytes, i).toString(16);
    }
  }
  return text;
}

function groupAt(bytes: Uint8Array, group: number): number {
  return ((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0);
}
