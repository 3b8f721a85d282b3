import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  decodeQuestion,
  formatRecord,
  Name,
  readHeader,
  WireError,
} from '../../../src/dns/index.ts';
import { hex, raw, reply } from '../messages.ts';

const QUERY = hex(
  "beef 0120 0001 0000 0000 0001 03'Www'07'example'03'com'00 001c 0001 00 0029 04d0 00 00 8000 0000",
);

describe('a query', () => {
  it('has its header, question and EDNS', () => {
    expect(decodeMessage(QUERY)).toEqual(
      reply({
        id: 0xbeef,
        qr: false,
        aa: false,
        ad: true,
        questions: [{ name: Name.fromText('Www.example.com'), type: 28, class: 1 }],
        edns: { udpSize: 1232, version: 0, do: true, z: 0, options: [] },
      }),
    );
  });

  it('has a header that is read alone', () => {
    expect(readHeader(QUERY.subarray(0, 12))).toMatchObject({ id: 0xbeef, rd: true, opcode: 0, rcode: 0 });
    expect(readHeader(QUERY)).toMatchObject({ questionCount: 1, answerCount: 0, additionalCount: 1 });
    expect(() => readHeader(QUERY.subarray(0, 11))).toThrow(WireError);
  });

  it('has a question that is read though the rest is malformed', () => {
    const broken = QUERY.subarray(0, QUERY.length - 3);
    expect(() => decodeMessage(broken)).toThrow(WireError);
    expect(decodeQuestion(broken)).toEqual({ name: Name.fromText('Www.example.com'), type: 28, class: 1 });
    expect(decodeQuestion(QUERY.subarray(0, 20))).toBeUndefined();
    expect(decodeQuestion(QUERY.subarray(0, 5))).toBeUndefined();
    expect(decodeQuestion(raw([0, 0, 0, 0], ''))).toBeUndefined();
  });

  it('does not change with the buffer that it came in', () => {
    const buffer = Buffer.from(QUERY);
    const message = decodeMessage(buffer);
    buffer.fill(0xff);
    expect(message).toEqual(decodeMessage(QUERY));
  });

  it('may be followed by other octets', () => {
    expect(decodeMessage(hex(`${Buffer.from(QUERY).toString('hex')} 00ff00`))).toEqual(decodeMessage(QUERY));
  });
});

describe('header bits', () => {
  it.each([
    ['8000', { qr: true }],
    ['7800', { opcode: 15 }],
    ['0400', { aa: true }],
    ['0200', { tc: true }],
    ['0100', { rd: true }],
    ['0080', { ra: true }],
    ['0040', { z: true }],
    ['0020', { ad: true }],
    ['0010', { cd: true }],
    ['000f', { rcode: 15 }],
  ])('%s', (flags, expected) => {
    const none = { id: 0, qr: false, aa: false, rd: false };
    expect(decodeMessage(hex(`0000 ${flags} 0000 0000 0000 0000`))).toEqual(reply({ ...none, ...expected }));
  });
});

describe('a name', () => {
  it('is followed through pointers into earlier names', () => {
    const body =
      "01'c'00 0001 0001 01'b'c00c 0005 0001 00000000 0004 01'a'c013 c021 0005 0001 00000000 0002 c013";
    const { answer } = decodeMessage(raw([1, 2, 0, 0], body));
    expect(answer.map(formatRecord)).toEqual(['b.c.\t0\tIN\tCNAME\ta.b.c.', 'a.b.c.\t0\tIN\tCNAME\tb.c.']);
  });

  it('that is repeated by a pointer is the same object', () => {
    const { questions, answer } = decodeMessage(
      raw([1, 1, 0, 0], "01'c'00 0001 0001 c00c 0005 0001 00000000 0002 c00c"),
    );
    expect(answer[0]?.owner).toBe(questions[0]?.name);
  });

  it('may have 127 labels and 255 octets, and no more', () => {
    const long = "01'a'".repeat(127);
    expect(decodeMessage(raw([1, 0, 0, 0], `${long}00 0001 0001`)).questions[0]?.name.labelCount).toBe(127);
    expect(() => decodeMessage(raw([1, 0, 0, 0], `01'a'${long}00 0001 0001`))).toThrow(/255/);
  });
});

