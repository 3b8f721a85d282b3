/** Addresses of the kernel's as the server has them. */
import { formatAddress } from '../../dns/address.ts';
import { AF_INET, interfaceName } from '../../net/socket-name.ts';
import type { Peer } from '../../plugins/plugin.ts';
import type { Memory } from '../memory.ts';
import { ENVELOPE, isIpv4, localAddressOf, portOf } from './envelope.ts';

const IPV4_AT = ENVELOPE.nameAt + 4;
const IPV6_AT = ENVELOPE.nameAt + 8;
const MAPPED_IPV4_AT = IPV6_AT + 12;
const SCOPE_AT = ENVELOPE.nameAt + 24;

/** Who sent the datagram. */
export function peerAt(memory: Memory, at: number): Peer {
  const port = portOf(memory, at);
  if (isIpv4(memory, at)) {
    const isPlain = ((memory.words[(at + ENVELOPE.nameAt) >> 2] ?? 0) & 0xffff) === AF_INET;
    return { address: ipv4Text(memory.octets, at + (isPlain ? IPV4_AT : MAPPED_IPV4_AT)), port, family: 4 };
  }
  const text = formatAddress(memory.octets.subarray(at + IPV6_AT, at + IPV6_AT + 16));
  const scope = memory.words[(at + SCOPE_AT) >> 2] ?? 0;
  return { address: scope === 0 ? text : `${text}%${interfaceName(scope)}`, port, family: 6 };
}

/** Which address of ours the datagram was sent to; `bound` where the socket has one address alone. */
export function localAt(memory: Memory, at: number, bound: Peer): Peer {
  const local = localAddressOf(memory, at);
  if (local === undefined) return bound;
  const { octets } = memory;
  if (local.bytes === 4) return { address: ipv4Text(octets, local.at), port: bound.port, family: 4 };
  if (isIpv4(memory, at)) return { address: ipv4Text(octets, local.at + 12), port: bound.port, family: 4 };
  return { address: formatAddress(octets.subarray(local.at, local.at + 16)), port: bound.port, family: 6 };
}

function ipv4Text(octets: Uint8Array, at: number): string {
  return `${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}`;
}
