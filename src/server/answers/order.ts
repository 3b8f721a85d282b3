/** Records of a kept reply that stand in an order by chance: where they are, and how they get another. */

import { RrType } from '../../dns/types.ts';
import { HEADER_BYTES } from '../../dns/wire/header.ts';
import type { FastRandom } from '../../plugins/random.ts';

/** Records of one length, one behind the other. */
export interface Run {
  /** Octet of the message at which the first begins. */
  readonly at: number;
  readonly count: number;
  /** Octets of each. */
  readonly stride: number;
  /** Octet of each from which on they differ. */
  readonly from: number;
}

/** Puts the records of a run into an order in which each stands at each place as likely as any other. */
export function shuffleRun(
  octets: Uint8Array,
  at: number,
  count: number,
  stride: number,
  from: number,
  random: FastRandom,
): void {
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    if (other !== last) swap(octets, at + last * stride + from, at + other * stride + from, stride - from);
  }
}

function swap(octets: Uint8Array, a: number, b: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const kept = octets[a + i] as number;
    octets[a + i] = octets[b + i] as number;
    octets[b + i] = kept;
  }
}

interface Place {
  readonly at: number;
  readonly end: number;
  readonly type: number;
  readonly section: number;
}

/**
 * The addresses, and the mail servers, of each section of a reply.
 * @returns undefined where their octets cannot change places: they differ in length, or a compressed name leads among them
 */
export function runsOf(octets: Uint8Array): readonly Run[] | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const pointers: number[] = [];
  const groups = groupsOf(placesOf(view, pointers)).filter(({ length }) => length > 1);
  const runs: Run[] = [];
  for (const group of groups) {
    const run = runOf(octets, group);
    if (run === undefined) return undefined;
    runs.push(run);
  }
  const isAmong = (pointer: number) =>
    runs.some(({ at, count, stride }) => pointer >= at && pointer < at + count * stride);
  return pointers.some(isAmong) ? undefined : runs;
}

function runOf(octets: Uint8Array, group: readonly Place[]): Run | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const stride = first.end - first.at;
  if (group.some(({ at, end }) => end - at !== stride)) return undefined;
  let from = 0;
  const isAlike = () => group.every(({ at }) => octets[at + from] === octets[first.at + from]);
  while (from < stride && isAlike()) from++;
  return { at: first.at, count: group.length, stride, from };
}

/** Neighbours of a section that may change places. */
function groupsOf(places: readonly Place[]): Place[][] {
  const groups: Place[][] = [];
  let before: Place | undefined;
  for (const place of places) {
    const kind = kindOf(place.type);
    if (kind !== undefined) {
      const isNext = before?.section === place.section && kindOf(before.type) === kind;
      if (isNext) groups.at(-1)?.push(place);
      else groups.push([place]);
    }
    before = place;
  }
  return groups;
}

function kindOf(type: number): 'address' | 'mail' | undefined {
  if (type === RrType.A || type === RrType.AAAA) return 'address';
  return type === RrType.MX ? 'mail' : undefined;
}

/** @param pointers where the compressed names of all records lead to are added */
function placesOf(view: DataView, pointers: number[]): Place[] {
  let at = HEADER_BYTES;
  for (let left = view.getUint16(4); left > 0; left--) at = endOfName(view, at, pointers) + 4;
  const places: Place[] = [];
  for (const section of [0, 1, 2]) {
    for (let left = view.getUint16(6 + 2 * section); left > 0; left--) {
      const ownerEnd = endOfName(view, at, pointers);
      const type = view.getUint16(ownerEnd);
      const data = ownerEnd + 10;
      const end = data + view.getUint16(ownerEnd + 8);
      findPointers(view, type, data, pointers);
      places.push({ at, end, type, section });
      at = end;
    }
  }
  return places;
}

/** Octets before the name in the data of types whose names may be compressed (RFC 3597 §4). */
const NAME_AT: Readonly<Record<number, number>> = {
  [RrType.NS]: 0,
  [RrType.CNAME]: 0,
  [RrType.PTR]: 0,
  [RrType.SOA]: 0,
  [RrType.MX]: 2,
  [RrType.SRV]: 6,
};

function findPointers(view: DataView, type: number, data: number, pointers: number[]): void {
  const offset = NAME_AT[type];
  if (offset === undefined) return;
  const end = endOfName(view, data + offset, pointers);
  if (type === RrType.SOA) endOfName(view, end, pointers);
}

function endOfName(view: DataView, start: number, pointers: number[]): number {
  let at = start;
  for (;;) {
    const length = view.getUint8(at);
    if (length >= 0xc0) {
      pointers.push(view.getUint16(at) & 0x3fff);
      return at + 2;
    }
    at += length + 1;
    if (length === 0) return at;
  }
}
