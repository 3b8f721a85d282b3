import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rcode } from '../../../src/dns/types.ts';
import { limits } from '../../../src/limits.ts';
import { weigh } from '../../../src/plugins/cache/weight.ts';
import { nxdomain, positive, records, reply, servfail, startCache } from './harness.ts';

const nameOf = (i: number) => `n${i}.example.org.`;

test('capacity is exact, and each store has its own; the least recently used goes', async () => {
  const operation = fc.record({ name: fc.nat(11), denied: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 6 }),
      fc.array(operation, { maxLength: 60 }),
      async (success, denial, operations) => {
        const capacities = { success, denial };
        const cache = startCache(`cache {\n success ${success}\n denial ${denial}\n}`);
        const model = { success: [] as string[], denial: [] as string[] };
        const evicted = { success: 0, denial: 0 };
        for (const { name: number, denied } of operations) {
          const kind = denied ? 'denial' : 'success';
          // A name is always answered in the same way.
          const name = `${kind}-${nameOf(number)}`;
          cache.script = () => (denied ? nxdomain() : reply({}));
          const isKept = model[kind].includes(name);
          expect(cache.ask({ name }).plugin).toBe(isKept ? 'cache' : 'scripted');
          model[kind] = [...model[kind].filter((other) => other !== name), name];
          evicted[kind] += capacities[kind] > 0 && model[kind].length > capacities[kind] ? 1 : 0;
          model[kind] = capacities[kind] === 0 ? [] : model[kind].slice(-capacities[kind]);
          cache.clock.advance(0.001);
        }
        if (operations.length === 0) return;
        for (const kind of ['success', 'denial'] as const) {
          expect(await cache.metric('evictions_total', kind)).toBe(evicted[kind]);
          expect(await cache.metric('entries', kind)).toBe(model[kind].length);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('an entry in the place of its own is no eviction', async () => {
  const cache = startCache('cache {\n success 1\n}', () => positive(60));
  cache.ask();
  cache.clock.advance(60);
  expect(cache.ask().plugin).toBe('scripted');
  expect(await cache.metric('evictions_total', 'success')).toBe(0);
});

describe('a flood of names that do not exist', () => {
  test('leaves the answers where they are', async () => {
    const cache = startCache('cache {\n success 100\n denial 100\n}', () => reply({}));
    for (let i = 0; i < 100; i++) cache.ask({ name: nameOf(i) });
    cache.script = () => nxdomain();
    for (let i = 0; i < 5_000; i++) cache.ask({ name: `x${i}.example.org.` });
    expect(await cache.metric('entries', 'denial')).toBe(100);
    expect(await cache.metric('evictions_total', 'denial')).toBe(4_900);
    for (let i = 0; i < 100; i++) expect(cache.ask({ name: nameOf(i) }).plugin).toBe('cache');
  });

  test('of answers leaves what is asked for', () => {
    const cache = startCache('cache {\n success 100\n}', () => reply({}));
    cache.ask({ name: 'popular.example.org.' });
    for (let i = 0; i < 5_000; i++) {
      cache.ask({ name: nameOf(i) });
      if (i % 50 === 0) expect(cache.ask({ name: 'popular.example.org.' }).plugin).toBe('cache');
    }
  });
});

describe('memory', () => {
  const octets = 'a'.repeat(255);
  const large = reply({
    rcode: Rcode.NOERROR,
    additional: Array.from({ length: 200 }, () => `example.org. 300 TXT ${octets}`),
  });

  test('bounds a store before its capacity does', async () => {
    const fits = Math.floor(limits.cacheStoreMinBytes / weigh(large));
    const cache = startCache('cache {\n success 1000\n}', () => large);
    for (let i = 0; i < fits; i++) cache.ask({ name: nameOf(i) });
    expect(await cache.metric('entries', 'success')).toBe(fits);
    cache.ask({ name: nameOf(fits) });
    expect(await cache.metric('entries', 'success')).toBe(fits);
    expect(await cache.metric('evictions_total', 'success')).toBe(1);
  });

  test('is counted by octets, names and records', () => {
    const one = weigh(positive());
    expect(weigh(reply({}))).toBeLessThan(one);
    expect(weigh(servfail())).toBe(weigh(reply({})));
    const [text] = records(`example.org. 300 TXT ${octets}`);
    const [short] = records('example.org. 300 TXT a');
    const weights = [text, short].map((record) =>
      weigh({ ...reply({}), answer: record === undefined ? [] : [record] }),
    );
    expect((weights[0] ?? 0) - (weights[1] ?? 0)).toBe(254);
  });
});
