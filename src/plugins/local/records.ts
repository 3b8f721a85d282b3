/** The zones of this machine and their records. */
import { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { RrType } from '../../dns/types.ts';

/** A week. */
const TTL_SECONDS = 604_800;
const IPV4 = Uint8Array.of(127, 0, 0, 1);
const IPV6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

export const LOCALHOST = Name.fromText('localhost.');
export const LOOPBACK_POINTER = Name.fromText('1.0.0.127.in-addr.arpa.');
export const ZONES: readonly Name[] = [
  LOCALHOST,
  ...['0.in-addr.arpa.', '127.in-addr.arpa.', '255.in-addr.arpa.'].map((zone) => Name.fromText(zone)),
];
const RNAME = Name.fromText('root.localhost.');

/** Undefined for types other than A and AAAA. */
export function loopbackRecord(owner: Name, type: number): ResourceRecord | undefined {
  if (type === RrType.A) return record(owner, TTL_SECONDS, { kind: 'A', address: IPV4 });
  if (type === RrType.AAAA) return record(owner, TTL_SECONDS, { kind: 'AAAA', address: IPV6 });
  return undefined;
}

/** Undefined for types other than PTR. */
export function pointerRecord(owner: Name, type: number): ResourceRecord | undefined {
  return type === RrType.PTR ? record(owner, TTL_SECONDS, { kind: 'PTR', target: LOCALHOST }) : undefined;
}

export function nsRecord(owner: Name): ResourceRecord {
  return record(owner, TTL_SECONDS, { kind: 'NS', target: LOCALHOST });
}

export function soaRecord(owner: Name): ResourceRecord {
  const timers = { serial: 1, refresh: 0, retry: 0, expire: 0, minimum: TTL_SECONDS };
  return record(owner, TTL_SECONDS, { kind: 'SOA', mname: LOCALHOST, rname: RNAME, ...timers });
}
