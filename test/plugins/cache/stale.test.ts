import { describe, expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { Rcode } from '../../../src/dns/types.ts';
import { limits } from '../../../src/limits.ts';
import { NEVER, type Reply } from '../../../src/plugins/reply.ts';
import { until } from '../../support/until.ts';
import {
  type CacheUnderTest,
  Held,
  nodata,
  nxdomain,
  positive,
  reply,
  servfail,
  startCache,
  ttls,
} from './harness.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A cache with an entry that ended a second ago; from now on replies are given one at a time. */
function staleCache(option: string, first: Reply = positive(60)): { cache: CacheUnderTest; held: Held } {
  const cache = startCache(`cache {\n${option}\n}`, () => first);
  cache.ask();
  cache.clock.advance(61);
  const held = new Held();
  cache.script = held.handler;
  return { cache, held };
}

describe('how long', () => {
  test.each([
    // The entry itself lasts 60 s.
    ['serve_stale', 60, true],
    ['serve_stale', 60 + 3599.9, true],
    ['serve_stale', 60 + 3600, false],
    ['serve_stale 10s', 69.9, true],
    ['serve_stale 10s', 70, false],
    ['serve_stale 0', 60, false],
    ['prefetch 1', 60, false],
  ])('%s: after %f s %s', (option, age, served) => {
    const cache = startCache(`cache {\n${option}\n}`, () => positive(60));
    cache.ask();
    cache.clock.advance(age);
    expect(cache.ask().plugin).toBe(served ? 'cache' : 'scripted');
  });
});

describe('TTL of what is stale', () => {
  test.each([
    ['serve_stale', 0],
    ['serve_stale 1h immediate 30s', 30],
    ['serve_stale 1h\nkeepttl', 60],
    ['serve_stale 1h immediate 30s\nkeepttl', 30],
  ])('%j: %i', (option, ttl) => {
    const { cache } = staleCache(option);
    const stale = cache.ask();
    expect(ttls(stale)).toEqual([ttl]);
    expect(stale).toMatchObject({ aa: true, validity: NEVER, plugin: 'cache' });
  });
});

describe('immediate', () => {
  test('the stale reply at once, one refresh behind it', async () => {
    const { cache, held } = staleCache('serve_stale');
    for (let i = 0; i < 3; i++) expect(ttls(cache.ask())).toEqual([0]);
    expect(held.waiting).toBe(1);
    expect(cache.passed.at(-1)).toMatchObject({ transport: 'tcp', client: { address: '' } });
    held.answer(positive(60));
    await settle();
    expect(ttls(cache.ask())).toEqual([60]);
    expect(await cache.metric('served_stale_total')).toBe(3);
    expect(await cache.metric('prefetch_total')).toBe(1);
    expect(await cache.metric('hits_total', 'success')).toBe(4);
    expect(await cache.metric('misses_total')).toBe(1);
  });

  test.each<[string, Reply, number]>([
    ['a denial replaces an answer', nxdomain(60), Rcode.NXDOMAIN],
    ['so does NODATA', nodata(60), Rcode.NOERROR],
  ])('%s', async (_what, given, rcode) => {
    const { cache, held } = staleCache('serve_stale');
    cache.ask();
    held.answer(given);
    await settle();
    expect(cache.ask()).toMatchObject({ rcode, answer: [] });
    // The answer does not come back when the denial is stale in its turn.
    cache.clock.advance(61);
    expect(cache.ask()).toMatchObject({ rcode, answer: [] });
  });

  test('a denial that is not kept is the end of an answer all the same', async () => {
    const { cache, held } = staleCache('serve_stale\ndisable denial');
    cache.ask();
    held.answer(nxdomain(60));
    await settle();
    cache.script = () => nxdomain(60);
    expect(cache.ask()).toMatchObject({ rcode: Rcode.NXDOMAIN, plugin: 'scripted' });
  });

  test('an answer replaces a denial', async () => {
    const { cache, held } = staleCache('serve_stale', nxdomain(60));
    expect(cache.ask().rcode).toBe(Rcode.NXDOMAIN);
    held.answer(positive(60));
    await settle();
    expect(ttls(cache.ask())).toEqual([60]);
    expect(await cache.metric('entries', 'denial')).toBe(0);
  });

  test.each<[string, Reply]>([
    ['SERVFAIL', servfail()],
    ['NOTIMP', reply({ rcode: Rcode.NOTIMP })],
    ['REFUSED', reply({ rcode: Rcode.REFUSED })],
    ['a truncated reply', { ...positive(), tc: true }],
  ])('%s leaves it stale, and is asked for again', async (_what, given) => {
    const { cache, held } = staleCache('serve_stale');
    cache.ask();
    held.answer(given);
    await settle();
    expect(ttls(cache.ask())).toEqual([0]);
    expect(held.waiting).toBe(1);
  });

  test('after a failure nothing is asked for a while', async () => {
    const { cache, held } = staleCache('serve_stale 1h immediate 30s 10s');
    cache.ask();
    held.answer(servfail());
    await settle();
    cache.clock.advance(9.9);
    expect(ttls(cache.ask())).toEqual([30]);
    expect(held.waiting).toBe(0);
    cache.clock.advance(0.1);
    cache.ask();
    expect(held.waiting).toBe(1);
  });

  test('what is in memory by now is asked for from then on', async () => {
    const { cache, held } = staleCache('serve_stale');
    cache.ask();
    const fromMemory = {
      ...positive(5),
      validity: { kind: 'while', of: new GenerationCounter(), generation: 0 } as const,
    };
    held.answer(fromMemory);
    await settle();
    cache.script = () => fromMemory;
    expect(cache.ask()).toBe(fromMemory);
  });
});

describe('verify', () => {
  test.each<[string, Reply, number]>([
    ['an answer', positive(42), 42],
    ['a denial', nxdomain(42), 42],
    ['NXDOMAIN without SOA', reply({ rcode: Rcode.NXDOMAIN }), 0],
    ['nothing', reply({}), 0],
    ['an alias to nothing', reply({ answer: ['example.org. 42 IN CNAME a.example.'] }), 42],
  ])('%s is waited for and given', async (_what, given, ttl) => {
    const { cache, held } = staleCache('serve_stale 1h verify');
    const pending = cache.askLater();
    expect(cache.passed.at(-1)).toMatchObject({
      transport: 'udp',
      client: { address: '10.240.0.1' },
      message: { ad: true },
    });
    held.answer(given);
    const fresh = await pending;
    expect(fresh).toMatchObject({ rcode: given.rcode, plugin: 'scripted' });
    expect(ttls(fresh).at(0) ?? 0).toBe(ttl);
    expect(await cache.metric('served_stale_total')).toBe(0);
    expect(await cache.metric('prefetch_total')).toBe(0);
  });

  test.each<[string, Reply]>([
    ['SERVFAIL', servfail()],
    ['REFUSED', reply({ rcode: Rcode.REFUSED })],
    ['a truncated reply', { ...positive(), tc: true }],
    ['silence', { ...servfail(), plugin: '', error: 'i/o timeout' }],
    ['a drop', { ...positive(), dropped: true }],
  ])('after %s the stale reply is given', async (_what, given) => {
    const { cache, held } = staleCache('serve_stale 1h verify 0 30s');
    const pending = cache.askLater();
    held.answer(given);
    expect(ttls(await pending)).toEqual([30]);
    expect(await cache.metric('served_stale_total')).toBe(1);
    // The failure is not kept in its place.
    expect(await cache.metric('entries', 'denial')).toBe(0);
  });

  test('a plugin that fails is logged, and the stale reply given', async () => {
    const { cache } = staleCache('serve_stale 1h verify');
    cache.script = () => Promise.reject(new Error('no luck'));
    expect(ttls(await cache.askLater())).toEqual([0]);
    expect(cache.setup.lines).toEqual(['[ERROR] plugin/cache: Failed to refresh example.org.: no luck']);
  });

  test('everybody asks', () => {
    const { cache, held } = staleCache('serve_stale 1h verify');
    for (let i = 0; i < 3; i++) void cache.askLater();
    expect(held.waiting).toBe(3);
  });

  test('with a time to recheck one asks, the others have the stale reply', async () => {
    const { cache, held } = staleCache('serve_stale 1h verify 0 0 10s');
    const pending = cache.askLater();
    expect(ttls(cache.ask())).toEqual([0]);
    expect(held.waiting).toBe(1);
    held.answer(servfail());
    expect(ttls(await pending)).toEqual([0]);
    cache.clock.advance(9.9);
    expect(ttls(cache.ask())).toEqual([0]);
    cache.clock.advance(0.1);
    const again = cache.askLater();
    held.answer(positive(60));
    expect(ttls(await again)).toEqual([60]);
    expect(ttls(cache.ask())).toEqual([60]);
  });

  test('a timeout ends the wait; the reply that comes later is kept', async () => {
    const { cache, held } = staleCache('serve_stale 1h verify 1ms');
    expect(ttls(await cache.askLater())).toEqual([0]);
    expect(held.waiting).toBe(1);
    held.answer(positive(60));
    await settle();
    expect(ttls(cache.ask())).toEqual([60]);
  });

  test('waits with a timeout are bounded', () => {
    const { cache, held } = staleCache('serve_stale 1h verify 1h');
    for (let i = 0; i < limits.cacheRefreshes; i++) void cache.askLater();
    expect(ttls(cache.ask())).toEqual([0]);
    while (held.waiting > 0) held.answer(positive(60));
  });

  test('a reply within the timeout is given', async () => {
    const { cache, held } = staleCache('serve_stale 1h verify 1h');
    const pending = cache.askLater();
    held.answer(positive(42));
    expect(ttls(await pending)).toEqual([42]);
  });
});

describe('prefer_positive', () => {
  const PREFER = 'serve_stale_policy prefer_positive';
  const later: [string, Reply][] = [
    ['NXDOMAIN', nxdomain(600)],
    ['NODATA', nodata(600)],
    ['SERVFAIL', servfail()],
    ['an empty reply', reply({})],
    ['a delegation', reply({ authority: ['example.org. 300 IN NS ns.example.net.'] })],
    ['data that is no answer', reply({ additional: ['example.org. 300 IN A 192.0.2.9'] })],
    ['an alias to nothing', reply({ answer: ['example.org. 300 IN CNAME a.example.'] })],
  ];

  test.each(later)('verify: %s does not replace an answer', async (_what, given) => {
    const { cache, held } = staleCache(`serve_stale 1h verify\n${PREFER}`);
    for (let i = 0; i < 2; i++) {
      const pending = cache.askLater();
      held.answer(given);
      expect(await pending).toMatchObject({ rcode: 0, answer: [{ ttl: 0 }], plugin: 'cache' });
    }
  });

  test.each(later)('immediate: %s does not replace an answer', async (_what, given) => {
    const { cache, held } = staleCache(`serve_stale\n${PREFER}`);
    for (let i = 0; i < 2; i++) {
      expect(ttls(cache.ask())).toEqual([0]);
      held.answer(given);
      await settle();
    }
  });

  test('another answer does', async () => {
    const { cache, held } = staleCache(`serve_stale 1h verify\n${PREFER}`);
    const pending = cache.askLater();
    held.answer(positive(60, '192.0.2.2'));
    await pending;
    expect(cache.ask().answer).toMatchObject([{ ttl: 60 }]);
    expect(await cache.metric('entries', 'success')).toBe(1);
  });

  test('when the answer is too old, what came since serves', async () => {
    const { cache, held } = staleCache(`serve_stale 10s verify\n${PREFER}`);
    const pending = cache.askLater();
    held.answer(nxdomain(600));
    await pending;
    cache.clock.advance(9);
    expect(cache.ask()).toMatchObject({ rcode: Rcode.NXDOMAIN, plugin: 'cache' });
  });

  test('a denial before which there was no answer is one', () => {
    const cache = startCache(`cache {\nserve_stale\n${PREFER}\n}`, () => nxdomain());
    cache.ask();
    expect(cache.ask()).toMatchObject({ rcode: Rcode.NXDOMAIN, plugin: 'cache' });
  });

  test('an answer that is not stale yet wins as well', async () => {
    const cache = startCache(`cache {\nserve_stale\n${PREFER}\n}`);
    const replies = [positive(60), nxdomain(60)].map((given) => Promise.resolve(given));
    cache.script = () => replies.shift() ?? servfail();
    await Promise.all([cache.askLater(), cache.askLater()]);
    expect(cache.ask().rcode).toBe(Rcode.NOERROR);
  });

  test('what is no answer has no advantage', async () => {
    const cache = startCache(`cache {\nserve_stale\n${PREFER}\n}`);
    const replies = [reply({}), nxdomain(60)].map((given) => Promise.resolve(given));
    cache.script = () => replies.shift() ?? servfail();
    await Promise.all([cache.askLater(), cache.askLater()]);
    expect(cache.ask().rcode).toBe(Rcode.NXDOMAIN);
  });

  test('with serve_stale 0 it does nothing', async () => {
    const cache = startCache(`cache {\nserve_stale 0\n${PREFER}\n}`);
    const replies = [positive(60), nxdomain(60)].map((given) => Promise.resolve(given));
    cache.script = () => replies.shift() ?? servfail();
    await Promise.all([cache.askLater(), cache.askLater()]);
    expect(cache.ask().rcode).toBe(Rcode.NXDOMAIN);
  });
});

test('a stale failure is refreshed, and loses to what comes', async () => {
  const { cache, held } = staleCache('serve_stale', servfail());
  expect(cache.ask()).toMatchObject({ rcode: Rcode.SERVFAIL, plugin: 'cache' });
  await until('a refresh', () => held.waiting === 1);
  held.answer(positive(60));
  await settle();
  expect(cache.ask().rcode).toBe(Rcode.NOERROR);
});
