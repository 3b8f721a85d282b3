/** Wakes the main thread from others. Who rings while it is awake does nothing: no message, no system call. */

const AWAKE = 0;
const ASLEEP = 1;

export class Doorbell {
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;

  /** @param shared the other side's; default: a new one */
  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#state = new Int32Array(shared);
  }

  ring(): void {
    if (Atomics.load(this.#state, 0) === AWAKE) return;
    if (Atomics.compareExchange(this.#state, 0, ASLEEP, AWAKE) === ASLEEP) Atomics.notify(this.#state, 0);
  }

  /**
   * Sleeps until it rings. To be called on the main thread, whose event loop goes on.
   * @param isNeeded asked once more after the bell is armed: what came before would not ring
   */
  async wait(isNeeded: () => boolean): Promise<void> {
    Atomics.store(this.#state, 0, ASLEEP);
    if (isNeeded()) {
      const waiting = Atomics.waitAsync(this.#state, 0, ASLEEP);
      if (waiting.async) await waiting.value;
    }
    Atomics.store(this.#state, 0, AWAKE);
  }
}
