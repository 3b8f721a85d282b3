/** What the main thread says to a worker, and what a worker counts: words in shared memory, for a worker hears no messages. */

const STOPPING = 0;
const UNSENT = 1;
const WORDS = 2;

export class WorkerControl {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** @param shared the other side's; default: a new one */
  constructor(shared = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  stop(): void {
    Atomics.store(this.#words, STOPPING, 1);
  }

  get isStopping(): boolean {
    return Atomics.load(this.#words, STOPPING) === 1;
  }

  countUnsent(): void {
    Atomics.add(this.#words, UNSENT, 1);
  }

  /** Replies that the worker could not send since this was asked for last. */
  takeUnsent(): number {
    return Atomics.exchange(this.#words, UNSENT, 0);
  }
}
