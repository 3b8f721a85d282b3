/** Roughly what a kept reply takes of memory. */
import { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import type { Reply } from '../reply.ts';

/** Key, entry and the reply in its present age. */
const ENTRY_BYTES = 1_000;
/** A record, its copy of another age, its data. */
const RECORD_BYTES = 250;
/** A string of octets beside the octets; a name has its folded form too. */
const OCTETS_BYTES = 200;

/** Octets of memory, near enough to bound a store. */
export function weigh({ answer, authority, additional }: Reply): number {
  return ENTRY_BYTES + weighAll(answer) + weighAll(authority) + weighAll(additional);
}

function weighAll(records: readonly ResourceRecord[]): number {
  let last: Name | undefined;
  return records.reduce((sum, { owner, data }) => {
    // Records of one set mostly share their owner.
    const owned = owner === last ? 0 : weighValue(owner);
    last = owner;
    // Addresses are the most by far, and need no look at every field.
    const isAddress = data.kind === 'A' || data.kind === 'AAAA';
    return sum + RECORD_BYTES + owned + weighValue(isAddress ? data.address : data);
  }, 0);
}

function weighValue(value: unknown): number {
  if (value instanceof Uint8Array) return OCTETS_BYTES + value.length;
  if (value instanceof Name) return OCTETS_BYTES + 2 * value.wire.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, field) => sum + weighValue(field), 0);
}
