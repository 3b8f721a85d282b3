/** Which messages have answers that are kept: those that say nothing but a question. */
import { HEADER_BYTES } from '../../dns/wire/header.ts';
import { limits } from '../../limits.ts';

/** A name of the root, type and class. */
export const SHORTEST_QUERY_BYTES = HEADER_BYTES + 5;
/** Root name, type, size, four octets of flags, no options (RFC 6891 §6.1.2). */
const BARE_OPT_BYTES = 11;
export const LONGEST_QUERY_BYTES = HEADER_BYTES + limits.nameBytes + 4 + BARE_OPT_BYTES;
const OPT = 41;
const IXFR = 251;
const AXFR = 252;

/**
 * Whether it is a query with one question, its name in lower case and not compressed, and nothing beside it but an OPT
 * without options. A name in mixed case is a resolver's own secret (0x20): nobody asks it twice.
 */
export function isPlainQuery(bytes: Uint8Array): boolean {
  if (bytes.length < SHORTEST_QUERY_BYTES || !isSoleQuestion(bytes)) return false;
  const nameEnd = endOfLowerCaseName(bytes);
  if (nameEnd < 0) return false;
  const end = nameEnd + 4;
  const optBytes = bytes[11] === 0 ? 0 : BARE_OPT_BYTES;
  if (bytes.length !== end + optBytes || (optBytes > 0 && !isBareOpt(bytes, end))) return false;
  const type = at(bytes, nameEnd) * 256 + at(bytes, nameEnd + 1);
  return type !== AXFR && type !== IXFR;
}

/** A query (RFC 1035 §4.1.1) with one question, nothing in answer and authority, and at most one additional record. */
function isSoleQuestion(bytes: Uint8Array): boolean {
  if ((at(bytes, 2) & 0xf8) !== 0) return false;
  if (at(bytes, 4) !== 0 || at(bytes, 5) !== 1) return false;
  for (let i = 6; i <= 10; i++) if (bytes[i] !== 0) return false;
  return at(bytes, 11) <= 1;
}

/** Where the type begins, with class behind it; -1 for a name that is compressed, has capitals, or does not end. */
function endOfLowerCaseName(bytes: Uint8Array): number {
  let offset = HEADER_BYTES;
  const last = Math.min(bytes.length - 4, HEADER_BYTES + limits.nameBytes);
  while (offset < last) {
    const length = at(bytes, offset++);
    if (length === 0) return offset;
    if (length > limits.labelBytes || offset + length >= last) return -1;
    for (const end = offset + length; offset < end; offset++) {
      const octet = at(bytes, offset);
      if (octet >= 0x41 && octet <= 0x5a) return -1;
    }
  }
  return -1;
}

function isBareOpt(bytes: Uint8Array, start: number): boolean {
  const isOpt = at(bytes, start) === 0 && at(bytes, start + 1) === 0 && at(bytes, start + 2) === OPT;
  return isOpt && at(bytes, start + 9) === 0 && at(bytes, start + 10) === 0;
}

/** The caller has compared lengths. */
function at(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}
