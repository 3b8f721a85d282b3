/** Every bound is a number with a unit and a reason, and bounds something. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { limits } from '../src/limits.ts';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
const lines = readFileSync(`${SRC}limits.ts`, 'utf8').split('\n');
const elsewhere = globSync('**/*.ts', { cwd: SRC, exclude: ['limits.ts'] }).map((path) =>
  readFileSync(SRC + path, 'utf8'),
);

/** Words that count without a plural: levels of a depth, steps of a cost, a burst, what is verified. */
const COUNTS = ['Depth', 'Cost', 'Burst', 'Verified'];
const UNIT = new RegExp(`(Ms|[a-z]s|${COUNTS.join('|')})$`);

/** The numbers of a bound: one, or those of a group. */
function numbersOf(name: string, bound: unknown): [name: string, value: unknown][] {
  if (typeof bound !== 'object' || bound === null) return [[name, bound]];
  return Object.entries(bound).map(([part, value]) => [name + part[0]?.toUpperCase() + part.slice(1), value]);
}

const numbers = Object.entries(limits).flatMap(([name, bound]) => numbersOf(name, bound));

test.each(numbers)('%s is a positive number: %d', (_name, value) => {
  expect(value).toSatisfy((number) => Number.isFinite(number) && Number(number) > 0);
});

test.each(numbers)('%s ends in its unit', (name) => {
  // `recordsPerName` counts records.
  expect(name.replace(/Per[A-Z]\w*$/, '')).toMatch(UNIT);
});

test.each(Object.keys(limits))('%s is used', (name) => {
  const use = new RegExp(`\\blimits\\.${name}\\b`);
  expect(elsewhere.some((text) => use.test(text))).toBe(true);
});

test.each(Object.keys(limits))('%s has its reason beside it', (name) => {
  const at = lines.findIndex((line) => line.startsWith(`  ${name}:`));
  expect(lines[at - 1]).toMatch(/\*\/$/);
});
