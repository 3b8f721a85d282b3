/** Rdata <-> octets, by the table of layouts. */
import type { KnownKind, Rdata } from '../record.ts';
import { RrClass, RrType } from '../types.ts';
import type { WireReader } from '../wire/reader.ts';
import type { WireWriter } from '../wire/writer.ts';
import { ipv4, ipv6 } from './addresses.ts';
import type { Field } from './field.ts';
import { internetOnly, layouts } from './layouts.ts';

/** A layout made ready for loops. */
export interface Row {
  readonly kind: KnownKind;
  readonly keys: readonly string[];
  readonly fields: readonly Field<unknown>[];
  readonly internetOnly: boolean;
}

const rowsByType: (Row | undefined)[] = [];
for (const [kind, layout] of Object.entries(layouts) as [KnownKind, Record<string, Field<unknown>>][]) {
  rowsByType[RrType[kind]] = {
    kind,
    keys: Object.keys(layout),
    fields: Object.values(layout),
    internetOnly: internetOnly.includes(kind),
  };
}

/** The row for records of this type and class; undefined where their rdata is opaque (RFC 3597 §3). */
export function rowOf(type: number, rrClass: number): Row | undefined {
  const row = rowsByType[type];
  return row?.internetOnly === true && rrClass !== RrClass.IN ? undefined : row;
}

/** The values of a row's fields, in order. */
export function valuesOf(row: Row, data: Rdata): unknown[] {
  const values = data as unknown as Readonly<Record<string, unknown>>;
  return row.keys.map((key) => values[key]);
}

/** Rdata of the row's kind with a value for each field; the table is typed, so the result is what its kind says. */
export function makeRdata(row: Row, value: (field: Field<unknown>) => unknown): Rdata {
  const data: Record<string, unknown> = { kind: row.kind };
  for (let i = 0; i < row.keys.length; i++) {
    const field = row.fields[i];
    if (field !== undefined) data[row.keys[i] ?? ''] = value(field);
  }
  return data as unknown as Rdata;
}

/** Takes the rdata from a reader that ends with it. @throws {WireError} */
export function readRdata(reader: WireReader, type: number, rrClass: number): Rdata {
  const row = rowOf(type, rrClass);
  // RFC 2136 §2.4: prerequisites and deletions bear records without rdata, of any type.
  if (row === undefined || reader.left === 0) return { kind: 'opaque', bytes: reader.rest() };
  // Most records are addresses: without a walk over the row they take half the time.
  if (row.kind === 'A') return { kind: 'A', address: ipv4.read(reader) };
  if (row.kind === 'AAAA') return { kind: 'AAAA', address: ipv6.read(reader) };
  return makeRdata(row, (field) => field.read(reader));
}

/** @throws {WireError} a value has no wire form */
export function writeRdata(writer: WireWriter, data: Rdata): void {
  if (data.kind === 'opaque') {
    writer.octets(data.bytes);
    return;
  }
  if (data.kind === 'A') {
    ipv4.write(writer, data.address);
    return;
  }
  if (data.kind === 'AAAA') {
    ipv6.write(writer, data.address);
    return;
  }
  const row = rowsByType[RrType[data.kind]];
  if (row === undefined) return;
  const values = data as unknown as Readonly<Record<string, unknown>>;
  for (let i = 0; i < row.keys.length; i++) row.fields[i]?.write(writer, values[row.keys[i] ?? '']);
}
