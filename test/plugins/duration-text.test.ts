import { expect, test } from 'vitest';
import { durationText } from '../../src/plugins/duration-text.ts';

const cases: [milliseconds: number, text: string][] = [
  [0, '0s'],
  [5_000, '5s'],
  [1_500, '1.5s'],
  [30_000, '30s'],
  [60_000, '1m0s'],
  [90_000, '1m30s'],
  [3_600_000, '1h0m0s'],
  [93_784_005, '26h3m4.005s'],
  [250, '250ms'],
  [1.25, '1.25ms'],
  [0.5, '500µs'],
  [0.0001, '100ns'],
  [-2_000, '-2s'],
];
test.each(cases)('%d ms is %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
