/** Which questions were asked before, of the many that are not answered from memory: what is asked once gets no place there. */
import { limits } from '../../limits.ts';

/** Questions of one bucket that may be asked in turn, and each is known when it comes again. */
const WAYS = 4;

export class SeenQuestions {
  /** Buckets of hashes, the last one seen first; 0 where there is none yet. */
  readonly #hashes = new Uint32Array(limits.answerSeenHashes);
  readonly #buckets = limits.answerSeenHashes / WAYS;

  /**
   * Notes that the question was asked.
   * @param hash of `AnswerMemory`: its lowest bit is always the same
   * @returns whether it was asked before, as far as is known: others may have taken its place
   */
  note(hash: number): boolean {
    const hashes = this.#hashes;
    const first = ((hash >>> 1) % this.#buckets) * WAYS;
    let moved = hash >>> 0;
    for (let at = first; at < first + WAYS; at++) {
      const before = hashes[at] as number;
      hashes[at] = moved;
      if (before === hash >>> 0) return true;
      moved = before;
    }
    return false;
  }
}
