/** The main thread reads a socket itself, in batches, woken by its own event loop. */
import { limits } from '../../limits.ts';
import type { Native, Watch } from '../../net/native.ts';
import type { Find } from '../answers/find.ts';
import type { Answering } from './answering.ts';
import { Intake } from './intake.ts';
import { MSG_DONTWAIT } from './message-header.ts';
import type { Reader } from './reader.ts';

export interface LoopReaderOptions {
  readonly native: Native;
  readonly fd: number;
  readonly find: Find;
  readonly answering: Answering;
  unsent(): void;
}

export class LoopReader implements Reader {
  readonly started = Promise.resolve();
  readonly #answering: Answering;
  readonly #intake: Intake;
  readonly #watch: Watch;

  constructor({ native, fd, find, answering, unsent }: LoopReaderOptions) {
    this.#answering = answering;
    this.#intake = new Intake({
      native,
      fd,
      find,
      passOn: (memory, envelopeAt, payloadAt, length) =>
        answering.receive(fd, memory, envelopeAt, payloadAt, length),
      unsent,
    });
    this.#watch = native.watch(fd, () => this.#readTurn());
  }

  async stop(): Promise<void> {
    this.#watch.end();
    // A flood must not keep it from ending.
    for (let last = 0; last < limits.udpDrainBatches && this.#read() > 0; last++);
  }

  #readTurn(): void {
    for (let count = 0; count < limits.udpTurnMessages; count += this.#intake.slots) {
      if (this.#read() < this.#intake.slots) return;
    }
  }

  /** @returns the number of datagrams that there were */
  #read(): number {
    const count = this.#intake.read(MSG_DONTWAIT);
    this.#answering.flush();
    return count;
  }
}
