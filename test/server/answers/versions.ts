/** Answers that say of themselves which question's they are, which version, and whether they are whole. */
import { encodeMessage } from '../../../src/dns/index.ts';
import { decodeMessage } from '../../../src/dns/wire/decode.ts';
import type { Memory } from '../../../src/server/memory.ts';
import { makeQuery } from '../../support/query.ts';

/** Every second one has addresses in an order by chance. */
export const QUESTIONS = 4;
/** Behind the ID. */
const FIRST_WORD = 1;

export function queryOf(question: number): Uint8Array {
  return encodeMessage(makeQuery({ name: `${'x'.repeat(question * 5)}web.prod` }).message, {
    limitBytes: 512,
  }).slice();
}

export function questionOf(version: number): number {
  return version % QUESTIONS;
}

export function isShuffled(version: number): boolean {
  return questionOf(version) % 2 === 1;
}

/** Whose origin has to hear of each client: no reader may give them. */
export function isForOneThread(version: number): boolean {
  return version % 11 === 0;
}

/** Short ones and long ones, that stand on shelves of their own. */
function lengthOf(version: number): number {
  return 40 + ((version * 37) % 1100);
}

function addressCount(version: number): number {
  return 2 + ((version * 7) % 50);
}

export function octetsOf(version: number): Uint8Array {
  return isShuffled(version) ? addressesOf(version) : filledWith(version);
}

function filledWith(version: number): Uint8Array {
  const octets = Buffer.alloc(lengthOf(version) + 3);
  for (let at = 0; at + 4 <= octets.length; at += 4) octets.writeInt32LE(version, at);
  return octets.subarray(0, lengthOf(version));
}

/** In an address stand its place and the version; each owner is a pointer to the question. */
function addressesOf(version: number): Uint8Array {
  const query = queryOf(questionOf(version));
  const header = Buffer.from(query);
  const count = addressCount(version);
  header.writeUInt16BE(0x8400, 2);
  header.writeUInt16BE(count, 6);
  const records = Array.from({ length: count }, (_, i) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, i, version >> 16, version >> 8, version]),
  );
  return Buffer.concat([header, ...records]);
}

export interface Expected {
  readonly question: number;
  readonly id: number;
  /** The answer must be newer. */
  readonly after: number;
}

/** @returns the version; a text where something is wrong */
export function faultOf(out: Memory, length: number, { question, id, after }: Expected): number | string {
  if (((out.words[0] ?? 0) & 0xffff) !== id) return 'another ID';
  const octets = out.octets.subarray(0, length);
  const version = question % 2 === 1 ? versionOfAddresses(octets) : versionOfFilled(out, length);
  if (typeof version === 'string') return version;
  if (questionOf(version) !== question) return `version ${version}: of another question than ${question}`;
  return version > after ? version : `version ${version}: after the end of ${after}`;
}

function versionOfFilled({ octets, words }: Memory, length: number): number | string {
  const version = words[FIRST_WORD] ?? 0;
  if (length !== lengthOf(version)) return `version ${version}: ${length} octets`;
  for (let at = FIRST_WORD; at < length >> 2; at++)
    if (words[at] !== version) return `version ${version}: word ${at} is ${words[at]}`;
  for (let at = length & ~3; at < length; at++)
    if (octets[at] !== ((version >>> ((at & 3) * 8)) & 255)) return `version ${version}: octet ${at}`;
  return version;
}

function versionOfAddresses(octets: Uint8Array): number | string {
  const addresses = new Set<number>();
  const versions = new Set<number>();
  let records: ReturnType<typeof decodeMessage>['answer'];
  try {
    records = decodeMessage(octets).answer;
  } catch (error) {
    return String(error);
  }
  for (const { data } of records) {
    if (data.kind !== 'A') return data.kind;
    const [address = 0, high = 0, middle = 0, low = 0] = data.address;
    addresses.add(address);
    versions.add((high << 16) | (middle << 8) | low);
  }
  const [version = 0, ...others] = versions;
  const isWhole =
    others.length === 0 && records.length === addressCount(version) && addresses.size === records.length;
  return isWhole ? version : `addresses ${[...addresses]} of versions ${[...versions]}`;
}
