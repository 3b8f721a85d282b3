/** Repeats kept answers, on any thread: octets in, octets out, no object in between. */
import type { Memory } from '../memory.ts';
import { AnswerMemory, SLOT } from './answer-memory.ts';
import { LONGEST_QUERY_BYTES, SHORTEST_QUERY_BYTES } from './plain-query.ts';
import { SlotReader } from './slot-reader.ts';

/** What another thread needs to repeat answers. */
export interface SharedAnswers {
  /** Of an `AnswerMemory`. */
  readonly answers: SharedArrayBuffer;
  /** `generationCounts`. */
  readonly generations: Int32Array;
  /** One word: the number of the engine that answers now. */
  readonly scope: Int32Array;
  /** The moment, on the machine's own clock, that is 0 for the main thread's `performance.now()`. */
  readonly originMs: number;
}

export class AnswerReader {
  readonly #answers: AnswerMemory;
  readonly #slots: SlotReader;
  readonly #scope: Int32Array;

  constructor({ answers, generations, scope, originMs }: SharedAnswers) {
    const aheadMs = clockOriginMs() - originMs;
    this.#answers = new AnswerMemory(answers);
    this.#slots = new SlotReader(this.#answers, generations, { now: () => performance.now() + aheadMs });
    this.#scope = scope;
  }

  /**
   * Writes the answer to a query, where it is known, stands, and nobody has to be told who got it.
   * @param at octet where the query begins, a multiple of four, as `outAt`
   * @param out takes up to three octets more than the answer has
   * @returns octets of the answer; 0 where there is none
   */
  find(query: Memory, at: number, length: number, family: 4 | 6, out: Memory, outAt: number): number {
    // Of what is longer not even a hash is made: the largest datagram would take as long as hundreds of queries.
    if (length < SHORTEST_QUERY_BYTES || length > LONGEST_QUERY_BYTES) return 0;
    const scope = this.#scope[0] as number;
    const hash = this.#answers.hash(query, at, length, family, scope);
    const word = this.#answers.find(hash, query, at, length, family, scope);
    if (word < 0 || this.#answers.memory.words[word + SLOT.isTold] === 1) return 0;
    if (!this.#slots.stands(word)) return 0;
    const octets = this.#slots.copy(word, length, out, outAt);
    if (!this.#answers.countRead(word)) return 0;
    copyId(query, at, out, outAt);
    this.#slots.reorder(out, outAt);
    return octets;
  }
}

/** RFC 1035 §4.1.1: a reply has the ID of its query. */
export function copyId(query: Memory, at: number, out: Memory, outAt: number): void {
  out.octets[outAt] = query.octets[at] as number;
  out.octets[outAt + 1] = query.octets[at + 1] as number;
}

/** See `SharedAnswers.originMs`: the same for all threads but for when they began. */
export function clockOriginMs(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}
