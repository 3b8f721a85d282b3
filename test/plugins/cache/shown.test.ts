/** How replies look: TTLs, header bits, EDNS; on the first reply and on hits. */
import { describe, expect, test } from 'vitest';
import { Rcode, RrClass, RrType } from '../../../src/dns/types.ts';
import type { Reply } from '../../../src/plugins/reply.ts';
import type { QueryParts } from '../../support/query.ts';
import { nodata, nxdomain, positive, reply, servfail, soa, startCache, texts, ttls } from './harness.ts';

describe('TTLs of the first reply', () => {
  const mixed = reply({
    answer: ['example.org. 300 IN CNAME www.example.net.', 'www.example.net. 60 IN A 192.0.2.1'],
    authority: ['example.net. 86400 IN NS ns.example.net.'],
    additional: ['ns.example.net. 3600 IN A 192.0.2.2'],
  });
  test.each<[cache: string, reply: Reply, ttls: number[]]>([
    ['cache', mixed, [60, 60, 60, 60]],
    ['cache', positive(86_400), [3600]],
    ['cache', positive(0), [5]],
    ['cache', positive(1), [5]],
    ['cache', positive(0xffff_ffff), [3600]],
    ['cache', nxdomain(86_400), [1800]],
    ['cache', nxdomain(0), [5]],
    ['cache', nodata(86_400), [1800]],
    ['cache 30', positive(28_800), [30]],
    ['cache 30', positive(7), [7]],
    ['cache 30', nxdomain(28_800), [30]],
    // The most wins over the least.
    ['cache 3', positive(28_800), [3]],
    ['cache 3', positive(0), [3]],
    ['cache {\n success 10 600\n}', positive(28_800), [600]],
    ['cache {\n success 10 600\n}', nxdomain(28_800), [1800]],
    ['cache {\n success 10 600 60\n}', positive(1), [60]],
    ['cache 30 {\n success 10 600\n}', positive(28_800), [600]],
    ['cache 30 {\n success 10\n}', positive(28_800), [30]],
    ['cache {\n denial 10 600 60\n}', nxdomain(1), [60]],
    ['cache {\n denial 10 600 60\n}', nodata(28_800), [600]],
    ['cache {\n success 10 600 0\n}', positive(0), [0]],
    ['cache {\n success 10 600 0\n}', positive(1), [1]],
    ['cache', reply({ authority: ['example.org. 300 IN NS ns.example.net.'] }), [5]],
    [
      'cache {\n success 10 600 60\n}',
      reply({ authority: ['example.org. 300 IN NS ns.example.net.'] }),
      [60],
    ],
    ['cache', reply({ rcode: Rcode.SERVFAIL, authority: [soa(300)] }), [5]],
    ['cache {\n servfail 1m\n}', reply({ rcode: Rcode.SERVFAIL, authority: [soa(300)] }), [60]],
    ['cache {\n servfail 0\n}', reply({ rcode: Rcode.SERVFAIL, authority: [soa(300)] }), [0]],
    // Not kept, but as uniform.
    ['cache', reply({ rcode: Rcode.REFUSED, authority: [soa(300)] }), [5]],
    ['cache', reply({ answer: ['example.org. 300 IN CNAME www.example.net.'] }), [300]],
    ['cache 30', { ...positive(), tc: true }, [30]],
  ])('%j: %#', (cache, given, expected) => {
    expect(ttls(startCache(cache, () => given).ask())).toEqual(expected);
  });
});

describe('TTLs of hits', () => {
  test('go down with every whole second', () => {
    const cache = startCache('cache 30', () => positive(28_800));
    expect(ttls(cache.ask())).toEqual([30]);
    for (const [after, ttl] of [
      [0, 30],
      [0.999, 30],
      [0.001, 29],
      [5.5, 24],
      [0.5, 23],
      [22.999, 1],
    ] as const) {
      cache.clock.advance(after);
      expect(ttls(cache.ask())).toEqual([ttl]);
    }
    cache.clock.advance(0.001);
    expect(ttls(cache.ask())).toEqual([30]);
    expect(cache.passed).toHaveLength(2);
  });

  test('keepttl leaves them, until the entry ends', () => {
    const cache = startCache('cache {\n keepttl\n}', () => positive(60));
    cache.ask();
    cache.clock.advance(59.9);
    expect(ttls(cache.ask())).toEqual([60]);
    expect(cache.passed).toHaveLength(1);
    cache.clock.advance(0.1);
    cache.ask();
    expect(cache.passed).toHaveLength(2);
  });

  test('the records of one age are made once', () => {
    const cache = startCache('cache', () => positive(60));
    cache.ask();
    cache.clock.advance(1);
    const first = cache.ask();
    cache.clock.advance(0.9);
    expect(cache.ask()).toBe(first);
    cache.clock.advance(0.1);
    expect(cache.ask().answer).not.toBe(first.answer);
    // Who has the older one may go on using it.
    expect(ttls(first)).toEqual([59]);
  });

  test('a reply may be repeated until its TTLs change', () => {
    const cache = startCache('cache', () => positive(60));
    const stored = cache.clock.now();
    cache.ask();
    expect(cache.ask().validity).toEqual({ kind: 'until', ms: stored + 1000 });
    cache.clock.advance(7.3);
    expect(cache.ask().validity).toEqual({ kind: 'until', ms: stored + 8000 });
  });
});

