/** What is asked again is known, also where others are asked in between. */
import { expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { SeenQuestions } from '../../../src/server/answers/seen-questions.ts';

const BUCKETS = limits.answerSeenHashes / 4;

/** Hashes of questions that share a bucket. */
const sharing = (count: number) => Array.from({ length: count }, (_, nth) => (7 + nth * BUCKETS) * 2 + 1);

test('a question is known when it is asked again', () => {
  const seen = new SeenQuestions();
  expect([seen.note(1), seen.note(1), seen.note(0x80000001 | 0), seen.note(0x80000001)]).toEqual([
    ...[false, true],
    ...[false, true],
  ]);
});

test('questions that share a bucket, asked in turn, are all known the second time', () => {
  const seen = new SeenQuestions();
  expect(sharing(4).map((hash) => seen.note(hash))).toEqual([false, false, false, false]);
  expect(sharing(4).map((hash) => seen.note(hash))).toEqual([true, true, true, true]);
});

test('of more than a bucket has, the ones asked last are known', () => {
  const seen = new SeenQuestions();
  const [oldest, ...others] = sharing(5) as [number, ...number[]];
  for (const hash of [oldest, ...others]) seen.note(hash);
  expect(others.map((hash) => seen.note(hash))).toEqual([true, true, true, true]);
  expect(seen.note(oldest)).toBe(false);
});

test('neighbours have buckets of their own', () => {
  const seen = new SeenQuestions();
  const hashes = Array.from({ length: BUCKETS }, (_, nth) => nth * 2 + 1);
  for (let times = 0; times < 3; times++) for (const hash of hashes) seen.note(hash);
  for (const hash of sharing(3).map((hash) => hash + 8)) seen.note(hash);
  expect(hashes.every((hash) => seen.note(hash))).toBe(true);
});
