/** Which messages have kept answers at all. */
import { expect, test } from 'vitest';
import { encodeMessage } from '../../../src/dns/index.ts';
import { Opcode, RrType } from '../../../src/dns/types.ts';
import { hashQuery, NOT_KEPT } from '../../../src/server/answers/key.ts';
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
  expect(hashQuery(bytes, 4)).toBeGreaterThanOrEqual(0);
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
  expect(hashQuery(bytes, 4)).toBe(NOT_KEPT);
});

test('of a cut message nothing is read beyond its end', () => {
  for (let length = 0; length < withOpt.length; length++) {
    expect(hashQuery(withOpt.slice(0, length), 4)).toBe(NOT_KEPT);
  }
});

test('the ID alone makes no difference', () => {
  expect(hashQuery(patched(plain, 0, 9, 9), 4)).toBe(hashQuery(plain, 4));
  const others = [
    patched(plain, 2, 0),
    patched(plain, 3, 0x10),
    octets({ name: 'web.prod', type: RrType.AAAA }),
  ];
  for (const other of others) expect(hashQuery(other, 4)).not.toBe(hashQuery(plain, 4));
  expect(hashQuery(plain, 6)).not.toBe(hashQuery(plain, 4));
});
