/**
 * Kept answers in memory that all threads see: open addressing on the octets of a query. The main thread writes, anybody reads and
 * takes no lock: a slot's state says whether it was written to in the meantime.
 */
import { randomInt } from 'node:crypto';
import { limits } from '../../limits.ts';
import { type Memory, memoryOf, wordsFor } from '../memory.ts';
import { LONGEST_QUERY_BYTES } from './plain-query.ts';

/** Places that a question can have on a shelf: together in one bucket. */
export const WAYS = 8;

/** Words of a slot. The query stands behind them, and the reply behind the query. */
export const SLOT = {
  /** Times that it was written to, 16 bits, and times that it was read since it was counted last, 16 bits. */
  state: 0,
  /** Whose it is: an engine's number. */
  scope: 1,
  /** Octets of the query, 16 bits, and the client's family. */
  query: 2,
  /** Octets of the reply, and its rcode in the upper 16 bits. */
  reply: 3,
  /** 1: whoever is told of each client must be told, so that only the main thread repeats it. */
  isTold: 4,
  /** The generation it stands in, and the counters of which that is the sum; -1 for none. */
  generation: 5,
  counters: 6,
  /** The moment up to which it stands, two words: milliseconds of the main thread's `performance.now()`. */
  deadline: 10,
  /** Records that are put in another order for each client: two runs of two words each. */
  runs: 12,
  words: 16,
} as const;
const SLOT_BYTES = SLOT.words * 4;
export const RUNS = 2;
export const COUNTERS = SLOT.deadline - SLOT.counters;

const VERSION = 0xffff0000 | 0;
const ONE_VERSION = 0x10000;
const READS = 0xffff;
/** In place of the reads: nobody may read now. One less is as many as can be counted. */
const CLOSED = READS;

const HEADER_BYTES = 64;
/** Word of the header. */
const SEED = 0;

/** Slots of one size. */
export interface Shelf {
  /** Number of its first slot among those of all shelves. */
  readonly first: number;
  readonly slots: number;
  readonly slotWords: number;
  /** Word of its first tag: the hash of what a slot has, so that most slots need not be looked at. */
  readonly tagsAt: number;
  /** Word of its first slot. */
  readonly slotsAt: number;
  /** Octets for query and reply. */
  readonly payloadBytes: number;
}

function shelf(first: number, slots: number, payloadBytes: number, at: number): Shelf {
  const tagsAt = at;
  const slotWords = SLOT.words + wordsFor(payloadBytes);
  return { first, slots, slotWords, tagsAt, slotsAt: tagsAt + slots, payloadBytes };
}

const common = shelf(0, limits.answerEntries, limits.answerOctets, HEADER_BYTES / 4);
const large = shelf(
  common.slots,
  limits.answerLargeEntries,
  LONGEST_QUERY_BYTES + limits.answerReplyBytes + 6,
  common.slotsAt + common.slots * common.slotWords,
);
/** Smallest first. */
export const SHELVES: readonly Shelf[] = [common, large];
const BYTES = (large.slotsAt + large.slots * large.slotWords) * 4;
export const SLOTS = common.slots + large.slots;

export class AnswerMemory {
  readonly shared: SharedArrayBuffer;
  readonly memory: Memory;
  readonly #words: Int32Array;
  readonly #seed: number;
  /** State of the slot that was found last, when reading it began. */
  #begun = 0;

  /** @param shared another thread's; default: new */
  constructor(shared?: SharedArrayBuffer) {
    this.shared = shared ?? new SharedArrayBuffer(BYTES);
    this.memory = memoryOf(this.shared);
    this.#words = this.memory.words;
    // Nobody outside can know which questions share a bucket.
    if (shared === undefined) this.#words[SEED] = randomInt(2 ** 32) | 0;
    this.#seed = this.#words[SEED] ?? 0;
  }

