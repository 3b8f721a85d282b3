import { describe, expect, test } from 'vitest';
import { formatRecord, Name } from '../../../src/dns/index.ts';
import { RrClass, RrType } from '../../../src/dns/types.ts';
import { NEVER, type Reply } from '../../../src/plugins/reply.ts';
import { whoamiPlugin } from '../../../src/plugins/whoami/index.ts';
import { ask } from '../../support/ask.ts';
import { makeQuery, type QueryParts, unreachable } from '../../support/query.ts';
import { startServer } from '../../support/server.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

function serve(parts: QueryParts): Reply {
  const reply = setUp(whoamiPlugin, 'whoami', makeSetup())?.serve(makeQuery(parts), unreachable);
  if (reply === undefined || reply instanceof Promise) throw new Error('whoami answers at once');
  return reply;
}

const additionalOf = (parts: QueryParts) => serve(parts).additional.map(formatRecord);

test.each([
  [
    'IPv4 over UDP',
    { client: { address: '10.0.0.7', port: 4242 } },
    ['Example.org.\t0\tIN\tA\t10.0.0.7', '_udp.Example.org.\t0\tIN\tSRV\t0 0 4242 .'],
  ],
  [
    'IPv6 over TCP',
    { client: { address: '2001:db8::7', port: 53 }, transport: 'tcp' },
    ['Example.org.\t0\tIN\tAAAA\t2001:db8::7', '_tcp.Example.org.\t0\tIN\tSRV\t0 0 53 .'],
  ],
  [
    'a link-local client',
    { client: { address: 'fe80::1%eth0', port: 53 } },
    ['Example.org.\t0\tIN\tAAAA\tfe80::1', '_udp.Example.org.\t0\tIN\tSRV\t0 0 53 .'],
  ],
  [
    'the root',
    { name: '.', client: { address: '10.0.0.7', port: 1 } },
    ['.\t0\tIN\tA\t10.0.0.7', '_udp.\t0\tIN\tSRV\t0 0 1 .'],
  ],
  [
    'another class',
    { class: RrClass.CH, client: { address: '10.0.0.7', port: 1 } },
    ['Example.org.\t0\tCH\tA\t10.0.0.7', '_udp.Example.org.\t0\tCH\tSRV\t0 0 1 .'],
  ],
] satisfies [string, QueryParts, string[]][])('%s', (_, parts, expected) => {
  expect(additionalOf({ name: 'Example.org', ...parts })).toEqual(expected);
});

test.each(Object.entries(RrType))('%s: an authoritative answer without records', (_, type) => {
  const reply = serve({ type });
  expect(reply).toMatchObject({ rcode: 0, aa: true, answer: [], authority: [], plugin: 'whoami' });
  expect(reply.validity).toBe(NEVER);
});

describe('a name that is too long for one more label', () => {
  const name = Name.fromLabels(['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(57)]);
  const longer = Name.fromLabels(['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(56)]);

  test('gets the address alone', () => {
    expect(serve({ name }).additional.map(({ type }) => type)).toEqual([RrType.A]);
    expect(serve({ name: longer }).additional.map(({ type }) => type)).toEqual([RrType.A, RrType.SRV]);
  });
});

test.each([
  ['whoami now', "Wrong argument count or unexpected line ending after 'now'"],
  ['whoami {\n}', "Unexpected token '{', 'whoami' takes no block"],
])('%s is a mistake', (corefile, message) => {
  expect(() => setUp(whoamiPlugin, corefile, makeSetup())).toThrow(message);
});

test('answers over sockets', async () => {
  await using running = await startServer('.:0 {\n bind 127.0.0.1\n whoami\n}');
  for (const transport of ['udp', 'tcp'] as const) {
    const { rcode, additional } = await ask(running.port, 'who.example.', 'A', { transport });
    expect(rcode).toBe(0);
    expect(additional).toEqual([
      'who.example. 0 IN A 127.0.0.1',
      expect.stringMatching(new RegExp(`^_${transport}\\.who\\.example\\. 0 IN SRV 0 0 \\d+ \\.$`)),
    ]);
  }
});
