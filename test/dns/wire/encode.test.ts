import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  formatRecord,
  LastingRecord,
  type Message,
  Name,
  WireError,
} from '../../../src/dns/index.ts';
import { COMPRESSED, hex, question, records, reply, toHex, WHOLE } from '../messages.ts';

const OPT = { udpSize: 1232, version: 0, do: false, z: 0, options: [] };

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `www.example.com. 60 A 10.0.0.${i}`);
}

function answers(count: number): Message {
  return reply({ questions: [question('www.example.com')], answer: records(...addresses(count)) });
}

describe('a message', () => {
  it('is written uncompressed where it fits', () => {
    const bytes = encodeMessage(answers(1), { limitBytes: 512 });
    const name = "03'www'07'example'03'com'00";
    expect(toHex(bytes)).toBe(
      toHex(hex(`1234 8500 0001 0001 0000 0000 ${name} 0001 0001 ${name} 0001 0001 0000003c 0004 0a000000`)),
    );
  });

  it('is compressed where it does not fit otherwise, or is over the threshold', () => {
    const plain = encodeMessage(answers(14), WHOLE);
    expect(plain).toHaveLength(12 + 21 + 14 * 31);
    const compressed = encodeMessage(answers(14), { limitBytes: plain.length - 1 });
    expect(compressed).toHaveLength(12 + 21 + 14 * 16);
    expect(encodeMessage(answers(14), { limitBytes: plain.length })).toEqual(plain);
    expect(encodeMessage(answers(14), { ...WHOLE, compressAboveBytes: plain.length })).toEqual(plain);
    expect(encodeMessage(answers(14), { ...WHOLE, compressAboveBytes: plain.length - 1 })).toEqual(
      compressed,
    );
    expect(decodeMessage(compressed)).toEqual(decodeMessage(plain));
  });

  it.each([1, 2, 20, 200])("is nobody else's octets, and no more than its own: %i records", (count) => {
    const before = encodeMessage(answers(count), WHOLE);
    const bytes = encodeMessage(answers(count), WHOLE);
    const after = encodeMessage(answers(count), WHOLE);
    const expected = after.slice();
    expect(bytes).toHaveLength(12 + 21 + count * 31);
    bytes.fill(0xff);
    expect(before).toEqual(expected);
    expect(after).toEqual(expected);
    expect(encodeMessage(answers(count), WHOLE)).toEqual(expected);
  });

  it('takes many messages from one block of memory, and goes on in another where it is full', () => {
    const messages = Array.from({ length: 600 }, () => encodeMessage(answers(10), WHOLE));
    expect(new Set(messages.map(({ buffer }) => buffer)).size).toBeLessThan(10);
    expect(messages.every((message) => Buffer.compare(message, messages[0] ?? message) === 0)).toBe(true);
  });

  it('writes the octets of a lasting record again, and others for a copy with another TTL', () => {
    const [plain] = records('www.example.com. 30 A 10.0.0.1');
    if (plain === undefined) throw new Error('no record');
    const lasting = new LastingRecord(plain);
    const parts = { questions: [question('www.example.com')] };
    const expected = encodeMessage(reply({ ...parts, answer: [plain, plain] }), WHOLE);
    for (let i = 0; i < 3; i++) {
      expect(encodeMessage(reply({ ...parts, answer: [lasting, lasting] }), WHOLE)).toEqual(expected);
    }
    const changed = encodeMessage(reply({ ...parts, answer: [{ ...lasting, ttl: 7 }] }), WHOLE);
    expect(decodeMessage(changed).answer).toEqual([{ ...plain, ttl: 7 }]);
    const compressed = encodeMessage(reply({ ...parts, answer: [lasting] }), { limitBytes: 60 });
    expect(decodeMessage(compressed).answer).toEqual([plain]);
  });

  it('keeps no octets of a lasting record that did not fit', () => {
    const [plain] = records(`www.example.com. 30 TXT ${'x'.repeat(200)}`);
    if (plain === undefined) throw new Error('no record');
    const lasting = new LastingRecord(plain);
    expect(decodeMessage(encodeMessage(reply({ answer: [lasting] }), { limitBytes: 64 })).answer).toEqual([]);
    const front = Array.from({ length: 287 }, () => plain);
    encodeMessage(reply({ answer: [...front, lasting, lasting] }), WHOLE);
    expect(decodeMessage(encodeMessage(reply({ answer: [lasting] }), WHOLE)).answer).toEqual([plain]);
  });

  it('keeps the letter case of every name', () => {
    const message = reply({
      questions: [question('WWW.Example.com')],
      answer: records(
        'www.example.com. CNAME a.Example.com.',
        'A.Example.com. A 10.0.0.1',
        'a.example.COM. A 10.0.0.2',
      ),
    });
    expect(decodeMessage(encodeMessage(message, COMPRESSED))).toEqual(message);
  });

  it('points at the longest suffix there is', () => {
    const message = reply({
      questions: [question('a.b.c')],
      answer: records('x.b.c. NS a.b.c.', 'y.x.b.c. NS x.b.c.', 'c. NS .'),
    });
    expect(toHex(encodeMessage(message, COMPRESSED).subarray(12))).toBe(
      toHex(
        hex(`01'a'01'b'01'c'00 0001 0001
          01'x'c00e 0002 0001 0000003c 0002 c00c
          01'y'c017 0002 0001 0000003c 0002 c017
          c010 0002 0001 0000003c 0001 00`),
      ),
    );
  });

  it('points at names of the newer types, though those stand in full', () => {
    const message = reply({ answer: records('a. SRV 1 2 3 b.c.', 'b.c. A 10.0.0.1') });
    expect(toHex(encodeMessage(message, COMPRESSED).subarray(12))).toBe(
      toHex(
        hex(
          "01'a'00 0021 0001 0000003c 000b 0001 0002 0003 01'b'01'c'00 c01f 0001 0001 0000003c 0004 0a000001",
        ),
      ),
    );
  });

  it('never points beyond 14 bits', () => {
    const padding = Array.from({ length: 80 }, () => `. TXT ${'x'.repeat(250)}`);
    const message = reply({
      answer: records(...padding, 'late.name. NS late.name.', 'late.name. NS a.late.name.'),
    });
    const bytes = encodeMessage(message, COMPRESSED);
    expect(decodeMessage(bytes)).toEqual(message);
    expect(toHex(bytes).split(toHex(hex("04'late'04'name'00")))).toHaveLength(5);
  });

  it('has equal names found whatever object holds them', () => {
    const shared = answers(3);
    const owner = shared.questions[0]?.name ?? Name.root;
    const same = { ...shared, answer: shared.answer.map((record) => ({ ...record, owner })) };
    expect(encodeMessage(same, COMPRESSED)).toEqual(encodeMessage(shared, COMPRESSED));
  });

  it('carries its EDNS behind the other additional records, with the upper rcode bits', () => {
    const edns = {
      udpSize: 1232,
      version: 1,
      do: true,
      z: 1,
      options: [{ code: 15, data: Uint8Array.of(0, 22) }],
    };
    const message = reply({ rcode: 0xabc, edns, additional: records('a. A 10.0.0.1') });
    const bytes = encodeMessage(message, WHOLE);
    expect(toHex(bytes.subarray(2, 12))).toBe('850c00000000000000' + '02');
    expect(toHex(bytes.subarray(-17))).toBe(toHex(hex('00 0029 04d0 ab 01 8001 0006 000f 0002 0016')));
    expect(decodeMessage(bytes)).toEqual(message);
  });
});

