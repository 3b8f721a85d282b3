/** Addresses that listeners are bound to, and what to say where that fails. */
import type { Peer } from '../plugins/plugin.ts';

/** A transport, address and port: what listeners are grouped by. */
export interface ListenAddress {
  readonly transport: 'dns';
  /** An IP address, or empty for the wildcard address of both families. */
  readonly host: string;
  readonly port: number;
}

export function listenerKey(address: ListenAddress): string {
  return `${address.transport}://${bracketed(address.host)}:${address.port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

const MAPPED = '::ffff:';

/** A peer as Node gives it; an IPv4 client of a dual-stack socket is an IPv4 client. */
export function peerOf(address: string, port: number): Peer {
  const plain = isMapped(address) ? address.slice(MAPPED.length) : address;
  return { address: plain, port, family: plain.includes(':') ? 6 : 4 };
}

/** As `peerOf` has it. */
export function familyOf(address: string): Peer['family'] {
  return address.includes(':') && !isMapped(address) ? 6 : 4;
}

function isMapped(address: string): boolean {
  return address.startsWith(MAPPED) && address.includes('.');
}

/** The server cannot listen: a mistake of the operator's, said in one line. */
export class ListenError extends Error {
  constructor(protocol: 'udp' | 'tcp', address: ListenAddress, cause: unknown) {
    const code = errorCode(cause);
    super(`listen ${protocol} ${bracketed(address.host)}:${address.port}: ${adviceFor(code, address.port)}`, {
      cause,
    });
    this.name = 'ListenError';
  }
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : String(error);
}

function adviceFor(code: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'address already in use: stop what listens there, or choose another port with -dns.port or in the key';
    case 'EACCES':
      return `permission denied: give the process CAP_NET_BIND_SERVICE for port ${port}, or use a port above 1023`;
    case 'EADDRNOTAVAIL':
      return 'the address is not on this machine: correct `bind`';
    default:
      return code;
  }
}
