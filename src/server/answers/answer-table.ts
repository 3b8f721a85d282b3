/**
 * Answers that the chain gave and that may be repeated: of a known question the octets are sent again, and nobody decodes, asks or
 * encodes. It repeats, it never decides. The main thread's side: it alone keeps answers, and tells who has to hear of repeats.
 */
import { pooledCopy } from '../../dns/wire/pool.ts';
import { limits } from '../../limits.ts';
import { generationCounts, type Validity } from '../../plugins/reply.ts';
import { memoryOf, wordsFor } from '../memory.ts';
import {
  AnswerMemory,
  bucketOf,
  COUNTERS,
  queryAt,
  queryWord,
  RUNS,
  replyAt,
  SHELVES,
  type Shelf,
  SLOT,
  SLOTS,
  WAYS,
} from './answer-memory.ts';
import { clockOriginMs, copyId, type SharedAnswers } from './answer-reader.ts';
import { type Run, runsOf } from './order.ts';
import { isPlainQuery, LONGEST_QUERY_BYTES, SHORTEST_QUERY_BYTES } from './plain-query.ts';
import { SeenQuestions } from './seen-questions.ts';
import { SlotReader } from './slot-reader.ts';

/** Who hears that an answer was sent again. */
export interface Origin {
  /** Whether they must hear of each client: then no other thread repeats it. */
  readonly tellsEach: boolean;
  /** So many clients got it, and nobody has to know which. */
  repeatedTimes(bytes: number, rcode: number, times: number): void;
}

/** An answer, and for how long it stands. */
export interface Answer<O extends Origin> {
  readonly octets: Uint8Array;
  /** All twelve bits. */
  readonly rcode: number;
  readonly validity: Exclude<Validity, { kind: 'never' }>;
  /** Whether each client gets addresses in an order of its own. */
  readonly isShuffled: boolean;
  /** Whether it says that there is no such name or record: there is no end of those. */
  readonly isEndless: boolean;
  readonly origin: O;
}

/** An answer that is sent again. */
export interface Repeat<O extends Origin> {
  readonly octets: Uint8Array;
  readonly rcode: number;
  readonly origin: O;
}

/** Places of a bucket that what there is no end of may have. */
const ENDLESS_WAYS = 4;
/** TC, in the third octet of a header (RFC 1035 §4.1.1). */
const TC = 0x02;
const NO_RUNS: readonly Run[] = [];

export class AnswerTable<O extends Origin> {
  readonly #answers = new AnswerMemory();
  readonly #words = this.#answers.memory.words;
  readonly #deadlines = new Float64Array(this.#answers.shared);
  readonly #slots = new SlotReader(this.#answers, generationCounts, performance);
  readonly #origins = new Array<O | undefined>(SLOTS).fill(undefined);
  /** Whether a slot was asked for since the last one that wanted its place. */
  readonly #wasRead = new Uint8Array(SLOTS);
  /** Only what is asked again gets a place, so a flood of random names gets none. */
  readonly #seen = new SeenQuestions();
  /** What is asked now, and the reply to it, where words begin. */
  readonly #query = memoryOf(new ArrayBuffer(LONGEST_QUERY_BYTES + 2));
  readonly #reply = memoryOf(new ArrayBuffer(limits.answerReplyBytes + 4));
  #scopes = 0;

  /** A number for an engine: answers of one are nothing to another. */
  newScope(): number {
    return ++this.#scopes;
  }

  /** @param scope one word: the number of the engine that answers now */
  share(scope: Int32Array): SharedAnswers {
    const { shared } = this.#answers;
    return { answers: shared, generations: generationCounts, scope, originMs: clockOriginMs() };
  }

