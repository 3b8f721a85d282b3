/** Subnets, of which a client is in one or in none. */
import { BlockList } from 'node:net';
import { formatAddress, parseAddress } from '../../dns/address.ts';
import type { Peer } from '../plugin.ts';
import { Ipv4Ranges, rangeOf } from './ipv4-ranges.ts';

export interface Subnet {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  readonly bits: number;
}

/** RFC 4291 §2.5.5.2: what stands before the IPv4 address. */
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
const MAPPED_PREFIX_BITS = 8 * MAPPED_PREFIX.length;

/** Reads a CIDR block, or an address alone; undefined where the text is neither. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const octets = parseAddress(address);
  if (octets === undefined) return undefined;
  const bits = prefix === undefined ? octets.length * 8 : Number(prefix);
  if (bits > octets.length * 8) return undefined;
  // A client is never seen with an IPv4-mapped address, but with the IPv4 address in it.
  const isMapped = octets.length === 16 && MAPPED_PREFIX.every((octet, i) => octets[i] === octet);
  if (!isMapped || bits < MAPPED_PREFIX_BITS) return { octets, bits };
  return { octets: octets.subarray(MAPPED_PREFIX.length), bits: bits - MAPPED_PREFIX_BITS };
}

export class NetSet {
  readonly #ipv4: Ipv4Ranges;
  readonly #ipv6 = new BlockList();

  constructor(subnets: readonly Subnet[]) {
    const isIpv4 = ({ octets }: Subnet) => octets.length === 4;
    this.#ipv4 = new Ipv4Ranges(subnets.filter(isIpv4).map(({ octets, bits }) => rangeOf(octets, bits)));
    for (const subnet of subnets) {
      if (!isIpv4(subnet)) this.#ipv6.addSubnet(formatAddress(subnet.octets), subnet.bits, 'ipv6');
    }
  }

  /** The address must be one. Those of one family are in no subnet of the other. */
  has({ address, family }: Peer): boolean {
    return family === 4 ? this.#ipv4.has(address) : this.#ipv6.check(address, 'ipv6');
  }
}
