/** What gets a place among the kept answers, what does not take it away, and who hears of repeats. */
import { expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { encodeMessage } from '../../../src/dns/index.ts';
import { limits } from '../../../src/limits.ts';
import type { Validity } from '../../../src/plugins/reply.ts';
import { AnswerReader } from '../../../src/server/answers/answer-reader.ts';
import { AnswerTable, type Origin } from '../../../src/server/answers/answer-table.ts';
import { memoryOf } from '../../../src/server/memory.ts';
import { makeQuery } from '../../support/query.ts';

function queryFor(name: string, id = 4711): Uint8Array {
  return encodeMessage(makeQuery({ name, message: { id } }).message, { limitBytes: 512 }).slice();
}

class Heard implements Origin {
  readonly name: string;
  readonly tellsEach: boolean;
  times = 0;

  constructor(name: string, tellsEach = false) {
    this.name = name;
    this.tellsEach = tellsEach;
  }

  repeatedTimes(_bytes: number, _rcode: number, times: number): void {
    this.times += times;
  }
}

interface Offer {
  readonly isEndless?: boolean;
  readonly octets?: Uint8Array;
  readonly validity?: Exclude<Validity, { kind: 'never' }>;
  readonly tellsEach?: boolean;
}

/** A table as the engine uses it: what it does not have is answered and offered to it. And a reader, as a worker has one. */
class Asked {
  readonly table = new AnswerTable<Heard>();
  readonly generation = new GenerationCounter();
  readonly scope = this.table.newScope();
  readonly current = Int32Array.of(this.scope);
  readonly #shared = this.table.share(new Int32Array(new SharedArrayBuffer(4)));
  readonly reader = new AnswerReader({ ...this.#shared, scope: this.current });

  standing(): Exclude<Validity, { kind: 'never' }> {
    return { kind: 'while', of: this.generation, generation: this.generation.current };
  }

  /** Whether the table had the answer. */
  ask(name: string, offer: Offer = {}): boolean {
    const query = queryFor(name);
    const found = this.table.repeat(this.scope, query, 4);
    if (found !== undefined) {
      expect(found.origin.name).toBe(name);
      return true;
    }
    if (!this.table.isWanted(this.scope, query, 4)) return false;
    const { octets = query, isEndless = false, validity = this.standing(), tellsEach } = offer;
    const origin = new Heard(name, tellsEach);
    this.table.keep(this.scope, query, 4, {
      octets,
      rcode: 3,
      validity,
      isShuffled: false,
      isEndless,
      origin,
    });
    return false;
  }

  /** What a reader answers. */
  read(name: string, id = 1): Uint8Array | undefined {
    const query = memoryOf(new ArrayBuffer(1024));
    const bytes = queryFor(name, id);
    query.octets.fill(0xaa).set(bytes);
    const out = memoryOf(new ArrayBuffer(2048));
    const length = this.reader.find(query, 0, bytes.length, 4, out, 512);
    return length === 0 ? undefined : out.octets.slice(512, 512 + length);
  }

  /** The origin of an answer. */
  heard(name: string): Heard | undefined {
    return this.table.repeat(this.scope, queryFor(name), 4)?.origin;
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
  expect(asked.read('web.prod')).toBeUndefined();
  expect([1, 2].map(() => asked.ask('web.prod'))).toEqual([false, true]);
});

test('an answer ends at its moment', async () => {
  const asked = new Asked();
  const validity = { kind: 'until', ms: performance.now() + 50 } as const;
  for (let i = 0; i < 2; i++) asked.ask('web.prod', { validity });
  while (performance.now() < validity.ms) {
    if (asked.read('web.prod') === undefined)
      expect(performance.now()).toBeGreaterThanOrEqual(validity.ms - 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(asked.ask('web.prod')).toBe(false);
});

test('clients of the other family, and of another engine, have answers of their own', () => {
  const asked = new Asked();
  for (let i = 0; i < 3; i++) asked.ask('web.prod');
  expect(asked.table.repeat(asked.scope, queryFor('web.prod'), 6)).toBeUndefined();
  expect(asked.table.repeat(asked.table.newScope(), queryFor('web.prod'), 4)).toBeUndefined();
  asked.current[0] = asked.table.newScope();
  expect(asked.read('web.prod')).toBeUndefined();
});

test('a reader gives the octets with the ID of the query, and its repeats are told when the table settles', () => {
  const asked = new Asked();
  for (let i = 0; i < 2; i++) asked.ask('web.prod');
  for (const id of [0, 1, 0xfffe]) expect(asked.read('web.prod', id)).toEqual(queryFor('web.prod', id));
  asked.table.settle();
  expect(asked.heard('web.prod')?.times).toBe(3);
  asked.table.settle();
  expect(asked.heard('web.prod')?.times).toBe(3);
});

test('repeats are told before an answer gives way: to another one, and to another engine', () => {
  const asked = new Asked();
  const heard = () => asked.heard('web.prod');
  for (let i = 0; i < 2; i++) asked.ask('web.prod');
  const [first] = [heard()];
  asked.read('web.prod');
  asked.generation.advance();
  asked.ask('web.prod');
  expect(first?.times).toBe(1);
  const second = heard();
  asked.read('web.prod');
  asked.table.retire(asked.scope);
  expect(second?.times).toBe(1);
  expect([asked.read('web.prod'), heard()]).toEqual([undefined, undefined]);
});

test('who must hear of each client: a reader leaves it to the table', () => {
  const asked = new Asked();
  for (let i = 0; i < 2; i++) asked.ask('web.prod', { tellsEach: true });
  expect(asked.read('web.prod')).toBeUndefined();
  expect(asked.ask('web.prod')).toBe(true);
});

test('what is read as often as can be counted is left to the table, which counts it and lets it be read again', () => {
  const asked = new Asked();
  for (let i = 0; i < 2; i++) asked.ask('web.prod');
  let reads = 0;
  while (asked.read('web.prod') !== undefined) reads++;
  expect(reads).toBeGreaterThan(60_000);
  expect(asked.heard('web.prod')?.times).toBe(reads);
  expect(asked.read('web.prod')).toBeDefined();
});

test.each([
  ['as large as any that is kept', limits.answerReplyBytes, true],
  ['larger', limits.answerReplyBytes + 1, false],
])('a reply that is %s', (_what, length, isKept) => {
  const asked = new Asked();
  const octets = new Uint8Array(length).fill(7);
  for (let i = 0; i < 2; i++) asked.ask('web.prod', { octets });
  expect(asked.ask('web.prod', { octets })).toBe(isKept);
  expect(asked.read('web.prod')?.length).toBe(isKept ? length : undefined);
});

test('an answer that grew takes a larger place, and none is left behind in the smaller one', () => {
  const asked = new Asked();
  for (const length of [100, 1200, 100]) {
    asked.generation.advance();
    for (let i = 0; i < 2; i++) asked.ask('web.prod', { octets: new Uint8Array(length) });
    expect(asked.read('web.prod')?.length).toBe(length);
  }
});

test('questions and names that do not exist, asked in turn, all get places', () => {
  const asked = new Asked();
  const turn = () => {
    const found = Array.from({ length: 300 }, (_, i) => asked.ask(`web-${i}.prod`));
    return [...found, ...Array.from({ length: 60 }, (_, i) => asked.ask(`x${i}.prod`, { isEndless: true }))];
  };
  for (let i = 0; i < 3; i++) turn();
  expect(turn().filter((isFound) => !isFound)).toEqual([]);
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
  // More in a bucket than there are places.
  const before = hits(asked);
  expect(before).toBeGreaterThan(useful.length * 0.95);
  for (let i = 0; i < limits.answerEntries * 4; i++) {
    for (let time = 0; time < times; time++) asked.ask(`x${i}.prod`, { isEndless: true });
    // As many questions of interest as there are others.
    if (i % 500 === 0) hits(asked);
  }
  expect(hits(asked)).toBeGreaterThan(before * 0.9);
});
