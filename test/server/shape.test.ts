/** From a plugin's reply to a message: flags, OPT, and how large it may be. */
import { describe, expect, test } from 'vitest';
import type { EdnsOption } from '../../src/dns/message.ts';
import { Name } from '../../src/dns/name.ts';
import { type ResourceRecord, record } from '../../src/dns/record.ts';
import { Opcode, Rcode } from '../../src/dns/types.ts';
import { decodeMessage } from '../../src/dns/wire/decode.ts';
import { limits } from '../../src/limits.ts';
import { makeReply } from '../../src/plugins/reply.ts';
import { badVersion, encodeReply, replyLimit, replyMessage } from '../../src/server/shape.ts';
import { makeQuery } from '../support/query.ts';

function addresses(count: number): ResourceRecord[] {
  const owner = Name.fromText('wide.example.org.');
  return Array.from({ length: count }, (_, i) =>
    record(owner, 5, { kind: 'A', address: Uint8Array.of(10, 0, i >> 8, i & 0xff) }),
  );
}

function option(code: number, length: number): EdnsOption {
  return { code, data: new Uint8Array(length).fill(code) };
}

describe('flags', () => {
  test('ID, opcode, RD, CD and the question are the query\u2019s; AA, TC, RA, AD and rcode the reply\u2019s', () => {
    const { message } = makeQuery({ message: { id: 7, rd: true, cd: true, ad: true, z: true } });
    const reply = makeReply({ aa: true, tc: true, ra: true, ad: false, rcode: Rcode.NXDOMAIN });
    const { questions, id, rd, cd, aa, tc, ra, ad, z, qr, rcode } = replyMessage(message, reply, 512);
    expect({ questions, id, rd, cd, aa, tc, ra, ad, z, qr, rcode }).toEqual({
      questions: message.questions,
      ...{ id: 7, rd: true, cd: true, aa: true, tc: true, ra: true, ad: false, z: false, qr: true },
      rcode: Rcode.NXDOMAIN,
    });
  });

  test('without RD and CD there are none', () => {
    const { message } = makeQuery({ message: { rd: false, cd: false } });
    expect(replyMessage(message, makeReply({}), 512)).toMatchObject({ rd: false, cd: false });
  });

  test('a NOTIFY has neither', () => {
    const { message } = makeQuery({ message: { opcode: Opcode.NOTIFY, rd: true, cd: true } });
    const reply = replyMessage(message, makeReply({}), 512);
    expect(reply).toMatchObject({ opcode: Opcode.NOTIFY, rd: false, cd: false });
  });
});

describe('OPT', () => {
  test('none without one in the query, whatever a plugin adds', () => {
    const { message } = makeQuery();
    expect(replyMessage(message, makeReply({ ednsOptions: [option(15, 2)] }), 512).edns).toBeUndefined();
  });

  test('the known options come back, others and unknown flags do not', () => {
    const asked = [option(3, 0), option(8, 7), option(9, 4), option(10, 8), option(11, 2), option(12, 16)];
    const { message } = makeQuery({ edns: { udpSize: 1400, do: true, z: 0x1234, options: asked } });
    expect(replyMessage(message, makeReply({}), 512).edns).toEqual({
      ...{ udpSize: 1400, version: 0, do: true, z: 0 },
      options: asked.filter(({ code }) => code !== 8),
    });
  });

  test('options of a plugin stand in place of those of the query', () => {
    const { message } = makeQuery({ edns: { options: [option(10, 8)] } });
    const own = [option(15, 2)];
    expect(replyMessage(message, makeReply({ ednsOptions: own }), 512).edns?.options).toEqual(own);
  });

  test.each([0, 100, 400, 1200, 60_000])('a query with %i octets of padding has a legal reply', (length) => {
    const query = makeQuery({ edns: { udpSize: 512, options: [option(12, length)] } });
    const octets = encodeReply(query, makeReply({ answer: addresses(3) }));
    expect(octets.length).toBeLessThanOrEqual(512);
    expect(decodeMessage(octets).questions).toHaveLength(1);
  });

  test('a plugin can lower the size that clients are told', () => {
    const { message } = makeQuery({ edns: { udpSize: 4096 } });
    expect(replyMessage(message, makeReply({ udpSize: 1232 }), 512).edns?.udpSize).toBe(1232);
    expect(replyMessage(message, makeReply({ udpSize: 8192 }), 512).edns?.udpSize).toBe(4096);
  });

  test('BADVERS has a bare one', () => {
    const { message } = makeQuery({ edns: { version: 1, do: true, options: [option(10, 8)] } });
    expect(badVersion(message)).toMatchObject({
      rcode: Rcode.BADVERS,
      questions: message.questions,
      edns: { udpSize: 0, version: 0, do: false, z: 0, options: [] },
    });
  });
});

