import { describe, expect, test } from 'vitest';
import { formatRecord, RrClass, RrType } from '../../../src/dns/index.ts';
import { anyPlugin } from '../../../src/plugins/any/index.ts';
import type { Reply } from '../../../src/plugins/reply.ts';
import { whoamiPlugin } from '../../../src/plugins/whoami/index.ts';
import { chain } from '../../../src/server/chain.ts';
import { ask } from '../../support/ask.ts';
import { startChain } from '../../support/chain.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

function answer(parts: QueryParts): Reply {
  const plugins = [setUp(anyPlugin, 'any', makeSetup()), setUp(whoamiPlugin, 'whoami', makeSetup())];
  const reply = chain(plugins.filter((plugin) => plugin !== undefined))(makeQuery(parts));
  if (reply instanceof Promise) throw new Error('any answers at once');
  return reply;
}

test('a query of type ANY gets one HINFO record, in the letters of the question', () => {
  const reply = answer({ name: 'WWW.Example.', type: RrType.ANY });
  expect(reply.answer.map(formatRecord)).toEqual([
    'WWW.Example.\t8482\tIN\tHINFO\t"ANY obsoleted" "See RFC 8482"',
  ]);
  expect(reply).toMatchObject({ rcode: 0, aa: false, additional: [], plugin: 'any' });
});

test.each<[string, QueryParts]>([
  ['type A', { type: RrType.A }],
  ['type HINFO', { type: RrType.HINFO }],
  ['type ANY of class CH', { type: RrType.ANY, class: RrClass.CH }],
])('%s goes on', (_, parts) => {
  expect(answer(parts).plugin).toBe('whoami');
});

test.each(['udp', 'tcp'] as const)('over %s', async (transport) => {
  await using running = await startChain([anyPlugin, whoamiPlugin], 'any\nwhoami');
  const reply = await ask(running.port, 'www.example', 'ANY', { transport });
  expect(reply.answer).toEqual(['www.example. 8482 IN HINFO "ANY obsoleted" "See RFC 8482"']);
  expect(reply.flags).toBe(0x8100);
});

describe('mistakes', () => {
  test.each([
    ['any x', "Wrong argument count or unexpected line ending after 'x'"],
    ['any {\n}', "Unexpected token '{', 'any' takes no block"],
  ])('%s', (corefile, message) => {
    expect(() => setUp(anyPlugin, corefile, makeSetup())).toThrow(message);
  });
});
