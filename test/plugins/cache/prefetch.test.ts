import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { NEVER } from '../../../src/plugins/reply.ts';
import { until } from '../../support/until.ts';
import { Held, positive, reply, servfail, startCache, ttls } from './harness.ts';

/** Lets refreshes whose replies are there finish. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('when an entry is refreshed', () => {
  test.each([
    // 30 s with 10 %: at 3 s left.
    ['prefetch 1', 30, 26.999, false],
    ['prefetch 1', 30, 27, true],
    // A part of a second counts as one.
    ['prefetch 1', 5, 3.999, false],
    ['prefetch 1', 5, 4, true],
    ['prefetch 1 1m 50%', 30, 14.999, false],
    ['prefetch 1 1m 50%', 30, 15, true],
    ['prefetch 1 1m 55%', 100, 44, false],
    ['prefetch 1 1m 55%', 100, 45, true],
    ['prefetch 2', 30, 29, false],
    ['prefetch 0', 30, 29, false],
  ])('%s, TTL %i, after %f s: %s', async (option, ttl, age, refreshed) => {
    const cache = startCache(`cache {\n${option}\n}`, () => positive(ttl));
    cache.ask();
    cache.clock.advance(age);
    expect(cache.ask().plugin).toBe('cache');
    expect(cache.passed).toHaveLength(refreshed ? 2 : 1);
    await settle();
    expect(await cache.metric('prefetch_total')).toBe(refreshed ? 1 : 0);
  });

  test('hits count as long as there is no gap', () => {
    const cache = startCache('cache {\n prefetch 3 10s 90%\n}', () => positive(100));
    cache.ask();
    cache.clock.advance(10);
    const hitsBefore = (gaps: readonly number[]) => {
      for (const gap of gaps) {
        cache.clock.advance(gap);
        cache.ask();
      }
      return cache.passed.length;
    };
    expect(hitsBefore([0, 10.001, 10])).toBe(1);
    expect(hitsBefore([10])).toBe(2);
  });
});

test('the client has the old reply, the next one the new, with its popularity', async () => {
  const cache = startCache('cache {\n prefetch 3\n}', () => positive(30));
  cache.ask();
  cache.clock.advance(25);
  for (let i = 0; i < 2; i++) cache.ask();
  cache.clock.advance(2);
  const held = new Held();
  cache.script = held.handler;
  expect(ttls(cache.ask())).toEqual([3]);
  held.answer(positive(60));
  await settle();
  expect(ttls(cache.ask())).toEqual([60]);
  // Two hits of its own are too few, but those of the old entry count.
  cache.clock.advance(54);
  cache.ask();
  expect(cache.passed).toHaveLength(3);
  expect(await cache.metric('misses_total')).toBe(1);
});

test('a refresh is a query over TCP from nobody, with the flags of the client', () => {
  const cache = startCache('cache {\n prefetch 1\n}', () => positive(30));
  const parts = { edns: { do: true, udpSize: 1400 }, message: { cd: true } };
  cache.ask(parts);
  cache.clock.advance(29);
  cache.ask(parts);
  const [, refresh] = cache.passed;
  expect(refresh).toMatchObject({
    ...{ transport: 'tcp', client: { address: '' }, replyLimit: 65_535, server: 'dns://:53' },
    message: { rd: true, cd: true, ad: true, edns: { do: true, udpSize: 1400 } },
  });
  expect(refresh?.withQuestion(refresh.name, 28)).toMatchObject({ transport: 'tcp', type: 28 });
});

test('one refresh of an entry at a time', async () => {
  const held = new Held();
  const cache = startCache('cache {\n prefetch 1\n}', () => positive(30));
  cache.ask();
  cache.clock.advance(28);
  cache.script = held.handler;
  for (let i = 0; i < 5; i++) expect(ttls(cache.ask())).toEqual([2]);
  expect(held.waiting).toBe(1);
  held.answer(servfail());
  await settle();
  // It failed: the next hit tries again, the entry is what it was.
  expect(ttls(cache.ask())).toEqual([2]);
  expect(held.waiting).toBe(1);
  expect(await cache.metric('prefetch_total')).toBe(2);
});

test.each([
  ['a failure', servfail()],
  ['a refusal', reply({ rcode: 5 })],
  ['a truncated reply', { ...positive(60), tc: true }],
  ['a dropped reply', { ...positive(60), dropped: true }],
])('%s does not replace an entry', async (_what, given) => {
  const cache = startCache('cache {\n prefetch 1\n}', () => positive(30));
  cache.ask();
  cache.clock.advance(28);
  cache.script = async () => given;
  cache.ask();
  await settle();
  expect(ttls(cache.ask())).toEqual([2]);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no luck');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no luck'))],
])('a plugin that %s is logged', async (_how, script) => {
  const cache = startCache('cache {\n prefetch 1\n}', () => positive(30));
  cache.ask();
  cache.clock.advance(28);
  cache.script = script;
  expect(ttls(cache.ask())).toEqual([2]);
  await until('a line', () => cache.setup.lines.length > 0);
  expect(cache.setup.lines).toEqual(['[ERROR] plugin/cache: Failed to refresh example.org.: no luck']);
});

test('refreshes under way are bounded', async () => {
  const held = new Held();
  const cache = startCache('cache {\n prefetch 1\n}', () => servfail());
  const names = Array.from({ length: limits.cacheRefreshes + 1 }, (_, i) => `${i}.example.org.`);
  for (const name of names) cache.ask({ name });
  cache.clock.advance(4);
  cache.script = held.handler;
  for (const name of names) expect(cache.ask({ name }).plugin).toBe('cache');
  expect(held.waiting).toBe(limits.cacheRefreshes);
  held.answer(servfail());
  await settle();
  cache.ask({ name: names.at(-1) ?? '' });
  expect(held.waiting).toBe(limits.cacheRefreshes);
});

test('a reply is not to be repeated where the hit might count', () => {
  const cache = startCache('cache {\n prefetch 2\n}', () => positive(30));
  const held = new Held();
  cache.ask();
  expect(cache.ask().validity).toBe(NEVER);
  expect(cache.ask().validity).toMatchObject({ kind: 'until' });
  cache.clock.advance(27);
  cache.script = held.handler;
  expect(cache.ask().validity).toBe(NEVER);
});