/** The families of RFC 9267, and their neighbours. */
describe('a malformed message is refused', () => {
  const question = "01'a'00 0001 0001";
  it.each([
    ['nothing', '', 'header'],
    ['a name that points to itself', raw([1, 0, 0, 0], 'c00c 0001 0001'), 'pointer'],
    ['two pointers in a circle', raw([1, 0, 0, 0], 'c00e c00c 0001 0001'), 'pointer'],
    ['a label before a pointer to itself', raw([1, 0, 0, 0], "01'a'c00c 0001 0001"), 'pointer'],
    ['a pointer forward', raw([1, 0, 0, 0], "c012 0001 0001 01'a'00"), 'pointer'],
    ['a pointer to the end', raw([1, 0, 0, 0], 'c0ff 0001 0001'), 'pointer'],
    ['a pointer into the header', raw([1, 0, 0, 0], 'c000 0001 0001'), 'pointer'],
    [
      'a pointer into the middle of its own name',
      raw([1, 1, 0, 0], `${question} 01'b'c013 0001 0001`),
      'pointer',
    ],
    ['a pointer of one octet', raw([1, 0, 0, 0], 'c0'), 'pointer'],
    ['label type 01', raw([1, 0, 0, 0], "41'a'00 0001 0001"), 'label type 1'],
    ['label type 10', raw([1, 0, 0, 0], "80'a'00 0001 0001"), 'label type 2'],
    ['a label that runs out', raw([1, 0, 0, 0], "05'abc'"), 'no end'],
    ['a name without its root', raw([1, 0, 0, 0], "03'abc'"), 'no end'],
    ['a question without type', raw([1, 0, 0, 0], "03'abc'00"), 'left'],
    ['a question without class', raw([1, 0, 0, 0], "03'abc'00 0001"), 'left'],
    ['more questions promised than there are', raw([2, 0, 0, 0], question), 'no end'],
    ['more answers promised than there are', raw([1, 1, 0, 0], question), 'no end'],
    ['65535 of everything promised', raw([0xffff, 0xffff, 0xffff, 0xffff], question), 'no end'],
    ['a record without TTL', raw([0, 1, 0, 0], '00 0001 0001'), 'left'],
    ['RDLENGTH past the end', raw([0, 1, 0, 0], '00 0001 0001 00000000 0005 0a000001'), 'cut off'],
    [
      'RDLENGTH of an unknown type past the end',
      raw([0, 1, 0, 0], '00 ffff 0001 00000000 ffff 0a000001'),
      'cut off',
    ],
    [
      'a name in rdata that runs past it',
      raw([0, 1, 0, 0], "00 0002 0001 00000000 0003 03'abc'00"),
      'no end',
    ],
    [
      'a pointer in rdata that runs past it',
      raw([1, 1, 0, 0], `${question} 00 0002 0001 00000000 0001 c00c`),
      'cut off',
    ],
    ['two OPT records', raw([0, 0, 0, 2], '00 0029 0200 00000000 0000'.repeat(2)), 'more than one OPT'],
    ['an OPT whose owner is not the root', raw([0, 0, 0, 1], "01'a'00 0029 0200 00000000 0000"), 'root'],
    ['an EDNS option that runs out', raw([0, 0, 0, 1], '00 0029 0200 00000000 0006 000a 0003 aabb'), 'left'],
    ['half of an EDNS option', raw([0, 0, 0, 1], '00 0029 0200 00000000 0002 000a'), 'left'],
  ])('%s', (_, bytes, why) => {
    const decode = () => decodeMessage(typeof bytes === 'string' ? hex(bytes) : bytes);
    expect(decode).toThrow(WireError);
    expect(decode).toThrow(why);
  });

  it('a name at the end of a chain of pointers', () => {
    const chain = Array.from({ length: 130 }, (_, i) =>
      i === 0 ? 'c00c' : (0xc01c + 2 * (i - 1)).toString(16),
    );
    const body = (length: number) =>
      `00 0001 0001 00 ffff 0001 00000000 0104 ${chain.join('')} ${(0xc01c + 2 * (length - 2)).toString(16)} 0001 0001 00000000 0000`;
    expect(decodeMessage(raw([1, 2, 0, 0], body(127))).answer[1]?.owner).toEqual(Name.root);
    expect(() => decodeMessage(raw([1, 2, 0, 0], body(128)))).toThrow(/too many compression pointers/);
  });
});

describe('EDNS', () => {
  it('has the fields and options of its OPT', () => {
    const { edns, rcode, additional } = decodeMessage(
      raw(
        [0, 0, 0, 2],
        "00 0029 ffff ab 02 7fff 0009 000a 0001 aa 000c 0000 01'a'00 ffff 0001 00000000 0000",
      ),
    );
    expect(edns).toEqual({
      udpSize: 0xffff,
      version: 2,
      do: false,
      z: 0x7fff,
      options: [
        { code: 10, data: Uint8Array.of(0xaa) },
        { code: 12, data: new Uint8Array(0) },
      ],
    });
    expect(rcode).toBe(0xab0);
    expect(additional).toHaveLength(1);
  });

  it('is not recognised outside the additional section', () => {
    const { edns, answer } = decodeMessage(raw([0, 1, 0, 0], '00 0029 0200 01000000 0000'));
    expect(edns).toBeUndefined();
    expect(answer[0]?.data.kind).toBe('opaque');
  });
});
