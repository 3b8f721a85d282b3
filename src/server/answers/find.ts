/** Where answers that are known already come from, before anything is decoded. */

import type { Memory } from '../memory.ts';
import { AnswerReader, type SharedAnswers } from './answer-reader.ts';

/**
 * Looks an answer up.
 * @param at octet where the query begins, a multiple of four, as `outAt`
 * @param family the client's
 * @param out where the answer is written: three octets more than it has may be
 * @returns octets of the answer; 0 where none is known
 */
export type Find = (
  query: Memory,
  at: number,
  length: number,
  family: 4 | 6,
  out: Memory,
  outAt: number,
) => number;

/** @param answers undefined where there are none */
export function findAmong(answers: SharedAnswers | undefined): Find {
  if (answers === undefined) return () => 0;
  const reader = new AnswerReader(answers);
  return (query, at, length, family, out, outAt) => reader.find(query, at, length, family, out, outAt);
}
