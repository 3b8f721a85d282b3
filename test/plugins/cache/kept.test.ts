import { describe, expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { Opcode, Rcode, RrType } from '../../../src/dns/types.ts';
import { failure, type Reply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import type { QueryParts } from '../../support/query.ts';
import { nodata, nxdomain, positive, reply, servfail, soa, startCache, ttls } from './harness.ts';

const NS = 'example.org. 300 IN NS ns.example.net.';
const CNAME = 'example.org. 300 IN CNAME www.example.net.';
const TARGET = 'www.example.net. 300 IN A 192.0.2.1';
const DNSSEC_OK = { edns: { do: true } } satisfies QueryParts;
const rrsig = (inception: string, expiration: string) =>
  `example.org. 300 IN RRSIG A 13 2 300 ${expiration} ${inception} 1 example.org. c2ln`;
const GOOD = rrsig('20251201000000', '20260201000000');
const EXPIRED = rrsig('20251101000000', '20251201000000');
const FUTURE = rrsig('20260201000000', '20260301000000');

type Kept = { store: 'success' | 'denial'; seconds: number };
const success = (seconds: number): Kept => ({ store: 'success', seconds });
const denial = (seconds: number): Kept => ({ store: 'denial', seconds });

const rows: [what: string, reply: Reply, kept: Kept | undefined, parts?: QueryParts][] = [
  ['an answer', positive(), success(300)],
  ['an answer by an alias', reply({ answer: [CNAME, TARGET] }), success(300)],
  ['an alias asked for', reply({ answer: [CNAME] }), success(300), { type: RrType.CNAME }],
  [
    'the least TTL of all sections',
    reply({ answer: [CNAME, TARGET], authority: [NS], additional: ['ns.example.net. 7 IN A 192.0.2.9'] }),
    success(7),
  ],
  ['NODATA', nodata(200), denial(200)],
  ['the minimum of the SOA does not count', nodata(1000), denial(1000)],
  ['an alias to nothing, with SOA', reply({ answer: [CNAME], authority: [soa(100)] }), denial(100)],
  ['an alias to nothing, without SOA', reply({ answer: [CNAME] }), undefined],
  ['an answer to something else', reply({ answer: [TARGET] }), undefined],
  ['nothing at all', reply({}), success(5)],
  [
    'data in the additional section alone',
    reply({ additional: ['example.org. 60 IN A 192.0.2.1'] }),
    success(60),
  ],
  ['NXDOMAIN', nxdomain(200), denial(200)],
  ['NXDOMAIN without SOA', reply({ rcode: Rcode.NXDOMAIN }), undefined],
  [
    'NXDOMAIN with an answer',
    reply({ rcode: Rcode.NXDOMAIN, answer: [CNAME], authority: [soa(100)] }),
    undefined,
  ],
  ['a delegation', reply({ authority: [NS] }), success(5)],
  ['SERVFAIL', servfail(), denial(5)],
  ['SERVFAIL with records', reply({ rcode: Rcode.SERVFAIL, authority: [soa(300)] }), denial(5)],
  ['NOTIMP', reply({ rcode: Rcode.NOTIMP }), denial(5)],
  ['REFUSED', reply({ rcode: Rcode.REFUSED }), undefined],
  ['FORMERR', reply({ rcode: Rcode.FORMERR }), undefined],
  ['YXDOMAIN', reply({ rcode: Rcode.YXDOMAIN }), undefined],
  ['a truncated answer', { ...positive(), tc: true }, undefined],
  ['a truncated failure', { ...servfail(), tc: true }, undefined],
  ['a zone transfer', positive(), undefined, { type: RrType.AXFR }],
  ['an incremental zone transfer', positive(), undefined, { type: RrType.IXFR }],
  ['a NOTIFY', positive(), undefined, { message: { opcode: Opcode.NOTIFY } }],
  ['an UPDATE', positive(), undefined, { message: { opcode: Opcode.UPDATE } }],
  ['a good signature', reply({ answer: ['example.org. 300 IN A 192.0.2.1', GOOD] }), success(300), DNSSEC_OK],
  [
    'an expired signature',
    reply({ answer: ['example.org. 300 IN A 192.0.2.1', EXPIRED] }),
    undefined,
    DNSSEC_OK,
  ],
  [
    'a signature of tomorrow',
    reply({ answer: ['example.org. 300 IN A 192.0.2.1', FUTURE] }),
    undefined,
    DNSSEC_OK,
  ],
  [
    'an expired signature in another section',
    reply({ rcode: Rcode.NXDOMAIN, authority: [soa(300), EXPIRED] }),
    undefined,
    DNSSEC_OK,
  ],
  [
    'an expired signature that nobody asked for',
    reply({ answer: ['example.org. 300 IN A 192.0.2.1', EXPIRED] }),
    success(300),
  ],
  [
    'what the server says where no plugin answered',
    failure(Rcode.SERVFAIL, reasons.upstreamTimeout, 'i/o timeout'),
    undefined,
  ],
  ['what is dropped', { ...positive(), dropped: true }, undefined],
  ['a cluster that is not known yet', { ...servfail(), reason: reasons.notSynced }, undefined],
  ['what holds until a moment', { ...positive(), validity: { kind: 'until', ms: 5_001 } }, success(300)],
  [
    'what is in memory',
    { ...positive(), validity: { kind: 'while', of: new GenerationCounter(), generation: 0 } },
    undefined,
  ],
];

describe('what is kept, where and for how long', () => {
  test.each(rows)('%s', async (_what, given, kept, parts = {}) => {
    const cache = startCache('cache', () => given);
    const first = cache.ask(parts);
    expect(first.rcode).toBe(given.rcode);
    if (kept === undefined) {
      cache.ask(parts);
      expect(cache.passed).toHaveLength(2);
      return;
    }
    expect(await cache.metric('entries', `type="${kept.store}"`)).toBe(1);
    cache.clock.advance(kept.seconds - 0.001);
    expect(cache.ask(parts).plugin).toBe('cache');
    expect(cache.passed).toHaveLength(1);
    expect(await cache.metric('hits_total', `type="${kept.store}"`)).toBe(1);
    cache.clock.advance(0.001);
    expect(cache.ask(parts).plugin).toBe('scripted');
    expect(cache.passed).toHaveLength(2);
  });
});

describe('what is left alone', () => {
  const generation = new GenerationCounter();
  test.each<[string, Reply, QueryParts?]>([
    [
      'what is in memory',
      { ...positive(28_800), validity: { kind: 'while', of: generation, generation: 0 } },
    ],
    ['a zone transfer', positive(28_800), { type: RrType.AXFR }],
    ['a NOTIFY', positive(28_800), { message: { opcode: Opcode.NOTIFY } }],
    ['what the server says itself', failure(Rcode.SERVFAIL, reasons.upstreamTimeout, 'i/o timeout')],
  ])('%s is the very same reply', (_what, given, parts) => {
    const cache = startCache('cache 30', () => given);
    expect(cache.ask(parts)).toBe(given);
  });

  test('names outside the zones', async () => {
    const cache = startCache('cache 30 example.org 10.0.0.0/8', () => positive(300));
    for (const name of ['example.com.', 'org.', '1.0.0.11.in-addr.arpa.']) {
      const before = cache.passed.length;
      expect(ttls(cache.ask({ name }))).toEqual([300]);
      cache.ask({ name });
      expect(cache.passed.length, name).toBe(before + 2);
    }
    for (const name of ['Example.ORG.', 'a.example.org.', '1.0.0.10.in-addr.arpa.']) {
      const before = cache.passed.length;
      cache.ask({ name, type: RrType.TXT });
      cache.script = () => reply({});
      cache.ask({ name });
      cache.ask({ name });
      expect(cache.passed.length, name).toBe(before + 2);
    }
    expect(await cache.metric('requests_total', 'zones="example.org.,10.in-addr.arpa."')).toBe(9);
  });

  test('the zones of the server block count where none are given', () => {
    const cache = startCache('cache', () => positive(), ['example.org.']);
    cache.ask({ name: 'example.com.' });
    cache.ask({ name: 'example.com.' });
    expect(cache.passed).toHaveLength(2);
    cache.ask();
    cache.ask();
    expect(cache.passed).toHaveLength(3);
  });
});

describe('disable', () => {
  test.each([
    ['disable success', [2, 1]],
    ['disable denial', [1, 2]],
    ['disable success org', [2, 1]],
    ['disable success ORG.', [2, 1]],
    ['disable success com', [1, 1]],
    ['disable denial sub.example.org', [1, 1]],
    ['disable denial com org', [1, 2]],
    ['disable success org\ndisable success com', [1, 1]],
    ['disable success\ndisable denial', [2, 2]],
  ])('%j', (option, [answers, denials]) => {
    const cache = startCache(`cache 30 {\n${option}\n}`);
    // The TTL is cut all the same.
    for (let i = 0; i < 2; i++) expect(ttls(cache.ask())).toEqual([30]);
    expect(cache.passed).toHaveLength(answers ?? 0);
    cache.script = () => nxdomain();
    for (let i = 0; i < 2; i++) cache.ask({ type: RrType.MX });
    expect(cache.passed).toHaveLength((answers ?? 0) + (denials ?? 0));
  });
});

describe('which entry serves', () => {
  test('a failure loses to an answer from before it', async () => {
    const cache = startCache('cache {\n servfail 1m\n}');
    const replies = [positive(60), servfail()].map((given) => Promise.resolve(given));
    cache.script = () => replies.shift() ?? positive();
    await Promise.all([cache.askLater(), cache.askLater()]);
    expect(await cache.metric('entries', 'denial')).toBe(1);
    expect(cache.ask().rcode).toBe(Rcode.NOERROR);
    expect(await cache.metric('hits_total', 'success')).toBe(1);
  });

  test.each([
    ['NOTIMP is no passing failure', positive(60), reply({ rcode: Rcode.NOTIMP }), Rcode.NOTIMP],
    ['a denial is the end of the answer', positive(60), nxdomain(60), Rcode.NXDOMAIN],
    ['an answer is the end of the denial', nxdomain(60), positive(60), Rcode.NOERROR],
    ['an answer is the end of the failure', servfail(), positive(60), Rcode.NOERROR],
  ])('%s', async (_what, older, newer, rcode) => {
    const cache = startCache('cache');
    const replies = [older, newer].map((given) => Promise.resolve(given));
    cache.script = () => replies.shift() ?? reply({ rcode: Rcode.REFUSED });
    await Promise.all([cache.askLater(), cache.askLater()]);
    expect(cache.ask().rcode).toBe(rcode);
    expect(cache.passed).toHaveLength(2);
  });
});

describe('servfail', () => {
  test.each([
    ['0', 0],
    ['999ms', 0],
    ['1s', 1],
    ['5m', 300],
  ])('%s', (duration, seconds) => {
    const cache = startCache(`cache {\n servfail ${duration}\n}`, () => servfail());
    cache.ask();
    cache.clock.advance(seconds - 0.001);
    cache.ask();
    expect(cache.passed).toHaveLength(seconds === 0 ? 2 : 1);
    cache.clock.advance(0.001);
    cache.ask();
    expect(cache.passed).toHaveLength(seconds === 0 ? 3 : 2);
  });
});

test('the error of a failure is told once, its reason always', () => {
  const given = { ...servfail(), error: 'upstream is ill', reason: reasons.upstreamError };
  const cache = startCache('cache', () => given);
  expect(cache.ask()).toMatchObject({ error: 'upstream is ill', plugin: 'scripted' });
  expect(cache.ask()).toMatchObject({ error: undefined, reason: reasons.upstreamError, plugin: 'cache' });
});
