/**
 * Answers that the chain gave and that may be repeated: of a known question the octets are sent again, and nobody
 * decodes, asks or encodes. It repeats, it never decides. One belongs to one listener under one Corefile.
 */
import { limits } from '../../limits.ts';
import type { Validity } from '../../plugins/reply.ts';

/** An answer, and for how long it stands. */
export interface Answer<Origin> {
  readonly octets: Uint8Array;
  /** All twelve bits. */
  readonly rcode: number;
  readonly validity: Extract<Validity, { kind: 'while' }>;
  /** Who hears that it was sent again. */
  readonly origin: Origin;
}

interface Entry<Origin> {
  readonly hash: number;
  readonly family: 4 | 6;
  /** The query that it answers; its ID does not count. */
  readonly query: Uint8Array;
  readonly answer: Answer<Origin>;
  /** Whether it was asked for since the last one that wanted its place. */
  wasHit: boolean;
}

/** Places that a question can have: together in one bucket. */
const WAYS = 4;
/** Places of a bucket that "no such name" and "no such record" may have: there is no end of names that do not exist. */
const NEGATIVE_WAYS = 1;

export class AnswerTable<Origin> {
  readonly #entries = new Array<Entry<Origin> | undefined>(limits.answerEntries);
  /** Hashes that were asked for once: only what is asked again gets a place, so a flood of random names gets none. */
  readonly #seen = new Uint32Array(limits.answerSeenHashes);

  /** The answer to the query, where it still stands. @param hash of `hashQuery` */
  find(hash: number, query: Uint8Array, family: 4 | 6): Answer<Origin> | undefined {
    const entry = this.#entries[this.#placeOf(hash, query, family)];
    if (entry === undefined || !stands(entry)) return undefined;
    entry.wasHit = true;
    return entry.answer;
  }

  /**
   * Keeps an answer, where the question was asked before and there is room.
   * @param hash of `hashQuery`
   * @param isNegative whether it says that there is no such name or record
   */
  keep(
    hash: number,
    query: Uint8Array,
    family: 4 | 6,
    isNegative: boolean,
    answer: () => Answer<Origin>,
  ): void {
    if (!this.#wasSeen(hash)) return;
    const known = this.#placeOf(hash, query, family);
    const place = known < 0 ? this.#placeFor(hash, isNegative) : known;
    if (place < 0) return;
    this.#entries[place] = { hash, family, query: query.slice(), answer: answer(), wasHit: false };
  }

  /** -1 where the question has none. */
  #placeOf(hash: number, query: Uint8Array, family: 4 | 6): number {
    const first = firstPlace(hash);
    for (let place = first; place < first + WAYS; place++) {
      const entry = this.#entries[place];
      if (entry?.hash === hash && entry.family === family && isSameQuestion(entry.query, query)) return place;
    }
    return -1;
  }

  #wasSeen(hash: number): boolean {
    const at = hash % limits.answerSeenHashes;
    if (this.#seen[at] === hash) return true;
    this.#seen[at] = hash;
    return false;
  }

  /** A place that is free, or whose answer no longer stands or was not asked for since the last look; -1: none yet. */
  #placeFor(hash: number, isNegative: boolean): number {
    const first = firstPlace(hash);
    const ways = isNegative ? NEGATIVE_WAYS : WAYS;
    for (let place = first; place < first + ways; place++) {
      const entry = this.#entries[place];
      if (entry === undefined || !stands(entry)) return place;
    }
    for (let place = first + ways - 1; place >= first; place--) {
      const entry = this.#entries[place];
      if (entry?.wasHit === false) return place;
      if (entry !== undefined) entry.wasHit = false;
    }
    return -1;
  }
}

function firstPlace(hash: number): number {
  return (hash % (limits.answerEntries / WAYS)) * WAYS;
}

function stands<Origin>({ answer: { validity } }: Entry<Origin>): boolean {
  return validity.of.current === validity.generation;
}

/** Whether all octets but the ID are the same. */
function isSameQuestion(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 2; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
