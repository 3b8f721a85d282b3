import { describe, expect, test } from 'vitest';
import { Opcode, parseRecord, Rcode, RrType } from '../../../src/dns/index.ts';
import { minimalPlugin } from '../../../src/plugins/minimal/index.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { whoamiPlugin } from '../../../src/plugins/whoami/index.ts';
import { ask } from '../../support/ask.ts';
import { startChain } from '../../support/chain.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const a = parseRecord('x.example. 60 A 10.0.0.1');
const ns = parseRecord('example. 60 NS ns.example.');
const soa = parseRecord('example. 60 SOA ns.example. root.example. 1 2 3 4 5');
const glue = parseRecord('ns.example. 60 A 10.0.0.2');

function serve(parts: QueryParts, reply: Reply | Promise<Reply>): Reply | Promise<Reply> {
  const plugin = setUp(minimalPlugin, 'minimal', makeSetup());
  if (plugin === undefined) throw new Error('no plugin');
  return plugin.serve(makeQuery(parts), () => reply);
}

const EXPIRY = { kind: 'until', ms: 7 } as const;

test.each<[string, Partial<Reply>]>([
  ['an answer', { answer: [a], authority: [ns], additional: [glue] }],
  ['an answer with an SOA beside it', { answer: [a], authority: [soa] }],
  ['an empty success', { additional: [glue] }],
])('%s loses the other sections, and nothing else', (_, parts) => {
  const ednsOptions = [{ code: 15, data: Uint8Array.of(0, 3) }];
  const given = makeReply({ aa: true, validity: EXPIRY, plugin: 'kubernetes', ednsOptions, ...parts });
  expect(serve({}, given)).toEqual({ ...given, authority: [], additional: [] });
});

test('waits where the next plugin does', async () => {
  const reply = await serve({}, Promise.resolve(makeReply({ answer: [a], authority: [ns] })));
  expect(reply).toMatchObject({ answer: [a], authority: [] });
});

test.each<[string, QueryParts, Partial<Reply>]>([
  ['NODATA', {}, { authority: [soa], additional: [glue] }],
  ['NXDOMAIN', {}, { rcode: Rcode.NXDOMAIN, authority: [soa] }],
  ['NXDOMAIN behind a CNAME', {}, { rcode: Rcode.NXDOMAIN, answer: [a], authority: [soa] }],
  ['a delegation', {}, { authority: [ns], additional: [glue] }],
  ['SERVFAIL', {}, { rcode: Rcode.SERVFAIL, authority: [soa] }],
  ['a zone transfer', { type: RrType.AXFR }, { answer: [soa, a], additional: [glue] }],
  ['an incremental one', { type: RrType.IXFR }, { answer: [soa], additional: [glue] }],
  ['NOTIFY', { message: { opcode: Opcode.NOTIFY } }, { answer: [a], additional: [glue] }],
  ['an answer that has nothing else', {}, { answer: [a] }],
])('%s stays as it is', (_, query, parts) => {
  const given = makeReply(parts);
  expect(serve(query, given)).toBe(given);
});

test('on the wire', async () => {
  await using running = await startChain([minimalPlugin, whoamiPlugin], 'minimal\nwhoami');
  const reply = await ask(running.port, 'www.example', 'A', { udpSize: 1232 });
  // OPT is counted where it stands, but is no record.
  expect(Buffer.from(reply.bytes).readUInt16BE(10)).toBe(1);
  expect(reply).toMatchObject({ rcode: 0, answer: [], authority: [], additional: [] });
});

describe('mistakes', () => {
  test.each([
    ['minimal x', "Wrong argument count or unexpected line ending after 'x'"],
    ['minimal {\n}', "Unexpected token '{', 'minimal' takes no block"],
  ])('%s', (corefile, message) => {
    expect(() => setUp(minimalPlugin, corefile, makeSetup())).toThrow(message);
  });
});