  /** The answer to a query, where it is known and stands. Its origin is for the caller to tell. */
  repeat(scope: number, bytes: Uint8Array, family: 4 | 6): Repeat<O> | undefined {
    const hash = this.#ask(scope, bytes, family);
    if (hash === 0) return undefined;
    const word = this.#answers.find(hash, this.#query, 0, bytes.length, family, scope);
    if (word < 0 || !this.#slots.stands(word)) return undefined;
    const slot = slotAt(word);
    const origin = this.#origins[slot];
    if (origin === undefined) return undefined;
    // Readers leave to us what has been read as often as they can count.
    this.#count(slot, word);
    this.#wasRead[slot] = 1;
    const length = this.#slots.copy(word, bytes.length, this.#reply, 0);
    copyId(this.#query, 0, this.#reply, 0);
    this.#slots.reorder(this.#reply, 0);
    const rcode = (this.#words[word + SLOT.reply] as number) >>> 16;
    return { octets: pooledCopy(this.#reply.octets, length), rcode, origin };
  }

  /** Notes that the query was asked. @returns whether its answer would get a place, because it was asked before */
  isWanted(scope: number, bytes: Uint8Array, family: 4 | 6): boolean {
    const hash = this.#ask(scope, bytes, family);
    return hash !== 0 && this.#seen.note(hash) && isPlainQuery(bytes);
  }

  /** Keeps the answer to a query, where `isWanted` says so and there is room. */
  keep(scope: number, bytes: Uint8Array, family: 4 | 6, answer: Answer<O>): void {
    const runs = answer.isShuffled ? permutable(answer.octets) : NO_RUNS;
    const counters = answer.validity.kind === 'while' ? answer.validity.of.counters : [];
    if (runs === undefined || runs.length > RUNS || counters.length > COUNTERS) return;
    const hash = this.#ask(scope, bytes, family);
    const shelf = shelfFor(bytes.length, answer.octets.length);
    if (hash === 0 || shelf === undefined) return;
    const known = this.#answers.find(hash, this.#query, 0, bytes.length, family, scope);
    const slot = this.#placeFor(shelf, hash, known < 0 ? -1 : slotAt(known), answer.isEndless);
    if (slot < 0) return;
    const word = this.#close(shelf, slot);
    const words = this.#words;
    words[word + SLOT.scope] = scope;
    words[word + SLOT.query] = queryWord(bytes.length, family);
    words[word + SLOT.reply] = (answer.rcode << 16) | answer.octets.length;
    words[word + SLOT.isTold] = answer.origin.tellsEach ? 1 : 0;
    this.#writeValidity(word, answer.validity, counters);
    for (let i = 0; i < RUNS; i++) {
      const run = runs[i];
      words[word + SLOT.runs + 2 * i] = run === undefined ? 0 : (run.at << 16) | run.stride;
      words[word + SLOT.runs + 2 * i + 1] = run === undefined ? 0 : (run.count << 16) | run.from;
    }
    this.#answers.memory.octets.set(bytes, queryAt(word));
    this.#answers.memory.octets.set(answer.octets, replyAt(word, bytes.length));
    this.#origins[shelf.first + slot] = answer.origin;
    this.#wasRead[shelf.first + slot] = 0;
    words[shelf.tagsAt + slot] = hash;
    this.#answers.open(word);
  }

  /** Tells all origins of what was repeated up to now. */
  settle(): void {
    this.#forEach((_shelf, slot, word) => this.#count(slot, word));
  }

  /** Ends all answers of an engine. */
  retire(scope: number): void {
    this.#forEach((shelf, slot, word) => {
      if (this.#words[word + SLOT.scope] === scope) this.#close(shelf, slot - shelf.first);
    });
  }

  /** Puts the query where words begin. @returns its hash; 0 for what cannot have an answer here */
  #ask(scope: number, bytes: Uint8Array, family: 4 | 6): number {
    if (bytes.length < SHORTEST_QUERY_BYTES || bytes.length > LONGEST_QUERY_BYTES) return 0;
    this.#query.octets.set(bytes);
    return this.#answers.hash(this.#query, 0, bytes.length, family, scope);
  }

  /**
   * A slot of the shelf that is free, or whose answer no longer stands or was not asked for since the last look; -1: none yet.
   * @param known the slot, counted over all shelves, that the question has; -1 for none
   */
  #placeFor(shelf: Shelf, hash: number, known: number, isEndless: boolean): number {
    if (known >= shelf.first && known < shelf.first + shelf.slots) return known - shelf.first;
    // Now it has another length.
    if (known >= 0) this.#forget(known);
    const bucket = bucketOf(shelf, hash);
    const last = bucket + (isEndless ? ENDLESS_WAYS : WAYS) - 1;
    // From the end: what there is no end of cannot have the last ones.
    for (let slot = last; slot >= bucket; slot--) {
      if (this.#words[shelf.tagsAt + slot] === 0 || !this.#slots.stands(wordOf(shelf, slot))) return slot;
    }
    for (let slot = last; slot >= bucket; slot--) {
      this.#count(shelf.first + slot, wordOf(shelf, slot));
      if (this.#wasRead[shelf.first + slot] === 0) return slot;
      this.#wasRead[shelf.first + slot] = 0;
    }
    return -1;
  }

  /** Empties a slot. @returns its word */
  #close(shelf: Shelf, slot: number): number {
    const word = wordOf(shelf, slot);
    this.#words[shelf.tagsAt + slot] = 0;
    this.#tell(shelf.first + slot, word, this.#answers.close(word));
    this.#origins[shelf.first + slot] = undefined;
    return word;
  }

  #forget(known: number): void {
    const shelf = SHELVES.findLast(({ first }) => known >= first);
    if (shelf !== undefined) this.#close(shelf, known - shelf.first);
  }

  #count(slot: number, word: number): void {
    const times = this.#answers.takeReads(word);
    if (times === 0) return;
    this.#wasRead[slot] = 1;
    this.#tell(slot, word, times);
  }

  #tell(slot: number, word: number, times: number): void {
    if (times === 0) return;
    const reply = this.#words[word + SLOT.reply] as number;
    this.#origins[slot]?.repeatedTimes(reply & 0xffff, reply >>> 16, times);
  }

