/** The queries of one socket that wait for their replies. */
import { randomInt } from 'node:crypto';
import type { Message, Question } from '../dns/index.ts';
import type { Silence } from './line.ts';
import { readReply, replyId } from './match.ts';

interface Waiter {
  readonly question: Question;
  settle(reply: Message | Silence): void;
}

export class Waiting {
  readonly #ids = new Map<Question, number>();
  readonly #waiters = new Map<number, Waiter>();

  /** RFC 5452 §9.2: an ID that nobody can foresee. A question keeps its own, and no other has it. */
  idOf(question: Question): number {
    const known = this.#ids.get(question);
    if (known !== undefined) return known;
    const taken = new Set(this.#ids.values());
    let id = randomInt(0x1_0000);
    while (taken.has(id)) id = randomInt(0x1_0000);
    this.#ids.set(question, id);
    return id;
  }

  wait(question: Question, waitMs: number): Promise<Message | Silence> {
    const id = this.idOf(question);
    const { promise, resolve } = Promise.withResolvers<Message | Silence>();
    const timer = setTimeout(() => resolve('timeout'), waitMs);
    const waiter: Waiter = { question, settle: resolve };
    this.#waiters.set(id, waiter);
    return promise.finally(() => {
      clearTimeout(timer);
      if (this.#waiters.get(id) === waiter) this.#waiters.delete(id);
    });
  }

  /** Octets that came in: what answers nothing is dropped. */
  take(bytes: Uint8Array): void {
    const id = replyId(bytes);
    const waiter = id === undefined ? undefined : this.#waiters.get(id);
    const reply = waiter && readReply(bytes, waiter.question);
    if (reply !== undefined) waiter?.settle(reply);
  }

  end(silence: Silence): void {
    for (const waiter of this.#waiters.values()) waiter.settle(silence);
  }
}