describe('a message over the limit', () => {
  /** The records that are left, in the three sections. */
  function left(message: Message, limitBytes: number) {
    const bytes = encodeMessage(message, { limitBytes });
    expect(bytes.length).toBeLessThanOrEqual(limitBytes);
    const { tc, edns, answer, authority, additional } = decodeMessage(bytes);
    return { tc, edns, counts: [answer.length, authority.length, additional.length] };
  }

  const large = reply({
    questions: [question('www.example.com')],
    answer: records(...addresses(10)),
    authority: records('example.com. NS a.example.com.', 'example.com. NS b.example.com.'),
    additional: records('a.example.com. A 10.0.0.1', 'b.example.com. A 10.0.0.2'),
    edns: OPT,
  });
  const ten = 12 + 21 + 10 * 16 + 11;

  it.each([
    ['one octet under ten answers', ten - 1, [9, 0, 0]],
    ['ten answers', ten, [10, 0, 0]],
    ['a little more than ten answers', ten + 15, [10, 0, 0]],
    ['one name server', ten + 16, [10, 1, 0]],
    ['no additional record', ten + 32, [10, 2, 0]],
    ['one additional record', ten + 48, [10, 2, 1]],
  ])('keeps whole records in order and its OPT: %s', (_, limit, counts) => {
    expect(left(large, limit)).toEqual({ tc: true, edns: OPT, counts });
  });

  it('is complete in as many octets as it has compressed', () => {
    expect(left(large, ten + 64)).toEqual({ tc: false, edns: OPT, counts: [10, 2, 2] });
  });

  it('has nothing of a section behind one that overflows', () => {
    const message = { ...large, answer: records(`a. TXT ${'x'.repeat(250)}`, 'a. A 10.0.0.1') };
    expect(left(message, 200)).toEqual({ tc: true, edns: OPT, counts: [0, 0, 0] });
  });

  it('is cut at 65535 octets at the most', () => {
    const many = reply({
      answer: records(...Array.from({ length: 300 }, (_, i) => `n${i}. TXT ${'x'.repeat(250)}`)),
    });
    const bytes = encodeMessage(many, { limitBytes: 1_000_000 });
    expect(bytes.length).toBeLessThanOrEqual(65_535);
    expect(decodeMessage(bytes)).toMatchObject({ tc: true });
  });

  it('leaves a record out that no message can hold', () => {
    const bytes = new Uint8Array(70_000);
    const record = {
      owner: Name.root,
      type: 999,
      class: 1,
      ttl: 0,
      data: { kind: 'opaque', bytes },
    } as const;
    expect(left(reply({ answer: [record] }), 65_535).counts).toEqual([0, 0, 0]);
  });

  it('keeps a TC that was there', () => {
    expect(decodeMessage(encodeMessage(reply({ tc: true }), WHOLE)).tc).toBe(true);
  });

  it('is refused where its questions or its OPT do not fit', () => {
    expect(() => encodeMessage(answers(1), { limitBytes: 30 })).toThrow(WireError);
    expect(() => encodeMessage(reply({ edns: OPT }), { limitBytes: 22 })).toThrow(WireError);
    expect(encodeMessage(reply({ edns: OPT }), { limitBytes: 23 })).toHaveLength(23);
  });
});

