/** Addresses as C reads them: beside `192.0.2.1` also `192.0.513`, `0xC0.0.2.1`, `3221225985`. */
import { isIPv6 } from 'node:net';

/** The dotted form of what `inet_aton` takes; undefined for anything else. */
export function inetAton(text: string): string | undefined {
  const parts = text.split('.').map(cNumber);
  const last = parts.pop();
  if (last === undefined || parts.length > 3) return undefined;
  let address = 0;
  for (const part of parts) {
    if (part === undefined || part > 255) return undefined;
    address = address * 256 + part;
  }
  // The last number fills all octets that are left.
  const room = 256 ** (4 - parts.length);
  if (last >= room) return undefined;
  address = address * room + last;
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

function cNumber(text: string): number | undefined {
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^(0x[0-9a-f]+|[1-9]\d*)$/i.test(text) ? Number(text) : undefined;
}

/** An address of a `nameserver` line, with the scope of an IPv6 address; undefined where it is none. */
export function readHost(text: string): string | undefined {
  const [address = '', ...scope] = text.split('%');
  if (isIPv6(address)) return scope.length === 0 || scope[0] === '' ? address : `${address}%${scope[0]}`;
  return inetAton(text);
}
