/** Replies of the main thread, collected and sent in batches. */

import type { Native } from '../../net/native.ts';
import { type Memory, memoryOf } from '../memory.ts';
import { copyEnvelope, ENVELOPE } from './envelope.ts';
import { SendBatch } from './send-batch.ts';

/** Where a reply goes, kept while it is waited for. */
export interface Destination {
  readonly fd: number;
  readonly envelope: Memory;
}

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

  /** Keeps where to send a reply to that is not there yet. */
  static destination(fd: number, from: Memory, envelopeAt: number): Destination {
    const envelope = memoryOf(new ArrayBuffer(ENVELOPE.bytes));
    copyEnvelope(from, envelopeAt, envelope, 0);
    return { fd, envelope };
  }

  /** Sends with the next `flush`, or when the batch is full. */
  add(fd: number, octets: Uint8Array, to: Memory, envelopeAt: number): void {
    if (this.#batch.isFull || fd !== this.#fd) this.flush();
    this.#fd = fd;
    this.#batch.memory.octets.set(octets, this.#batch.payloadAt);
    this.#batch.add(octets.length, to, envelopeAt);
  }

  /** The same for a reply that comes on its own: with all others that come in this turn. */
  addLater({ fd, envelope }: Destination, octets: Uint8Array): void {
    this.add(fd, octets, envelope, 0);
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
