/** Takes datagrams from a socket in batches, answers those whose answers are known, and passes the others on. */

import type { Native } from '../../net/native.ts';
import type { Find } from '../answers/find.ts';
import type { Memory } from '../memory.ts';
import { isIpv4, portOf } from './envelope.ts';
import { ReceiveBatch } from './receive-batch.ts';
import { SendBatch } from './send-batch.ts';

export interface IntakeOptions {
  readonly native: Native;
  readonly fd: number;
  readonly find: Find;
  /** What is not known. The memory is the intake's again when it returns. */
  passOn(memory: Memory, envelopeAt: number, payloadAt: number, length: number): void;
  /** A known answer could not be sent. */
  unsent(): void;
}

export class Intake {
  readonly slots: number;
  readonly #options: IntakeOptions;
  readonly #received: ReceiveBatch;
  readonly #replies: SendBatch;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#received = new ReceiveBatch(options.native);
    this.#replies = new SendBatch(options.native);
    this.slots = this.#received.slots;
  }

  /** @returns the number of datagrams that there were; -1 for an error */
  read(flags: number): number {
    const { fd, unsent } = this.#options;
    const count = this.#received.receive(fd, flags);
    for (let slot = 0; slot < count; slot++) this.#answer(slot);
    this.#replies.send(fd, unsent);
    return count;
  }

  #answer(slot: number): void {
    const { find, passOn } = this.#options;
    const { memory } = this.#received;
    const envelopeAt = this.#received.envelopeAt(slot);
    // Nothing can be sent to port 0: a spoofed source.
    if (!this.#received.hasSender(slot) || portOf(memory, envelopeAt) === 0) return;
    const length = this.#received.payloadLength(slot);
    const payloadAt = this.#received.payloadAt(slot);
    const family = isIpv4(memory, envelopeAt) ? 4 : 6;
    const replies = this.#replies;
    const answer = find(memory, payloadAt, length, family, replies.memory, replies.payloadAt);
    if (answer > 0) replies.add(answer, memory, envelopeAt);
    else passOn(memory, envelopeAt, payloadAt, length);
  }
}