describe('header and EDNS', () => {
  test('of a hit: authoritative, and the rest as it came', () => {
    const given = { ...nxdomain(), ra: true, ednsOptions: [{ code: 15, data: Uint8Array.of(0, 1) }] };
    const cache = startCache('cache', () => given);
    expect(cache.ask()).toMatchObject({ aa: false, ra: true, rcode: Rcode.NXDOMAIN, ednsOptions: [] });
    expect(cache.ask()).toMatchObject({
      aa: true,
      ra: true,
      tc: false,
      rcode: Rcode.NXDOMAIN,
      ednsOptions: [],
    });
    const other = startCache('cache', () => ({ ...positive(), ra: false }));
    other.ask();
    expect(other.ask()).toMatchObject({ aa: true, ra: false });
  });

  test.each<[string, QueryParts, boolean]>([
    ['nobody asks for it', {}, false],
    ['with AD', { message: { ad: true } }, true],
    ['with DO', { edns: { do: true } }, true],
    ['with EDNS without DO', { edns: {} }, false],
  ])('AD, %s', (_what, parts, ad) => {
    const authentic = startCache('cache', () => ({ ...positive(), ad: true }));
    expect(authentic.ask(parts).ad).toBe(ad);
    expect(authentic.ask(parts)).toMatchObject({ ad, plugin: 'cache' });
    const doubtful = startCache('cache', () => positive());
    expect([doubtful.ask(parts).ad, doubtful.ask(parts).ad]).toEqual([false, false]);
  });

  test('AD does not split entries, and is asked for in any case', () => {
    const cache = startCache('cache', () => ({ ...positive(), ad: true }));
    expect(cache.ask().ad).toBe(false);
    expect(cache.ask({ message: { ad: true } }).ad).toBe(true);
    expect(cache.ask().ad).toBe(false);
    expect(cache.passed.map(({ message }) => message.ad)).toEqual([true]);
  });

  test('the letters of a name are those of the first asker', () => {
    const cache = startCache('cache', (query) => ({
      ...positive(),
      answer: positive().answer.map((record) => ({ ...record, owner: query.name })),
    }));
    cache.ask({ name: 'Example.Org.' });
    expect(texts(cache.ask({ name: 'eXAMPLE.oRG.' }).answer)).toEqual(['Example.Org. 300 IN A 192.0.2.1']);
  });
});

describe('what makes questions different', () => {
  const different: [string, QueryParts][] = [
    ['plain', {}],
    ['a type', { type: RrType.AAAA }],
    ['a type with a large number', { type: 0xffff }],
    ['a class', { class: RrClass.CH }],
    ['DO', { edns: { do: true } }],
    ['CD', { message: { cd: true } }],
    ['DO and CD', { edns: { do: true }, message: { cd: true } }],
    ['a name', { name: 'www.example.org.' }],
  ];
  const same: [string, QueryParts][] = [
    ['EDNS without DO', { edns: { udpSize: 4096 } }],
    ['letters', { name: 'EXAMPLE.ORG.' }],
    ['RD', { message: { rd: false } }],
    ['AD', { message: { ad: true } }],
    ['TCP', { transport: 'tcp' }],
    ['a client', { client: { address: 'fd00::1' } }],
    ['a listener', { server: 'dns://:5353' }],
  ];

  test('each of these has an entry of its own', () => {
    const cache = startCache('cache', () => servfail());
    for (const [, parts] of different) cache.ask(parts);
    expect(cache.passed).toHaveLength(different.length);
    for (const [, parts] of different) expect(cache.ask(parts).plugin).toBe('cache');
    expect(cache.passed).toHaveLength(different.length);
  });

  test.each(same)('%s does not matter', (_what, parts) => {
    const cache = startCache('cache', () => servfail());
    cache.ask();
    cache.ask(parts);
    expect(cache.passed).toHaveLength(1);
  });
});

test('what is passed on is the query of the client, with AD', () => {
  const cache = startCache('cache', () => servfail());
  const parts: QueryParts = {
    ...{ name: 'Www.Example.org.', type: RrType.MX, class: RrClass.CH, transport: 'tcp', size: 77 },
    ...{ client: { address: 'fd00::1', port: 9 }, local: { port: 1053 }, replyLimit: 4242, receivedAt: 17 },
    ...{ server: 'dns://:5353', message: { id: 99, cd: true }, edns: { do: true } },
    resolve: () => nodata(),
  };
  cache.ask(parts);
  const [passed] = cache.passed;
  expect(passed).toMatchObject({
    ...{ type: RrType.MX, class: RrClass.CH, transport: 'tcp', size: 77, replyLimit: 4242, receivedAt: 17 },
    ...{ client: { address: 'fd00::1', port: 9, family: 6 }, local: { port: 1053 }, server: 'dns://:5353' },
    message: { id: 99, cd: true, rd: true, ad: true, edns: { do: true } },
  });
  expect(String(passed?.name)).toBe('Www.Example.org.');
  expect(passed?.withQuestion(passed.name, RrType.A)).toMatchObject({
    type: RrType.A,
    message: { ad: true },
  });
  expect(passed?.resolve(passed.name, RrType.A)).toMatchObject({
    rcode: 0,
    authority: [{ type: RrType.SOA }],
  });
});
