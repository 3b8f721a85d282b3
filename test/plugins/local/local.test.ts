import { describe, expect, test } from 'vitest';
import { formatRecord, Rcode, RrClass, typeNumber } from '../../../src/dns/index.ts';
import { localPlugin } from '../../../src/plugins/local/index.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { ask } from '../../support/ask.ts';
import { startChain } from '../../support/chain.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const passed = makeReply({ plugin: 'next' });

function serve(name: string, type: string, corefile = 'local', metrics = new PromMetrics()): Reply {
  const plugin = setUp(localPlugin, corefile, makeSetup({ metrics }));
  const reply = plugin?.serve(makeQuery({ name, type: typeNumber(type) ?? 0 }), () => passed);
  if (reply === undefined || reply instanceof Promise) throw new Error('local answers at once');
  return reply;
}

const texts = (records: Reply['answer']) => records.map((rr) => formatRecord(rr).replaceAll('\t', ' '));
const soa = (owner: string) => `${owner} 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800`;

test.each([
  ['localhost.', 'A', 'localhost. 604800 IN A 127.0.0.1'],
  ['LocalHost.', 'AAAA', 'LocalHost. 604800 IN AAAA ::1'],
  ['localhost.', 'SOA', soa('localhost.')],
  ['localhost.', 'NS', 'localhost. 604800 IN NS localhost.'],
  ['a.b.LOCALHOST.', 'A', 'a.b.LOCALHOST. 604800 IN A 127.0.0.1'],
  ['localhost.default.svc.cluster.local.', 'AAAA', 'localhost.default.svc.cluster.local. 604800 IN AAAA ::1'],
  ['LOCALHOST.example.', 'A', 'LOCALHOST.example. 604800 IN A 127.0.0.1'],
  ['1.0.0.127.in-addr.arpa.', 'PTR', '1.0.0.127.in-addr.arpa. 604800 IN PTR localhost.'],
  ['0.in-addr.arpa.', 'SOA', soa('0.in-addr.arpa.')],
  ['127.in-addr.arpa.', 'NS', '127.in-addr.arpa. 604800 IN NS localhost.'],
  ['255.in-addr.arpa.', 'SOA', soa('255.in-addr.arpa.')],
])('%s %s is answered', (name, type, answer) => {
  const reply = serve(name, type);
  expect(texts(reply.answer)).toEqual([answer]);
  expect(reply).toMatchObject({ rcode: Rcode.NOERROR, aa: false, authority: [], plugin: 'local' });
});

test.each([
  ['localhost.', 'MX', 'localhost.'],
  ['x.LocalHost.', 'TXT', 'x.LocalHost.'],
  ['localhost.example.', 'SOA', 'localhost.example.'],
  ['0.in-addr.arpa.', 'A', '0.in-addr.arpa.'],
  ['127.in-addr.arpa.', 'PTR', '127.in-addr.arpa.'],
  ['1.0.0.127.IN-ADDR.arpa.', 'A', '127.IN-ADDR.arpa.'],
  // Names with another below them exist.
  ['0.0.127.in-addr.arpa.', 'PTR', '127.in-addr.arpa.'],
  ['0.127.in-addr.arpa.', 'PTR', '127.in-addr.arpa.'],
])('%s %s is NODATA', (name, type, apex) => {
  const reply = serve(name, type);
  expect(reply).toMatchObject({ rcode: Rcode.NOERROR, aa: false, answer: [], plugin: 'local' });
  expect(texts(reply.authority)).toEqual([soa(apex)]);
  expect(reply.reason?.code).toBe('no-record-of-type');
});

test.each([
  ['2.0.0.127.in-addr.arpa.', '127.in-addr.arpa.'],
  ['1.1.0.0.127.in-addr.arpa.', '127.in-addr.arpa.'],
  ['1.2.3.0.In-Addr.arpa.', '0.In-Addr.arpa.'],
  ['255.255.255.255.in-addr.arpa.', '255.in-addr.arpa.'],
])('%s does not exist', (name, apex) => {
  const reply = serve(name, 'PTR');
  expect(reply).toMatchObject({ rcode: Rcode.NXDOMAIN, aa: false, answer: [], plugin: 'local' });
  expect(texts(reply.authority)).toEqual([soa(apex)]);
  expect(reply.reason?.code).toBe('no-such-local-name');
});

test.each([
  ['example.', 'local'],
  ['xlocalhost.', 'local'],
  ['localhosts.example.', 'local'],
  ['localhost\\.x.example.', 'local'],
  ['1.1.1.128.in-addr.arpa.', 'local'],
  ['in-addr.arpa.', 'local'],
  ['localhost.example.', 'local {\nlocalhost_prefix off\n}'],
])('%s goes on with %j', (name, corefile) => {
  expect(serve(name, 'A', corefile)).toBe(passed);
});

test('without the prefix names below localhost are still answered', () => {
  const off = 'local {\nlocalhost_prefix off\n}';
  expect(texts(serve('x.localhost.', 'A', off).answer)).toEqual(['x.localhost. 604800 IN A 127.0.0.1']);
  expect(serve('localhost.localhost.', 'A', off).answer).toHaveLength(1);
});

test('of several settings the last counts', () => {
  const corefile = 'local {\nlocalhost_prefix off\n}\nlocal {\nlocalhost_prefix on\n}\nlocal';
  expect(serve('localhost.example.', 'A', corefile).plugin).toBe('local');
});

test('another class goes on', () => {
  const plugin = setUp(localPlugin, 'local', makeSetup());
  expect(plugin?.serve(makeQuery({ name: 'localhost.', class: RrClass.CH }), () => passed)).toBe(passed);
});

test('names that stand for localhost are counted, localhost itself is not', async () => {
  const metrics = new PromMetrics();
  for (const name of ['localhost.', '1.0.0.127.in-addr.arpa.', 'example.'])
    serve(name, 'A', 'local', metrics);
  expect(await metrics.exposition()).toMatch(/^coredns_local_localhost_requests_total 0$/m);
  serve('x.localhost.', 'A', 'local', metrics);
  serve('localhost.example.', 'MX', 'local', metrics);
  expect(await metrics.exposition()).toMatch(/^coredns_local_localhost_requests_total 2$/m);
});

test('on the wire', async () => {
  await using running = await startChain([localPlugin], 'local');
  const reply = await ask(running.port, 'localhost.example', 'A');
  expect(reply).toMatchObject({ flags: 0x8100, answer: ['localhost.example. 604800 IN A 127.0.0.1'] });
});

describe('mistakes', () => {
  test.each([
    ['local x', "Wrong argument count or unexpected line ending after 'x'"],
    ['local {\nx on\n}', "unknown property 'x'"],
    [
      'local {\nlocalhost_prefix\n}',
      "Wrong argument count or unexpected line ending after 'localhost_prefix'",
    ],
    ['local {\nlocalhost_prefix maybe\n}', `localhost_prefix expects 'on' or 'off', got "maybe"`],
  ])('%s', (corefile, message) => {
    expect(() => setUp(localPlugin, corefile, makeSetup())).toThrow(message);
  });
});
