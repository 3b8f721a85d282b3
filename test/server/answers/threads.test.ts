/** Kept answers while other threads read them: what they find is whole, is not over, and is told to the right origin, once. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { AnswerTable, type Origin } from '../../../src/server/answers/answer-table.ts';
import type { ReadingData, ReadingReport } from './reading-thread.ts';
import { isForOneThread, isShuffled, octetsOf, QUESTIONS, queryOf, questionOf } from './versions.ts';

const THREADS = 2;
const REWRITES = 60_000;
/** Made beforehand, so that one rewrite follows the other without a pause. */
const STRETCH = 1000;
/** Times, after each stretch. */
const SETTLED = 200;
/** Fewer would have met next to no rewrite half done. */
const READS_AT_LEAST = 10_000;
const RCODES = 7;

/** How often each version was told to have been repeated. */
class Told implements Origin {
  readonly tellsEach: boolean;
  readonly #version: number;
  readonly #bytes: number;
  readonly #told: Int32Array;

  constructor(version: number, bytes: number, told: Int32Array) {
    this.tellsEach = isForOneThread(version);
    this.#version = version;
    this.#bytes = bytes;
    this.#told = told;
  }

  repeatedTimes(bytes: number, rcode: number, times: number): void {
    // What is told of another answer counts for none.
    if (bytes !== this.#bytes || rcode !== this.#version % RCODES) return;
    this.#told[this.#version] = (this.#told[this.#version] ?? 0) + times;
  }
}

/** A table whose few answers are written anew: in place of ones that stand, of ones that are over, and for another engine. */
class Rewriting {
  readonly told = shared(REWRITES + 1);
  readonly #table = new AnswerTable<Told>();
  readonly #queries = Array.from({ length: QUESTIONS }, (_, question) => queryOf(question));
  readonly #generations = this.#queries.map(() => new GenerationCounter());
  readonly #newest = new Array<number>(QUESTIONS).fill(0);
  readonly #ended = shared(QUESTIONS);
  readonly #scope = shared(1);

  constructor() {
    this.#scope[0] = this.#table.newScope();
  }

  /** What a thread gets. */
  get data(): Pick<ReadingData, 'answers' | 'queries' | 'ended'> {
    return { answers: this.#table.share(this.#scope), queries: this.#queries, ended: this.#ended };
  }

  /** Versions from `first` on. */
  write(first: number, count: number): void {
    const all = Array.from({ length: count }, (_, i) => octetsOf(first + i));
    for (const [i, octets] of all.entries()) this.#write(first + i, octets);
    // Counted anew while others count.
    for (let times = 0; times < SETTLED; times++) this.settle();
  }

  settle(): void {
    this.#table.settle();
  }

  #write(version: number, octets: Uint8Array): void {
    const question = questionOf(version);
    const before = this.#newest[question] ?? 0;
    if (version % 5 === 0) {
      this.#generations[question]?.advance();
      Atomics.store(this.#ended, question, before);
    }
    if (version % 97 === 0) this.#newScope();
    const of = this.#generations[question] as GenerationCounter;
    this.#table.keep(this.#scope[0] as number, this.#queries[question] as Uint8Array, 4, {
      octets,
      rcode: version % RCODES,
      validity: { kind: 'while', of, generation: of.current },
      isShuffled: isShuffled(version),
      isEndless: false,
      origin: new Told(version, octets.length, this.told),
    });
    this.#newest[question] = version;
    Atomics.store(this.#ended, question, before);
  }

  #newScope(): void {
    const before = this.#scope[0] as number;
    Atomics.store(this.#scope, 0, this.#table.newScope());
    this.#table.retire(before);
    for (const [question, version] of this.#newest.entries()) Atomics.store(this.#ended, question, version);
  }
}

class Thread {
  readonly reads = shared(REWRITES + 1);
  readonly #worker: Worker;

  constructor(data: Omit<ReadingData, 'reads'>) {
    const workerData: ReadingData = { ...data, reads: this.reads };
    this.#worker = new Worker(new URL('reading-thread.ts', import.meta.url), { workerData });
    onTestFinished(async () => void (await this.#worker.terminate()));
  }

  async next<T>(): Promise<T> {
    const [message] = (await once(this.#worker, 'message')) as [T];
    return message;
  }
}

function shared(words: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
}

test(`${REWRITES} answers written while ${THREADS} threads read them`, { timeout: 120_000 }, async () => {
  const rewriting = new Rewriting();
  const isOver = shared(1);
  const threads = Array.from({ length: THREADS }, () => new Thread({ ...rewriting.data, isOver }));
  await Promise.all(threads.map((thread) => thread.next()));
  const reports = Promise.all(threads.map((thread) => thread.next<ReadingReport>()));
  for (let first = 1; first <= REWRITES; first += STRETCH) rewriting.write(first, STRETCH);
  Atomics.store(isOver, 0, 1);
  const faults = (await reports).flatMap((report) => report.faults);
  rewriting.settle();
  expect(faults).toEqual([]);
  const reads = rewriting.told.map((_, version) => sum(threads.map((thread) => thread.reads[version] ?? 0)));
  // Each was told as often as it was read: none more, none less, none another.
  expect(differing(reads, rewriting.told)).toEqual([]);
  expect([...reads].filter((count, version) => count > 0 && isForOneThread(version))).toEqual([]);
  for (const { reads } of threads) expect(sum(reads)).toBeGreaterThan(READS_AT_LEAST);
});

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

function differing(read: Int32Array, told: Int32Array): string[] {
  return [...read.entries()]
    .filter(([version, times]) => told[version] !== times)
    .map(([version, times]) => `version ${version}: read ${times} times, told of ${told[version]}`);
}
