/** Subnets in CIDR notation, compared with the octets of addresses. */
import { parseAddress } from '../../dns/address.ts';

export interface Subnet {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly bits: number;
}

/** Undefined where the text is no CIDR block. Bits behind the prefix are without meaning. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const octets = parseAddress(address);
  const bits = Number(digits);
  return octets === undefined || bits > octets.length * 8 ? undefined : { address: octets, bits };
}

export function isInSubnet(address: Uint8Array, subnet: Subnet): boolean {
  if (address.length !== subnet.address.length) return false;
  const whole = subnet.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== subnet.address[i]) return false;
  // Without bits left nothing of the octets is left either.
  const shift = 8 - (subnet.bits & 7);
  return (address[whole] ?? 0) >> shift === (subnet.address[whole] ?? 0) >> shift;
}