describe('a message that is not legal is refused', () => {
  const [address, text] = records('a. A 10.0.0.1', 'a. TXT x');
  const long = new Uint8Array(256);
  it.each<[string, Partial<Message>]>([
    ['an rcode of 5 bits without EDNS', { rcode: 16 }],
    ['an rcode of 13 bits', { rcode: 4096, edns: OPT }],
    ['a negative rcode', { rcode: -1, edns: OPT }],
    ['an id of 17 bits', { id: 65_536 }],
    ['an opcode of 5 bits', { opcode: 16 }],
    ['a fraction', { id: 1.5 }],
    ['a negative TTL', { answer: address === undefined ? [] : [{ ...address, ttl: -1 }] }],
    ['a type of 17 bits', { questions: [question('a', 65_536)] }],
    ['flags of EDNS over 15 bits', { edns: { ...OPT, z: 0x1_0000 } }],
    ['an OPT among the records', { additional: address === undefined ? [] : [{ ...address, type: 41 }] }],
    [
      'an address of 3 octets',
      {
        answer: records('a. A 1.2.3.4').map((r) => ({
          ...r,
          data: { kind: 'A', address: new Uint8Array(3) },
        })),
      },
    ],
    [
      'a string of 256 octets',
      { answer: text === undefined ? [] : [{ ...text, data: { kind: 'TXT', strings: [long] } }] },
    ],
  ])('%s', (_, parts) => {
    expect(() => encodeMessage(reply(parts), WHOLE)).toThrow(WireError);
    expect(encodeMessage(reply(), WHOLE)).toHaveLength(12);
  });

  it('but text without a string is written with an empty one', () => {
    const [record] = records('a. TXT x');
    if (record === undefined) throw new Error('no record');
    const message = reply({ answer: [{ ...record, data: { kind: 'TXT', strings: [] } }] });
    const [answer] = decodeMessage(encodeMessage(message, WHOLE)).answer;
    expect(answer === undefined ? '' : formatRecord(answer)).toBe('a.\t60\tIN\tTXT\t""');
  });
});
