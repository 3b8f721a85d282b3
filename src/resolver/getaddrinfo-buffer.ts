/** How often glibc's `getaddrinfo` looks a name up before its buffer is large enough for what it gets (sysdeps/posix/getaddrinfo.c). */
import type { ResourceRecord } from '../dns/index.ts';

/** `struct scratch_buffer`: on the stack at first, then twice as much each time. */
const FIRST_BYTES = 1024;
/** `struct gaih_addrtuple` on 64-bit machines. */
const ADDRESS_BYTES = 40;
const ALIGNMENT_BYTES = 8;

/**
 * Walks through the search list for this answer: one, and one more each time the buffer is too small. From 25 addresses
 * on it is two, from 51 on three, since the lookup begins anew.
 */
export function walksFor(name: string, records: readonly ResourceRecord[]): number {
  const addresses = records.filter(({ data }) => data.kind === 'A' || data.kind === 'AAAA').length;
  // The name without its final dot, with its final zero.
  const nameBytes = Math.ceil(name.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  let walks = 1;
  for (let buffer = FIRST_BYTES; nameBytes + addresses * ADDRESS_BYTES > buffer; buffer *= 2) walks++;
  return walks;
}
