/** Which messages have kept answers at all. */
import { expect, test } from 'vitest';
import { encodeMessage } from '../../../src/dns/index.ts';
import { Opcode, RrType } from '../../../src/dns/types.ts';
import { AnswerMemory } from '../../../src/server/answers/answer-memory.ts';
import { isPlainQuery } from '../../../src/server/answers/plain-query.ts';
import { memoryOf } from '../../../src/server/memory.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';

function octets(parts: QueryParts): Uint8Array {
  return encodeMessage(makeQuery(parts).message, { limitBytes: 65_535 }).slice();
}

/** The same with other octets from an offset on. */
function patched(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}

const plain = octets({ name: 'web.prod' });
const withOpt = octets({ name: 'web.prod', edns: {} });

test.each<[what: string, bytes: Uint8Array]>([
  ['a question', plain],
  ['one of the root', octets({ name: '.' })],
  ['one of the longest name', octets({ name: `${`${'a'.repeat(62)}.`.repeat(3)}${'a'.repeat(61)}.` })],
  ['one with an OPT', withOpt],
  ['one with an OPT and DO', octets({ name: 'web.prod', edns: { do: true } })],
])('%s has', (_what, bytes) => {
  expect(isPlainQuery(bytes)).toBe(true);
});

test.each<[what: string, bytes: Uint8Array]>([
  ['nothing', new Uint8Array()],
  ['a name with a capital', octets({ name: 'web.Prod' })],
  ['a zone transfer', octets({ type: RrType.AXFR })],
  ['an incremental one', octets({ type: RrType.IXFR })],
  ['an OPT with options', octets({ edns: { options: [{ code: 10, data: new Uint8Array(8) }] } })],
  ['a NOTIFY', octets({ message: { opcode: Opcode.NOTIFY } })],
  ['a response', patched(plain, 2, 0x81)],
  ['two questions', patched(plain, 4, 0, 2)],
  ['256 questions more', patched(plain, 4, 1, 1)],
  ['an answer', patched(plain, 6, 0, 1)],
  ['an authority', patched(plain, 8, 0, 1)],
  ['256 additional records', patched(plain, 10, 1, 0)],
  ['two additional records', patched(withOpt, 10, 0, 2)],
  ['an OPT that is not counted', patched(withOpt, 10, 0, 0)],
  ['an OPT that is not there', patched(plain, 10, 0, 1)],
  ['an additional record that is no OPT', patched(withOpt, withOpt.length - 9, 0, RrType.A)],
  ['an OPT with an owner', patched(withOpt, withOpt.length - 11, 1)],
  ['octets behind the question', Uint8Array.from([...plain, 0])],
  ['octets behind the OPT', Uint8Array.from([...withOpt, 0])],
  ['a compressed name', patched(plain, 12, 0xc0, 12)],
  ['a name that does not end', patched(plain, 12, 63)],
])('%s has none', (_what, bytes) => {
  expect(isPlainQuery(bytes)).toBe(false);
});

test('of a cut message nothing is read beyond its end', () => {
  for (let length = 0; length < withOpt.length; length++) {
    expect(isPlainQuery(withOpt.slice(0, length))).toBe(false);
  }
});

const answers = new AnswerMemory();

/** With the octets of an earlier datagram behind it, as in a buffer that is used again. */
function hash(bytes: Uint8Array, family: 4 | 6 = 4, scope = 1, behind = 0): number {
  const memory = memoryOf(new ArrayBuffer(1024));
  memory.octets.fill(behind).set(bytes);
  return answers.hash(memory, 0, bytes.length, family, scope);
}

test('the hash is of all but the ID', () => {
  expect(hash(patched(plain, 0, 9, 9))).toBe(hash(plain));
  expect(hash(plain, 4, 1, 255)).toBe(hash(plain));
  for (let at = 2; at < plain.length; at++) {
    expect(hash(patched(plain, at, (plain[at] ?? 0) ^ 1))).not.toBe(hash(plain));
  }
});

test("the hash is of the client's family, the engine, and a number that nobody knows", () => {
  expect(hash(plain, 6)).not.toBe(hash(plain));
  expect(hash(plain, 4, 2)).not.toBe(hash(plain));
  const other = new AnswerMemory();
  const memory = memoryOf(new ArrayBuffer(1024));
  memory.octets.set(plain);
  expect(other.hash(memory, 0, plain.length, 4, 1)).not.toBe(hash(plain));
});
