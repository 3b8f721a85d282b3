/** Who gets a zone, and which answer everybody else gets. */
import { expect, test } from 'vitest';
import { Name } from '../../../src/dns/name.ts';
import { type ResourceRecord, record } from '../../../src/dns/record.ts';
import { RrType } from '../../../src/dns/types.ts';
import type { Handler, ZoneSource } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { transferPlugin } from '../../../src/plugins/transfer/index.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const SERIAL = 7;

function soa(origin: string, serial = SERIAL): ResourceRecord {
  const times = { refresh: 1, retry: 1, expire: 1, minimum: 1 };
  return record(Name.fromText(origin), 5, {
    kind: 'SOA',
    mname: Name.root,
    rname: Name.root,
    serial,
    ...times,
  });
}

function source(origin: string, serial: number | undefined = SERIAL): ZoneSource {
  return {
    origin: Name.fromText(origin),
    soa: () => (serial === undefined ? undefined : soa(origin, serial)),
    records: () => [
      record(Name.fromText(`a.${origin}`), 5, { kind: 'A', address: Uint8Array.of(10, 0, 0, 1) }),
    ],
  };
}

const NEXT = 'next plugin';
const next: Handler = () => makeReply({ plugin: NEXT });

interface Seen {
  readonly outcome: string;
  readonly lines: readonly string[];
}

function serve(text: string, parts: QueryParts, sources: readonly ZoneSource[] = [source('a.test')]): Seen {
  const setup = makeSetup({ plugin: 'transfer', zones: ['.'] });
  const plugin = setUp(transferPlugin, text, setup);
  setup.context.offers.zoneSources.push(...sources);
  const query = makeQuery({ name: 'a.test', type: RrType.AXFR, transport: 'tcp', ...parts });
  const reply = plugin?.serve(query, next) as Reply;
  const outcome = outcomeOf(reply);
  query.sent(100, reply.rcode);
  return { outcome, lines: setup.lines };
}

function outcomeOf({ plugin, rcode, reason, transfer, answer, aa }: Reply): string {
  if (plugin === NEXT) return NEXT;
  if (transfer !== undefined) return `zone of ${[...transfer].length}${aa ? '' : ' without aa'}`;
  if (answer.length > 0) return `soa${aa ? '' : ' without aa'}`;
  return `${rcode} ${reason?.code}`;
}

const ALL = 'transfer {\n to *\n}';
const ONE = 'transfer {\n to 10.240.0.1\n}';
const ixfr = (...authority: ResourceRecord[]): QueryParts => ({ type: RrType.IXFR, message: { authority } });
const NS = record(Name.fromText('a.test'), 5, { kind: 'NS', target: Name.root });

test.each<[string, string, QueryParts, string]>([
  ['another type', ALL, { type: RrType.SOA }, NEXT],
  ['AXFR', ALL, {}, 'zone of 3'],
  ['the name in other letters', ALL, { name: 'A.TEST' }, 'zone of 3'],
  ['over UDP', ALL, { transport: 'udp' }, '5 transfer-over-udp'],
  ['over UDP, of no zone here', 'transfer b.test {\n to *\n}', { transport: 'udp' }, '5 transfer-over-udp'],
  ['IXFR over UDP', ALL, { ...ixfr(soa('a.test')), transport: 'udp' }, '5 transfer-over-udp'],
  ['a name in the middle of a zone', ALL, { name: 'svc.a.test' }, NEXT],
  ['a zone of nobody', ALL, { name: 'b.test' }, NEXT],
  ['no stanza for the zone', 'transfer b.test {\n to *\n}', {}, NEXT],
  ['a client in `to`', ONE, {}, 'zone of 3'],
  ['a client in `to` with another port', 'transfer {\n to 10.240.0.1:53\n}', {}, 'zone of 3'],
  ['a client that is not in `to`', ONE, { client: { address: '10.240.0.2' } }, '5 transfer-denied'],
  [
    'an address in other words',
    'transfer {\n to 2001:DB8::0:1\n}',
    { client: { address: '2001:db8::1' } },
    'zone of 3',
  ],
  [
    'a longer zone counts, wherever it stands',
    'transfer a.test {\n to 192.0.2.1\n}\ntransfer test {\n to *\n}',
    {},
    '5 transfer-denied',
  ],
  [
    'a longer zone counts, and not the first in the alphabet',
    'transfer zz.test {\n to *\n}\ntransfer aa.zz.test {\n to 192.0.2.1\n}',
    { name: 'aa.zz.test' },
    '5 transfer-denied',
  ],
  [
    'of the same zone the first stanza counts',
    `transfer {\n to 192.0.2.1\n}\n${ALL}`,
    {},
    '5 transfer-denied',
  ],
  ['IXFR without a SOA', ALL, ixfr(), '2 transfer-without-serial'],
  ['IXFR with another record', ALL, ixfr(NS), '2 transfer-without-serial'],
  ['IXFR with a second record', ALL, ixfr(soa('a.test'), NS), '2 transfer-without-serial'],
  ['IXFR of a client that is not in `to`', 'transfer {\n to 192.0.2.1\n}', ixfr(), '5 transfer-denied'],
  ['IXFR from the current serial', ALL, ixfr(soa('a.test', SERIAL)), 'soa'],
  ['IXFR from an older serial', ALL, ixfr(soa('a.test', SERIAL - 1)), 'zone of 3'],
  ['IXFR from a newer serial', ALL, ixfr(soa('a.test', SERIAL + 1)), 'zone of 3'],
  ['IXFR from nothing', ALL, ixfr(soa('a.test', 0)), 'zone of 3'],
])('%s', (_what, text, parts, expected) => {
  expect(serve(text, parts).outcome).toBe(expected);
});

test('IXFR from serial 0 is a whole zone, though its own is 0', () => {
  expect(serve(ALL, ixfr(soa('a.test', 0)), [source('a.test', 0)]).outcome).toBe('zone of 3');
});

test('a zone that is not known as a whole is SERVFAIL', () => {
  const unknown: ZoneSource = { ...source('a.test'), soa: () => undefined };
  expect(serve(ALL, {}, [unknown]).outcome).toBe('2 not-synced');
  expect(serve(ALL, ixfr(soa('a.test')), [unknown]).outcome).toBe('2 not-synced');
});

test('of several zones it is the one of that name', () => {
  const sources = [source('test'), source('a.test'), source('b.a.test')];
  for (const name of ['test', 'a.test', 'b.a.test']) {
    expect(serve(ALL, { name }, sources).outcome).toBe('zone of 3');
  }
  expect(serve(ALL, { name: 'c.a.test' }, sources).outcome).toBe(NEXT);
});

test('log lines are those of CoreDNS', () => {
  expect(serve(ALL, {}).lines).toEqual([
    '[INFO] plugin/transfer: Outgoing transfer of 3 records of zone "a.test." to 10.240.0.1 for 7 SOA serial',
  ]);
  expect(serve(ALL, ixfr(soa('a.test'))).lines).toEqual([
    '[INFO] plugin/transfer: Outgoing noop, incremental transfer for up to date zone "a.test." to 10.240.0.1 for 7 SOA serial',
  ]);
});

test('`source` is only of notifications, which nobody sends', () => {
  expect(serve('transfer {\n to *\n source 192.0.2.9\n}', { type: RrType.A }).lines).toEqual([
    '[WARNING] plugin/transfer: source 192.0.2.9 has no effect: no zone here sends notifications',
  ]);
});