  /**
   * Never 0. A collision costs a place, never an answer: the octets themselves are compared.
   * @param at octets, a multiple of four, as elsewhere
   */
  hash(query: Memory, at: number, length: number, family: 4 | 6, scope: number): number {
    const { words } = query;
    const first = at >> 2;
    const whole = length >> 2;
    let hash = this.#seed ^ Math.imul(scope, 0x9e3779b1) ^ (length * 8 + family);
    // Behind the ID.
    hash = mix(hash, (words[first] as number) >>> 16);
    for (let i = first + 1; i < first + whole; i++) hash = mix(hash, words[i] as number);
    if ((length & 3) !== 0) hash = mix(hash, (words[first + whole] as number) & tailMask(length));
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) | 1;
  }

  /**
   * Begins to read the slot of a query.
   * @returns the word where it begins; -1 where the query has none
   */
  find(hash: number, query: Memory, at: number, length: number, family: 4 | 6, scope: number): number {
    for (let i = 0; i < SHELVES.length; i++) {
      const shelf = SHELVES[i] as Shelf;
      const bucket = bucketOf(shelf, hash);
      for (let slot = bucket; slot < bucket + WAYS; slot++) {
        if (this.#words[shelf.tagsAt + slot] !== hash) continue;
        const word = shelf.slotsAt + slot * shelf.slotWords;
        // Before anything is read of it.
        this.#begun = Atomics.load(this.#words, word);
        if (this.#isQuestion(word, query, at, length, family, scope)) return word;
      }
    }
    return -1;
  }

  /**
   * To be asked when all is read of the slot that was found last.
   * @returns whether nobody wrote to it in the meantime: then it is counted as read
   */
  countRead(word: number): boolean {
    const begun = this.#begun;
    for (let state = begun; (state & READS) < CLOSED - 1; ) {
      const now = Atomics.compareExchange(this.#words, word, state, state + 1);
      if (now === state) return true;
      // Another thread may have read it too; whoever wrote to it has made another version.
      if (((now ^ begun) & VERSION) !== 0) return false;
      state = now;
    }
    return false;
  }

  /** From now on nobody reads it. @returns how often it was read since it was counted last */
  close(word: number): number {
    const version = ((this.#words[word] as number) + ONE_VERSION) & VERSION;
    const before = Atomics.exchange(this.#words, word, version | CLOSED) & READS;
    return before === CLOSED ? 0 : before;
  }

  /** What is written may be read. */
  open(word: number): void {
    Atomics.store(this.#words, word, (this.#words[word] as number) & VERSION);
  }

  /** Counts anew. @returns how often it was read since it was counted last */
  takeReads(word: number): number {
    const reads = (this.#words[word] as number) & READS;
    if (reads === 0 || reads === CLOSED) return 0;
    return Atomics.and(this.#words, word, VERSION) & READS;
  }

  #isQuestion(
    word: number,
    query: Memory,
    at: number,
    length: number,
    family: 4 | 6,
    scope: number,
  ): boolean {
    const words = this.#words;
    if (words[word + SLOT.scope] !== scope) return false;
    if (words[word + SLOT.query] !== queryWord(length, family)) return false;
    const kept = word + SLOT.words;
    const asked = at >> 2;
    const whole = length >> 2;
    if (((words[kept] as number) ^ (query.words[asked] as number)) >>> 16 !== 0) return false;
    for (let i = 1; i < whole; i++) if (words[kept + i] !== query.words[asked + i]) return false;
    if ((length & 3) === 0) return true;
    const differing = (words[kept + whole] as number) ^ (query.words[asked + whole] as number);
    return (differing & tailMask(length)) === 0;
  }
}

export function queryWord(length: number, family: 4 | 6): number {
  return (family << 16) | length;
}

/** Number, within the shelf, of the first slot that the question can have. */
export function bucketOf({ slots }: Shelf, hash: number): number {
  return ((hash >>> 1) % (slots / WAYS)) * WAYS;
}

/** Octet of the reply in a slot, and of the query. */
export function queryAt(word: number): number {
  return word * 4 + SLOT_BYTES;
}

export function replyAt(word: number, queryLength: number): number {
  return queryAt(word) + wordsFor(queryLength) * 4;
}

/** Murmur3's step. */
function mix(hash: number, word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((product << 15) | (product >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The octets of the last word that are the query's. */
function tailMask(length: number): number {
  return (1 << ((length & 3) * 8)) - 1;
}
