/** Kept answers for who has queries as octets of their own, and not in memory by words. */
import { pooledCopy } from '../../dns/wire/pool.ts';
import { limits } from '../../limits.ts';
import { memoryOf } from '../memory.ts';
import type { SharedAnswers } from './answer-reader.ts';
import { findAmong } from './find.ts';
import { LONGEST_QUERY_BYTES } from './plain-query.ts';

export type FindOctets = (query: Uint8Array, family: 4 | 6) => Uint8Array | undefined;

/** @param answers undefined where there are none */
export function findOctetsAmong(answers: SharedAnswers | undefined): FindOctets {
  const find = findAmong(answers);
  // Readers may write up to three octets behind the end.
  const asked = memoryOf(new ArrayBuffer((LONGEST_QUERY_BYTES + 3) & -4));
  const reply = memoryOf(new ArrayBuffer(limits.answerReplyBytes + 4));
  return (query, family) => {
    if (query.length > LONGEST_QUERY_BYTES) return undefined;
    asked.octets.set(query);
    const length = find(asked, 0, query.length, family, reply, 0);
    return length === 0 ? undefined : pooledCopy(reply.octets, length);
  };
}
