import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { encodeMessage, formatRecord, Name, RrClass, RrType } from '../../../src/dns/index.ts';
import { chaosPlugin } from '../../../src/plugins/chaos/index.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { VERSION } from '../../../src/version.ts';
import { exchange, read } from '../../support/ask.ts';
import { startChain } from '../../support/chain.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const passed = makeReply({ plugin: 'next' });

function serve(corefile: string, name: string, parts: QueryParts = {}): Reply {
  const plugin = setUp(chaosPlugin, corefile, makeSetup());
  const query = makeQuery({ name, type: RrType.TXT, class: RrClass.CH, ...parts });
  const reply = plugin?.serve(query, () => passed);
  if (reply === undefined || reply instanceof Promise) throw new Error('chaos answers at once');
  return reply;
}

const texts = (reply: Reply) => reply.answer.map((rr) => formatRecord(rr).replaceAll('\t', ' '));

test.each([
  ['chaos', 'version.bind.', `version.bind. 0 CH TXT "CorviDNS-${VERSION}"`],
  ['chaos V1', 'Version.BIND.', 'Version.BIND. 0 CH TXT "V1"'],
  ['chaos "V 1" me', 'version.server.', 'version.server. 0 CH TXT "V 1"'],
  ['chaos V1 me', 'authors.bind.', 'authors.bind. 0 CH TXT "me"'],
  ['chaos V1 me me', 'authors.bind.', 'authors.bind. 0 CH TXT "me"'],
  ['chaos V1', 'authors.bind.', 'authors.bind. 0 CH TXT "The CorviDNS authors"'],
  ['chaos', 'hostname.bind.', `hostname.bind. 0 CH TXT "${hostname()}"`],
  ['chaos', 'id.server.', `id.server. 0 CH TXT "${hostname()}"`],
  ['chaos V1\nchaos V2', 'version.bind.', 'version.bind. 0 CH TXT "V1"'],
])('%s: %s', (corefile, name, answer) => {
  const reply = serve(corefile, name);
  expect(texts(reply)).toEqual([answer]);
  expect(reply).toMatchObject({ rcode: 0, aa: false, plugin: 'chaos' });
});

test('authors come in any order', () => {
  const orders = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const reply = serve('chaos V1 a b c d', 'authors.bind.');
    expect(reply.validity.kind).toBe('never');
    orders.add(
      texts(reply)
        .map((text) => text.at(-2))
        .join(''),
    );
  }
  // Of 24 orders 100 draws show at most 12 less than once in 10^20.
  expect(orders.size).toBeGreaterThan(12);
  for (const order of orders) expect([...order].toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('what is too long for a character string is cut', () => {
  const long = 'v'.repeat(300);
  for (const name of ['version.bind.', 'authors.bind.']) {
    expect(texts(serve(`chaos ${long} ${long}`, name))[0]).toContain(`"${'v'.repeat(255)}"`);
  }
});

test.each<[string, string, QueryParts]>([
  ['another name', 'version.example.', {}],
  ['a name below', 'x.version.bind.', {}],
  ['class IN', 'version.bind.', { class: RrClass.IN }],
  ['type A', 'version.bind.', { type: RrType.A }],
  ['type ANY', 'version.bind.', { type: RrType.ANY }],
])('%s goes on', (_, name, parts) => {
  expect(serve('chaos', name, parts)).toBe(passed);
});

test('the server lets class CH in', async () => {
  await using running = await startChain([chaosPlugin], 'chaos V1');
  const question = { name: Name.fromText('version.bind.'), type: RrType.TXT, class: RrClass.CH };
  const { message } = makeQuery({ message: { questions: [question] } });
  const reply = await exchange(running.port, encodeMessage(message, { limitBytes: 512 }), 'udp');
  expect(read(reply ?? new Uint8Array())).toMatchObject({
    flags: 0x8100,
    answer: ['version.bind. 0 CH TXT "V1"'],
  });
});

describe('mistakes', () => {
  test('a block', () => {
    const corefile = 'chaos {\nauthors\n}';
    expect(() => setUp(chaosPlugin, corefile, makeSetup())).toThrow("'chaos' takes no block");
  });
});
