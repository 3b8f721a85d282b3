/** What the header alone decides; how it looks on the wire is in the integration tests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../src/dns/name.ts';
import { HEADER_BYTES } from '../../src/dns/wire/header.ts';
import { accept, formatError } from '../../src/server/accept.ts';

interface HeaderParts {
  readonly flags?: number;
  readonly questions?: number;
  readonly answers?: number;
  readonly authorities?: number;
  readonly additionals?: number;
}

const ID = 0x1267;

function header({ flags = 0x0100, ...counts }: HeaderParts): Uint8Array {
  const { questions = 1, answers = 0, authorities = 0, additionals = 0 } = counts;
  const octets = Buffer.alloc(HEADER_BYTES);
  for (const [at, value] of [ID, flags, questions, answers, authorities, additionals].entries()) {
    octets.writeUInt16BE(value, at * 2);
  }
  return octets;
}

/** `decode`, `ignore`, or opcode and rcode of the rejection. */
function decision(octets: Uint8Array): string {
  const acceptance = accept(octets);
  if (acceptance.kind !== 'reject') return acceptance.kind;
  return `opcode ${acceptance.reply.opcode} rcode ${acceptance.reply.rcode}`;
}

const FORMERR = 'opcode 0 rcode 1';

describe('decisions', () => {
  const rows: [what: string, header: HeaderParts, decision: string][] = [
    ['one question', {}, 'decode'],
    ['a NOTIFY with its SOA', { flags: 0x2400, answers: 1 }, 'decode'],
    ['an IXFR with its SOA', { authorities: 1 }, 'decode'],
    ['OPT and TSIG', { additionals: 2 }, 'decode'],
    ['every flag but QR', { flags: 0x07f0 }, 'decode'],
    ['an rcode in a query', { flags: 0x010f }, 'decode'],
    ['a response', { flags: 0x8100 }, 'ignore'],
    ['a response that is malformed as well', { flags: 0xf900, questions: 7 }, 'ignore'],
    ['no question', { questions: 0 }, FORMERR],
    ['two questions', { questions: 2 }, FORMERR],
    ['65535 questions', { questions: 0xffff }, FORMERR],
    ['two answers', { answers: 2 }, FORMERR],
    ['two authorities', { authorities: 2 }, FORMERR],
    ['three additionals', { additionals: 3 }, FORMERR],
    ['a NOTIFY without a question', { flags: 0x2000, questions: 0 }, FORMERR],
    ['IQUERY', { flags: 0x0900 }, 'opcode 1 rcode 4'],
    ['STATUS', { flags: 0x1000 }, 'opcode 2 rcode 4'],
    ['UPDATE with many records', { flags: 0x2800, answers: 9 }, 'opcode 5 rcode 4'],
    ['DSO', { flags: 0x3000, questions: 0 }, 'opcode 6 rcode 4'],
  ];
  test.each(rows)('%s', (_what, parts, expected) => {
    expect(decision(header(parts))).toBe(expected);
  });

  test.each([0, 1, 11])('%i octets are no message', (length) => {
    expect(decision(header({}).subarray(0, length))).toBe('ignore');
  });
});

test('a rejection has the ID, RD and CD of the query, and no section', () => {
  const acceptance = accept(header({ flags: 0x1110 }));
  if (acceptance.kind !== 'reject') throw new Error('was not rejected');
  expect(acceptance.reply).toMatchObject({ id: ID, qr: true, aa: false, z: false, rd: true, cd: true });
  const { questions, answer, authority, additional, edns } = acceptance.reply;
  expect([...questions, ...answer, ...authority, ...additional, edns]).toEqual([undefined]);
});

test('a format error has the question where it could be read, and is no NOTIFY', () => {
  const acceptance = accept(header({ flags: 0x2000 }));
  if (acceptance.kind !== 'decode') throw new Error('was not accepted');
  const question = { name: Name.fromText('example.org.'), type: 1, class: 1 };
  expect(formatError(acceptance.header, question)).toMatchObject({
    id: ID,
    opcode: 0,
    rcode: 1,
    questions: [question],
  });
  expect(formatError(acceptance.header, undefined).questions).toEqual([]);
});

test('whatever comes: no reply to a response, and every reply is one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
      const acceptance = accept(octets);
      if (acceptance.kind === 'reject') expect(acceptance.reply.qr).toBe(true);
      const isResponse = octets.length < HEADER_BYTES || ((octets[2] ?? 0) & 0x80) !== 0;
      expect(acceptance.kind === 'ignore').toBe(isResponse);
    }),
  );
});
