/** Waits for answers, nearly all of which end before their time: one timer for many. */
import { limits } from '../../../limits.ts';

export abstract class Wait {
  /** Milliseconds of `performance.now()`. */
  dueMs = 0;
  before: Wait | undefined;
  after: Wait | undefined;

  abstract timeOut(): void;
}

/** In the order in which they run out. */
export class Waits {
  #first: Wait | undefined;
  #last: Wait | undefined;
  /** It is left running when a wait ends: there will be another. What it waits for keeps the process alive, not itself. */
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = 0;

  begin(wait: Wait, timeoutMs: number): void {
    const now = performance.now();
    wait.dueMs = now + Math.max(0, timeoutMs);
    // Most have the same time, and the last to come has most of it left.
    let before = this.#last;
    while (before !== undefined && before.dueMs > wait.dueMs) before = before.before;
    this.#insert(wait, before);
    if (this.#timer === undefined || wait.dueMs < this.#timerDueMs) this.#wake(wait.dueMs, now);
  }

  /** Before its time; not for one that has run out. */
  end(wait: Wait): void {
    const { before, after } = wait;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    wait.before = undefined;
    wait.after = undefined;
  }

  #insert(wait: Wait, before: Wait | undefined): void {
    const after = before === undefined ? this.#first : before.after;
    wait.before = before;
    wait.after = after;
    if (before === undefined) this.#first = wait;
    else before.after = wait;
    if (after === undefined) this.#last = wait;
    else after.before = wait;
  }

  #wake(dueMs: number, now: number): void {
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const delayMs = Math.min(Math.ceil(dueMs - now), limits.timerMaxMs);
    this.#timer = setTimeout(this.#runOut, delayMs).unref();
  }

  readonly #runOut = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (first.dueMs > now) {
        this.#wake(first.dueMs, now);
        return;
      }
      this.end(first);
      first.timeOut();
    }
  };
}
