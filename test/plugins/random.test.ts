import { describe, expect, test } from 'vitest';
import { FastRandom } from '../../src/plugins/random.ts';

const SEED = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x12345678];

/** Pearson's statistic of counts that should be equal. */
function chiSquare(counts: readonly number[], total: number): number {
  const expected = total / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** For p = 0.001, by degrees of freedom. */
const CRITICAL: Readonly<Record<number, number>> = { 6: 22.46, 23: 49.73, 255: 330.52 };

describe('FastRandom', () => {
  test.each([7, 256])('below(%i) gives every number as often', (bound) => {
    const random = new FastRandom(SEED);
    const counts = Array.from({ length: bound }, () => 0);
    const draws = 2_000 * bound;
    for (let i = 0; i < draws; i++) {
      const number = random.below(bound);
      counts[number] = (counts[number] ?? 0) + 1;
    }
    expect(counts).toHaveLength(bound);
    expect(chiSquare(counts, draws)).toBeLessThan(CRITICAL[bound - 1] ?? 0);
  });

  test('below() is fair where the bound does not divide its range', () => {
    // Two thirds of the range: without care the lower half of the numbers would come twice as often.
    const bound = 3 * 2 ** 30;
    const random = new FastRandom(SEED);
    const draws = 20_000;
    let low = 0;
    for (let i = 0; i < draws; i++) if (random.below(bound) < bound / 3) low++;
    expect(chiSquare([low, (draws - low) / 2, (draws - low) / 2], draws)).toBeLessThan(13.82);
  });

  test('shuffle() gives each of the 24 orders of four items as often', () => {
    const random = new FastRandom(SEED);
    const counts = new Map<string, number>();
    const draws = 48_000;
    for (let i = 0; i < draws; i++) {
      const items = ['a', 'b', 'c', 'd'];
      random.shuffle(items);
      const order = items.join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()], draws)).toBeLessThan(CRITICAL[23] ?? 0);
  });

  test('the same seed gives the same numbers, none gives others', () => {
    const draw = (random: FastRandom) => Array.from({ length: 8 }, () => random.below(2 ** 32));
    expect(draw(new FastRandom(SEED))).toEqual(draw(new FastRandom(SEED)));
    expect(draw(new FastRandom())).not.toEqual(draw(new FastRandom()));
  });

  test('a seed of zeros does not give zeros for ever', () => {
    const random = new FastRandom([0, 0, 0, 0]);
    const numbers = new Set(Array.from({ length: 100 }, () => random.below(2 ** 32)));
    expect(numbers.size).toBeGreaterThan(50);
  });
});
