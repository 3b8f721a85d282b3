/** `struct sockaddr_in` and `struct sockaddr_in6`: where a socket is, as the kernel writes and reads it. */
import { networkInterfaces } from 'node:os';
import { formatAddress, parseAddress } from '../dns/address.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;

const IPV4_NAME_BYTES = 16;
const IPV6_NAME_BYTES = 28;
const PORT_AT = 2;
const IPV4_AT = 4;
const IPV6_AT = 8;
const SCOPE_AT = 24;

export interface SocketAddress {
  /** An IPv6 address may bear a scope: `fe80::1%eth0`. */
  readonly host: string;
  readonly port: number;
}

/** @param host an address, not a name */
export function socketName({ host, port }: SocketAddress): ArrayBuffer {
  const [address = '', scope] = host.split('%');
  const octets = parseAddress(address) ?? new Uint8Array(4);
  const isIpv6 = octets.length === 16;
  const name = new ArrayBuffer(isIpv6 ? IPV6_NAME_BYTES : IPV4_NAME_BYTES);
  const view = new DataView(name);
  view.setUint16(0, isIpv6 ? AF_INET6 : AF_INET, true);
  view.setUint16(PORT_AT, port);
  new Uint8Array(name).set(octets, isIpv6 ? IPV6_AT : IPV4_AT);
  if (isIpv6 && scope !== undefined) view.setUint32(SCOPE_AT, interfaceIndex(scope), true);
  return name;
}

/** @param name of at least 28 octets */
export function readSocketName(name: ArrayBuffer): SocketAddress {
  const view = new DataView(name);
  const port = view.getUint16(PORT_AT);
  if (view.getUint16(0, true) === AF_INET)
    return { host: formatAddress(new Uint8Array(name, IPV4_AT, 4)), port };
  const scope = view.getUint32(SCOPE_AT, true);
  const host = formatAddress(new Uint8Array(name, IPV6_AT, 16));
  return { host: scope === 0 ? host : `${host}%${interfaceName(scope)}`, port };
}

/** Names by index; interfaces come and go, so an index that is not known is looked for each time. */
export function interfaceName(index: number): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some(({ scopeid }) => scopeid === index)) return name;
  }
  return String(index);
}

function interfaceIndex(scope: string): number {
  return networkInterfaces()[scope]?.find(({ scopeid }) => scopeid)?.scopeid ?? Number(scope);
}
