import { expect, test } from 'vitest';
import { TokenBucket } from '../../../src/plugins/prometheus/rate-limit.ts';

test('a bucket begins full, fills by one token each interval, and never above its burst', () => {
  const bucket = new TokenBucket({ intervalMs: 1000, burst: 2 }, 0);
  const moments: [now: number, taken: boolean][] = [
    [0, true],
    [0, true],
    [0, false],
    [500, false],
    [1000, true],
    [1500, false],
    [1999, false],
    [2000, true],
    [100_000, true],
    [100_000, true],
    [100_000, false],
  ];
  expect(moments.map(([now]) => [now, bucket.take(now)])).toEqual(moments);
});
