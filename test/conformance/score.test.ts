/** The score that is published: of a whole run, without a difference, and as the document says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTable } from '../support/document-table.ts';
import { reasons } from './allowed.ts';
import { type Score, tableOf } from './score.ts';

const score: Score = JSON.parse(readFileSync(new URL('score.json', import.meta.url), 'utf8'));

test('is of at least 100 000 questions, none of them answered otherwise without a reason', () => {
  expect(score.asked).toBeGreaterThanOrEqual(100_000);
  expect(score.different).toBe(0);
});

/** Rules for what the clock or the order of records decides: a run may do without them. */
const OF_CHANCE = ['age of a kept answer', 'a truncated reply'];

test('knows every rule, and every rule was needed', () => {
  expect(Object.keys(score.allowed)).toEqual([...reasons.keys()]);
  const unused = Object.keys(score.allowed).filter((rule) => score.allowed[rule] === 0);
  expect(unused.filter((rule) => !OF_CHANCE.includes(rule))).toEqual([]);
});

test('docs/conformance.md has it as a table', () => {
  const document = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
  expect(withTable(document, 'npm run conformance', tableOf(score))).toBe(document);
});
