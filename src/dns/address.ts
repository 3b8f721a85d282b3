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
  if (bytes.length === 4) return bytes.join('.');
  const address = ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6;
  return address.isIPv4MappedAddress() ? `::ffff:${address.toIPv4Address()}` : address.toRFC5952String();
}
