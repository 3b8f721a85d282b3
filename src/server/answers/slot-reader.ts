/** What a slot says, on any thread. Until the slot is counted as read it may be half of one answer and half of another. */
import { FastRandom } from '../../plugins/random.ts';
import { copyWords, type Memory, wordsFor } from '../memory.ts';
import { type AnswerMemory, COUNTERS, replyAt, SLOT } from './answer-memory.ts';
import { shuffleRun } from './order.ts';

export interface Clock {
  /** Milliseconds of the main thread's `performance.now()`. */
  now(): number;
}

export class SlotReader {
  readonly #words: Int32Array;
  readonly #deadlines: Float64Array;
  readonly #generations: Int32Array;
  readonly #clock: Clock;
  readonly #random = new FastRandom();
  /** Of the slot that was copied last. */
  #firstRun = 0;
  #firstCount = 0;
  #secondRun = 0;
  #secondCount = 0;

  /** @param generations `generationCounts` of the main thread */
  constructor({ memory, shared }: AnswerMemory, generations: Int32Array, clock: Clock) {
    this.#words = memory.words;
    this.#deadlines = new Float64Array(shared);
    this.#generations = generations;
    this.#clock = clock;
  }

  /** Whether the answer may be repeated now. */
  stands(word: number): boolean {
    const words = this.#words;
    let sum = 0;
    for (let i = word + SLOT.counters; i < word + SLOT.counters + COUNTERS; i++) {
      const counter = words[i] as number;
      if (counter < 0) break;
      // Between taking the slot's state and counting it as read, which no processor moves a load across.
      sum = (sum + (this.#generations[counter] as number)) | 0;
    }
    if (sum !== words[word + SLOT.generation]) return false;
    const deadline = this.#deadlines[(word + SLOT.deadline) >> 1] as number;
    return deadline === Number.POSITIVE_INFINITY || deadline > this.#clock.now();
  }

  /**
   * Copies the reply.
   * @param outAt octets, a multiple of four; up to three octets behind the reply are written too
   * @returns its octets
   */
  copy(word: number, queryLength: number, out: Memory, outAt: number): number {
    const words = this.#words;
    const length = (words[word + SLOT.reply] as number) & 0xffff;
    copyWords(words, replyAt(word, queryLength) >> 2, out.words, outAt >> 2, wordsFor(length));
    this.#firstRun = words[word + SLOT.runs] as number;
    this.#firstCount = words[word + SLOT.runs + 1] as number;
    this.#secondRun = words[word + SLOT.runs + 2] as number;
    this.#secondCount = words[word + SLOT.runs + 3] as number;
    return length;
  }

  /** Puts records of the reply that was copied last, and is whole, into an order by chance. */
  reorder(out: Memory, outAt: number): void {
    if (this.#firstCount !== 0) this.#shuffle(out, outAt, this.#firstRun, this.#firstCount);
    if (this.#secondCount !== 0) this.#shuffle(out, outAt, this.#secondRun, this.#secondCount);
  }

  /** As `packRun` has packed them. */
  #shuffle({ octets }: Memory, outAt: number, place: number, counts: number): void {
    const [at, stride, count, from] = [place >>> 16, place & 0xffff, counts >>> 16, counts & 0xffff];
    shuffleRun(octets, outAt + at, count, stride, from, this.#random);
  }
}
