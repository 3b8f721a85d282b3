/** Which octets of a reply change places, and that nothing else changes. */
import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMessage, Name } from '../../../src/dns/index.ts';
import { type ResourceRecord, record } from '../../../src/dns/record.ts';
import { FastRandom } from '../../../src/plugins/random.ts';
import { runsOf, shuffleRun } from '../../../src/server/answers/order.ts';
import { makeQuery } from '../../support/query.ts';

const OWNER = 'web.prod.svc.cluster.local';

interface Sections {
  readonly answer?: readonly ResourceRecord[];
  readonly authority?: readonly ResourceRecord[];
  readonly additional?: readonly ResourceRecord[];
}

function encode(sections: Sections, compressAboveBytes = 0): Uint8Array {
  const { message } = makeQuery({ name: OWNER, edns: {} });
  const reply = { ...message, qr: true, ...sections };
  return encodeMessage(reply, { limitBytes: 65_535, compressAboveBytes }).slice();
}

function of(data: Parameters<typeof record>[2], owner = OWNER): ResourceRecord {
  return record(Name.fromText(owner), 5, data);
}

const a = (last: number, owner?: string) => of({ kind: 'A', address: Uint8Array.of(10, 0, 0, last) }, owner);
const aaaa = (last: number) => of({ kind: 'AAAA', address: new Uint8Array(16).fill(last) });
const srv = (target: string) =>
  of({ kind: 'SRV', priority: 0, weight: 1, port: 80, target: Name.fromText(target) });
const mx = (exchange: string) => of({ kind: 'MX', preference: 1, exchange: Name.fromText(exchange) });
const cname = (target: string) => of({ kind: 'CNAME', target: Name.fromText(target) });

const several = (count: number) => Array.from({ length: count }, (_, i) => a(i + 1));

describe.each([
  ['compressed', 0],
  ['not compressed', 65_535],
])('in a message that is %s', (_how, compressAboveBytes) => {
  test.each<[what: string, sections: Sections, counts: number[] | undefined]>([
    ['one address', { answer: [a(1)] }, []],
    ['addresses', { answer: several(10) }, [10]],
    ['addresses of IPv6', { answer: [aaaa(1), aaaa(2)] }, [2]],
    ['addresses of both kinds, which differ in length', { answer: [a(1), aaaa(2)] }, undefined],
    [
      'behind an alias',
      { answer: [cname('other.example.'), a(1, 'other.example.'), a(2, 'other.example.')] },
      [2],
    ],
    ['in each section', { answer: several(2), additional: several(3) }, [2, 3]],
    [
      'of services',
      { answer: [srv('b.prod'), srv('c.prod')], additional: [a(1, 'b.prod'), a(2, 'c.prod')] },
      [2],
    ],
    ['mail servers', { answer: [mx('a.'), mx('b.')] }, [2]],
    [
      'mail servers of which one is written by another',
      { answer: [mx('a.example.'), mx('a.example.')] },
      compressAboveBytes === 0 ? undefined : [2],
    ],
    [
      'mail servers of names that differ in length',
      { answer: [mx('a.example.'), mx('bb.example.')] },
      undefined,
    ],
    ['records that have an order', { answer: [srv('b.prod'), srv('c.prod')] }, []],
  ])('%s', (_what, sections, counts) => {
    expect(runsOf(encode(sections, compressAboveBytes))?.map(({ count }) => count)).toEqual(counts);
  });
});

test('where a name is written among them and others lead to it, none may move', () => {
  const owners = ['x.example.', 'x.example.'];
  expect(runsOf(encode({ answer: owners.map((owner, i) => a(i, owner)) }))).toBeUndefined();
});

test('another reader finds the same records, each at every place', () => {
  const octets = encode({ answer: several(4), additional: several(3) });
  const before = dnsPacket.decode(Buffer.from(octets));
  const runs = runsOf(octets) ?? [];
  const orders = new Set<string>();
  const random = new FastRandom();
  for (let i = 0; i < 2_000; i++) {
    for (const { at, count, stride, from } of runs) shuffleRun(octets, at, count, stride, from, random);
    const after = dnsPacket.decode(Buffer.from(octets));
    const dataOf = (answers: dnsPacket.Answer[] | undefined) =>
      answers?.map((answer) => ('data' in answer ? String(answer.data) : ''));
    expect({ ...after, answers: [], additionals: [] }).toEqual({ ...before, answers: [], additionals: [] });
    expect(dataOf(after.answers)?.toSorted()).toEqual(dataOf(before.answers)?.toSorted());
    expect(dataOf(after.additionals)?.toSorted()).toEqual(dataOf(before.additionals)?.toSorted());
    orders.add(dataOf(after.answers)?.join() ?? '');
  }
  expect(orders.size).toBe(24);
});

test('runs lie within the message, whatever is in it', () => {
  const data = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((last) => a(last)),
    fc.integer({ min: 0, max: 255 }).map((last) => aaaa(last)),
    fc.constantFrom('a.example.', 'b.prod.svc.cluster.local.').map((target) => cname(target)),
    fc.constantFrom('a.example.', 'b.prod.svc.cluster.local.').map((target) => mx(target)),
  );
  const section = fc.array(data, { maxLength: 6 });
  fc.assert(
    fc.property(section, section, section, (answer, authority, additional) => {
      const octets = encode({ answer, authority, additional });
      for (const { at, count, stride, from } of runsOf(octets) ?? []) {
        expect(at).toBeGreaterThan(12);
        expect(at + count * stride).toBeLessThanOrEqual(octets.length);
        expect(from).toBeLessThanOrEqual(stride);
      }
    }),
  );
});
