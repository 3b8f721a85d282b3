/** Takes datagrams from a socket in batches, answers those whose answers are known, and passes the others on. */
import type { Memory } from '../memory.ts';
import { isIpv4, portOf } from './envelope.ts';
import type { Find } from './find.ts';
import { MessageBatch } from './message-batch.ts';
import type { Native } from './native.ts';

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
  readonly #received: MessageBatch;
  readonly #replies: MessageBatch;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#received = new MessageBatch(options.native);
    this.#replies = new MessageBatch(options.native);
    this.slots = this.#received.slots;
  }

  /** @returns the number of datagrams that there were; -1 for an error */
  read(flags: number): number {
    const { fd, unsent } = this.#options;
    const count = this.#received.receive(fd, flags);
    let answered = 0;
    for (let slot = 0; slot < count; slot++) {
      if (this.#answer(slot, answered)) answered++;
    }
    if (answered > 0) this.#replies.send(fd, answered, unsent);
    return count;
  }

  /** @returns whether the reply is in its slot */
  #answer(slot: number, replySlot: number): boolean {
    const { find, passOn } = this.#options;
    const { memory } = this.#received;
    const envelopeAt = this.#received.envelopeAt(slot);
    // Nothing can be sent to port 0: a spoofed source.
    if (!this.#received.hasSender(slot) || portOf(memory, envelopeAt) === 0) return false;
    const length = this.#received.payloadLength(slot);
    const payloadAt = this.#received.payloadAt(slot);
    const family = isIpv4(memory, envelopeAt) ? 4 : 6;
    const [out, outAt] = [this.#replies.memory, this.#replies.payloadAt(replySlot)];
    const answer = find(memory, payloadAt, length, family, out, outAt);
    if (answer > 0) this.#replies.address(replySlot, answer, memory, envelopeAt);
    else passOn(memory, envelopeAt, payloadAt, length);
    return answer > 0;
  }
}
