/** Replies of the main thread, collected and sent in batches. */

import type { Native } from '../../net/native.ts';
import type { Memory } from '../memory.ts';
import { SendBatch } from './send-batch.ts';

export class Sender {
  readonly #batch: SendBatch;
  readonly #lost: () => void;
  #fd = -1;
  #isFlushDue = false;

  /** @param lost called for each reply that cannot be sent */
  constructor(native: Native, lost: () => void) {
    this.#batch = new SendBatch(native);
    this.#lost = lost;
  }

  /** Sends with the next `flush`, or when the batch is full. */
  add(fd: number, octets: Uint8Array, to: Memory, envelopeAt: number): void {
    if (this.#batch.isFull || fd !== this.#fd) this.flush();
    this.#fd = fd;
    this.#batch.memory.octets.set(octets, this.#batch.payloadAt);
    this.#batch.add(octets.length, to, envelopeAt);
  }

  /** The same for a reply that comes on its own: with all others that come in this turn. */
  addLater(fd: number, octets: Uint8Array, to: Memory, envelopeAt: number): void {
    this.add(fd, octets, to, envelopeAt);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.flush();
    });
  }

  flush(): void {
    this.#batch.send(this.#fd, this.#lost);
  }
}
