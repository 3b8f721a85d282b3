import { describe, expect, test } from 'vitest';
import { reloadPlugin } from '../../../src/plugins/reload/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

function reloadMs(corefile: string): number | undefined {
  const setup = makeSetup();
  expect(setUp(reloadPlugin, corefile, setup)).toBeUndefined();
  return setup.settings.reloadMs;
}

describe('the interval is the given one, half of the jitter more or less', () => {
  const cases: [corefile: string, least: number, most: number][] = [
    ['reload', 22_500, 37_500],
    ['reload 1m', 52_500, 67_500],
    // The jitter is cut to half of the interval.
    ['reload 10s', 7_500, 12_500],
    ['reload 2s', 1_500, 2_500],
    ['reload 10s 2s', 9_000, 11_000],
    ['reload 2s 0', 2_000, 2_000],
    ['reload 2s 0s', 2_000, 2_000],
    ['reload 2s 1s', 1_500, 2_500],
    ['reload 1000h 1000h', 900_000_000, 4_700_000_000],
  ];
  test.each(cases)('%s', (corefile, least, most) => {
    const drawn = Array.from({ length: 200 }, () => reloadMs(corefile) ?? Number.NaN);
    for (const each of drawn) {
      expect(each).toBeGreaterThanOrEqual(least);
      expect(each).toBeLessThanOrEqual(most);
    }
    expect(new Set(drawn).size > 1).toBe(least !== most);
  });
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['reload 1s', 'interval value must be greater or equal to 2s'],
    ['reload -5s', 'interval value must be greater or equal to 2s'],
    ['reload 0', 'interval value must be greater or equal to 2s'],
    ['reload 10s 999ms', 'jitter value must be 0 or greater or equal to 1s'],
    ['reload 10s -1s', 'jitter value must be 0 or greater or equal to 1s'],
    ['reload soon', 'time: invalid duration "soon"'],
    ['reload 10', 'time: missing unit in duration "10"'],
    ['reload 10s 5s 5s', "Wrong argument count or unexpected line ending after '5s'"],
    ['reload {\n}', "Unexpected token '{', 'reload' takes no block"],
    ['reload\nreload', 'this plugin can only be used once per Server Block'],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => reloadMs(corefile)).toThrow(message);
  });
});