describe('size', () => {
  const rows: [what: string, udpSize: number | undefined, transport: 'udp' | 'tcp', limit: number][] = [
    ['no OPT', undefined, 'udp', 512],
    ['a size of 0', 0, 'udp', 512],
    ['a size below 512', 511, 'udp', 512],
    ['a size above 512', 1232, 'udp', 1232],
    ['the largest size', 65_535, 'udp', 65_535],
    ['TCP', 512, 'tcp', 65_535],
  ];
  test.each(rows)('%s', (_what, udpSize, transport, limit) => {
    const { message } = makeQuery(udpSize === undefined ? {} : { edns: { udpSize } });
    expect(replyLimit(message, transport)).toBe(limit);
  });

  test('a reply over the limit has whole records and TC', () => {
    const octets = encodeReply(makeQuery(), makeReply({ answer: addresses(100) }));
    const { tc, answer } = decodeMessage(octets);
    expect(octets.length).toBeLessThanOrEqual(512);
    expect(tc).toBe(true);
    expect(answer).toEqual(addresses(100).slice(0, answer.length));
    expect(answer.length).toBeGreaterThan(0);
  });

  test('a plugin can lower the limit, to 512 at the least', () => {
    const reply = { answer: addresses(100) };
    const query = makeQuery({ edns: { udpSize: 4096 }, replyLimit: 4096 });
    expect(encodeReply(query, makeReply(reply)).length).toBeGreaterThan(1232);
    const lower = encodeReply(query, makeReply({ ...reply, udpSize: 600 }));
    expect(lower.length).toBeLessThanOrEqual(600);
    expect(lower.length).toBeGreaterThan(600 - 16);
    expect(encodeReply(query, makeReply({ ...reply, udpSize: 10 })).length).toBeGreaterThan(512 - 16);
  });

  /** Header; question; owner, the fixed fields of a record and an address. */
  const plainBytes = (count: number) => 12 + 17 + count * (18 + 10 + 4);
  test.each([
    [4, limits.udpCompressAboveIpv4Bytes],
    [6, limits.udpCompressAboveIpv6Bytes],
  ] as const)('to an IPv%i client nothing above %i octets goes out uncompressed', (family, above) => {
    const query = makeQuery({ edns: { udpSize: 4096 }, replyLimit: 4096, client: { family } });
    const sizeOf = (count: number) => encodeReply(query, makeReply({ answer: addresses(count) })).length;
    const most = Array.from({ length: 100 }, (_, count) => count).findLast(
      (count) => plainBytes(count) + 11 <= above,
    );
    expect(sizeOf(most ?? 0)).toBe(plainBytes(most ?? 0) + 11);
    expect(sizeOf((most ?? 0) + 1)).toBeLessThan(plainBytes(most ?? 0));
  });

  test('over TCP it is not compressed below 64 KiB', () => {
    const query = makeQuery({ transport: 'tcp' });
    expect(encodeReply(query, makeReply({ answer: addresses(1000) })).length).toBe(plainBytes(1000));
    const large = encodeReply(query, makeReply({ answer: addresses(3000) }));
    expect(large.length).toBeLessThanOrEqual(limits.messageBytes);
    expect(decodeMessage(large)).toMatchObject({ tc: false, answer: addresses(3000) });
  });
});