  #writeValidity(word: number, validity: Answer<O>['validity'], counters: readonly number[]): void {
    const words = this.#words;
    words[word + SLOT.generation] = validity.kind === 'while' ? validity.generation : 0;
    for (let i = 0; i < COUNTERS; i++) words[word + SLOT.counters + i] = counters[i] ?? -1;
    const deadline = validity.kind === 'while' ? Number.POSITIVE_INFINITY : validity.ms;
    this.#deadlines[(word + SLOT.deadline) >> 1] = deadline;
  }

  #forEach(visit: (shelf: Shelf, slot: number, word: number) => void): void {
    for (const shelf of SHELVES) {
      for (let i = 0; i < shelf.slots; i++) {
        if (this.#origins[shelf.first + i] !== undefined) visit(shelf, shelf.first + i, wordOf(shelf, i));
      }
    }
  }
}

function wordOf(shelf: Shelf, slot: number): number {
  return shelf.slotsAt + slot * shelf.slotWords;
}

/** Number of a slot among those of all shelves. */
function slotAt(word: number): number {
  const { first, slotsAt, slotWords } = SHELVES.findLast((shelf) => word >= shelf.slotsAt) as Shelf;
  return first + (word - slotsAt) / slotWords;
}

function shelfFor(queryBytes: number, replyBytes: number): Shelf | undefined {
  const payload = wordsFor(queryBytes) * 4 + wordsFor(replyBytes) * 4;
  return replyBytes > limits.answerReplyBytes
    ? undefined
    : SHELVES.find((shelf) => payload <= shelf.payloadBytes);
}

/** Of what was cut off by chance each client must get another part: it has none. */
function permutable(octets: Uint8Array): readonly Run[] | undefined {
  return ((octets[2] ?? 0) & TC) !== 0 ? undefined : runsOf(octets);
}
