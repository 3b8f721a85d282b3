/** Letter case of octets: ASCII only (RFC 4343 §3). */
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const CASE_BIT = 0x20;

/** Octets of length are below 64, hence never mistaken for an upper-case letter. */
export function foldOctet(octet: number): number {
  return octet >= UPPER_A && octet <= UPPER_Z ? octet | CASE_BIT : octet;
}
