/** What gets a place among the kept answers, and what does not take it away. */
import { expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { encodeMessage } from '../../../src/dns/index.ts';
import { limits } from '../../../src/limits.ts';
import { hashQuery } from '../../../src/server/answers/key.ts';
import { AnswerTable } from '../../../src/server/answers/table.ts';
import { makeQuery } from '../../support/query.ts';

function queryFor(name: string): Uint8Array {
  return encodeMessage(makeQuery({ name }).message, { limitBytes: 512 }).slice();
}

/** A table as the engine uses it: what it does not have is answered and offered to it. */
class Asked {
  readonly table = new AnswerTable<string>();
  readonly generation = new GenerationCounter();

  /** Whether the table had the answer. */
  ask(name: string, isNegative = false): boolean {
    const query = queryFor(name);
    const hash = hashQuery(query, 4);
    const found = this.table.find(hash, query, 4);
    if (found !== undefined) {
      expect(found.origin).toBe(name);
      return true;
    }
    const validity = { kind: 'while', of: this.generation, generation: this.generation.current } as const;
    const octets = Uint8Array.of(1);
    const answer = { octets, rcode: 0, validity, origin: name };
    this.table.keep(hash, query, 4, isNegative, () => answer);
    return false;
  }
}

test('a question gets a place when it is asked again', () => {
  const asked = new Asked();
  expect([1, 2, 3, 4].map(() => asked.ask('web.prod'))).toEqual([false, false, true, true]);
});

test('an answer ends with its generation, and keeps its place for the next one', () => {
  const asked = new Asked();
  for (let i = 0; i < 2; i++) asked.ask('web.prod');
  asked.generation.advance();
  expect([1, 2].map(() => asked.ask('web.prod'))).toEqual([false, true]);
});

test('clients of the other family have answers of their own', () => {
  const asked = new Asked();
  for (let i = 0; i < 3; i++) asked.ask('web.prod');
  const query = queryFor('web.prod');
  expect(asked.table.find(hashQuery(query, 6), query, 6)).toBeUndefined();
  expect(asked.table.find(hashQuery(query, 4), query, 6)).toBeUndefined();
});

const useful = Array.from({ length: 500 }, (_, i) => `web-${i}.prod`);

/** How many of the useful questions are answered from the table. */
function hits(asked: Asked): number {
  return useful.filter((name) => asked.ask(name)).length;
}

test.each([
  ['once', 1],
  ['twice', 2],
  ['three times', 3],
])('names that do not exist, each asked %s, push next to nothing out', (_often, times) => {
  const asked = new Asked();
  for (let i = 0; i < 3; i++) hits(asked);
  // Five in a bucket are one too many.
  const before = hits(asked);
  expect(before).toBeGreaterThan(useful.length * 0.95);
  for (let i = 0; i < limits.answerEntries * 4; i++) {
    for (let time = 0; time < times; time++) asked.ask(`x${i}.prod`, true);
    // As many questions of interest as there are others.
    if (i % 500 === 0) hits(asked);
  }
  expect(hits(asked)).toBeGreaterThan(before * 0.7);
});
