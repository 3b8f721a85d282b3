/** Names of reverse lookups: `in-addr.arpa` (RFC 1035 §3.5) and `ip6.arpa` (RFC 3596 §2.5). */
import { Name } from './name.ts';

const IN_ADDR_ARPA = Name.fromText('in-addr.arpa').wire;
const IP6_ARPA = Name.fromText('ip6.arpa').wire;
const IPV6_NIBBLES = 32;
/** 32 labels of one character each, before the suffix. */
const IPV6_NAME_BYTES = 2 * IPV6_NIBBLES + IP6_ARPA.length;

const DIGIT_0 = 0x30;
const LETTER_A = 0x61;
const CASE_BIT = 0x20;

/**
 * The 4 or 16 octets that a reverse name stands for: exactly four decimal octets without leading zeros, or exactly
 * 32 nibbles; undefined for any other name.
 */
export function addressOfReverseName(name: Name): Uint8Array | undefined {
  const { wire } = name;
  if (wire.length === IPV6_NAME_BYTES && endsWith(wire, IP6_ARPA)) return ipv6Address(wire);
  return endsWith(wire, IN_ADDR_ARPA) ? ipv4Address(wire) : undefined;
}

/** Whether the last octets are `suffix`, letter case aside. Length octets are below every letter. */
function endsWith(wire: Uint8Array, suffix: Uint8Array): boolean {
  const start = wire.length - suffix.length;
  if (start < 0) return false;
  for (let i = suffix.length - 1; i >= 0; i--) {
    const octet = wire[start + i] ?? 0;
    if (octet !== suffix[i] && (octet < 0x41 || octet > 0x5a || (octet | CASE_BIT) !== suffix[i]))
      return false;
  }
  return true;
}

function ipv4Address(wire: Uint8Array): Uint8Array | undefined {
  const address = new Uint8Array(4);
  let at = 0;
  // The octet that comes first in the name is the last of the address.
  for (let i = 3; i >= 0; i--) {
    const octet = decimalLabel(wire, at);
    if (octet < 0) return undefined;
    address[i] = octet;
    at += (wire[at] ?? 0) + 1;
  }
  return at === wire.length - IN_ADDR_ARPA.length ? address : undefined;
}

/** The label at `at` as a number from 0 to 255 without leading zeros, or -1. */
function decimalLabel(wire: Uint8Array, at: number): number {
  const length = wire[at] ?? 0;
  if (length === 0 || length > 3 || (length > 1 && wire[at + 1] === DIGIT_0)) return -1;
  let value = 0;
  for (let i = at + 1; i <= at + length; i++) {
    const digit = (wire[i] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= 255 ? value : -1;
}

function ipv6Address(wire: Uint8Array): Uint8Array | undefined {
  const address = new Uint8Array(16);
  for (let i = 0; i < IPV6_NIBBLES; i++) {
    const nibble = wire[2 * i] === 1 ? nibbleOf(wire[2 * i + 1] ?? 0) : -1;
    if (nibble < 0) return undefined;
    // The nibble that comes first in the name is the lowest of the address.
    const octet = 15 - (i >> 1);
    address[octet] = (address[octet] ?? 0) | (nibble << ((i & 1) << 2));
  }
  return address;
}

function nibbleOf(character: number): number {
  const digit = character - DIGIT_0;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (character | CASE_BIT) - LETTER_A;
  return letter >= 0 && letter <= 5 ? letter + 10 : -1;
}

/** The name to ask for the PTR records of 4 or 16 octets. */
export function reverseName(address: Uint8Array): Name {
  if (address.length === 4)
    return Name.fromLabels([...[...address].reverse().map(String), 'in-addr', 'arpa']);
  const wire = new Uint8Array(IPV6_NAME_BYTES);
  for (let i = 0; i < IPV6_NIBBLES; i++) {
    const nibble = ((address[15 - (i >> 1)] ?? 0) >> ((i & 1) << 2)) & 0xf;
    wire[2 * i] = 1;
    wire[2 * i + 1] = nibble < 10 ? DIGIT_0 + nibble : LETTER_A + nibble - 10;
  }
  wire.set(IP6_ARPA, 2 * IPV6_NIBBLES);
  return Name.trusted(wire);
}
