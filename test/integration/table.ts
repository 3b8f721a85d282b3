/** Rows that read as the specification: a name, a type, and what the answer must be. */
import { expect } from 'vitest';
import { type Asked, ask, type Transport } from '../support/ask.ts';

export const NOERROR = 0;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const REFUSED = 5;

/** Flags of every reply of `kubernetes` to a query with RD: QR AA RD. */
const QR_AA_RD = 0x8500;
const QR_RD = 0x8100;

/** What follows the name in a record, e.g. `5 IN A 10.96.3.4`; or with its owner, where that is not the name asked for. */
export type Expected =
  | 'NX'
  | 'NODATA'
  | 'REFUSED'
  | 'SERVFAIL'
  | { readonly answer: readonly string[]; readonly additional?: readonly string[] };

export type Row = readonly [name: string, types: string, expected: Expected];

export function records(...answer: string[]): Expected {
  return { answer };
}

/** One case for each type of each row. */
export function cases(rows: readonly Row[]): { name: string; type: string; expected: Expected }[] {
  return rows.flatMap(([name, types, expected]) =>
    types.split(' ').map((type) => ({ name, type, expected })),
  );
}

/** Asks and compares everything: flags, rcode, every section. @param zone whose SOA is in negative answers */
export async function expectAnswer(
  port: number,
  transport: Transport,
  row: { name: string; type: string; expected: Expected },
  zone: string,
): Promise<void> {
  const asked = await ask(port, row.name, row.type, { transport });
  expect(seen(asked, zone)).toEqual(wanted(row, zone));
}

function seen(asked: Asked, zone: string) {
  return {
    flags: asked.flags.toString(16),
    answer: asked.answer.toSorted(),
    authority: asked.authority.map((soa) => withoutSerial(soa, zone)),
    additional: asked.additional.toSorted(),
  };
}

function wanted({ name, expected }: { name: string; expected: Expected }, zone: string) {
  const none = { answer: [], authority: [], additional: [] };
  const owner = name === '.' ? '.' : `${name.replace(/\.$/, '')}.`;
  switch (expected) {
    case 'NX':
      return { ...none, flags: (QR_AA_RD | NXDOMAIN).toString(16), authority: [soaOf(zone)] };
    case 'NODATA':
      return { ...none, flags: QR_AA_RD.toString(16), authority: [soaOf(zone)] };
    case 'REFUSED':
      return { ...none, flags: (QR_RD | REFUSED).toString(16) };
    case 'SERVFAIL':
      return { ...none, flags: (QR_RD | SERVFAIL).toString(16) };
    default:
      return {
        flags: QR_AA_RD.toString(16),
        answer: expected.answer.map((rr) => withOwner(rr, owner)).toSorted(),
        authority: [],
        additional: (expected.additional ?? []).map((rr) => withOwner(rr, owner)).toSorted(),
      };
  }
}

function withOwner(rr: string, owner: string): string {
  return /^\d+ IN /.test(rr) ? `${owner} ${rr}` : rr;
}

export function soaOf(zone: string, ttl = 5): string {
  return `${zone} ${Math.min(ttl, 300)} IN SOA ns.dns.${zone} hostmaster.${zone} SERIAL 7200 1800 86400 ${ttl}`;
}

function withoutSerial(soa: string, zone: string): string {
  return soa.startsWith(`${zone} `) ? soa.replace(/ \d+ 7200 /, ' SERIAL 7200 ') : soa;
}
