/** Each socket is read by a worker. What the workers do not know comes over rings to the main thread. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../../limits.ts';
import type { Native } from '../../net/native.ts';
import type { SharedAnswers } from '../answers/answer-reader.ts';
import type { DropReason } from '../events.ts';
import type { Answering } from './answering.ts';
import { Doorbell } from './doorbell.ts';
import { ENVELOPE } from './envelope.ts';
import type { Reader } from './reader.ts';
import { SocketWorker, type WorkerEvents } from './socket-worker.ts';

export interface WorkerReaderOptions {
  readonly native: Native;
  readonly fds: readonly number[];
  readonly answering: Answering;
  readonly events: WorkerEvents;
  readonly answers: SharedAnswers | undefined;
  dropped(reason: DropReason): void;
}

export class WorkerReader implements Reader {
  readonly started: Promise<void>;
  readonly #workers: readonly SocketWorker[];
  readonly #answering: Answering;
  readonly #dropped: (reason: DropReason) => void;
  readonly #doorbell = new Doorbell();
  readonly #ended: Promise<void>;
  #isStopped = false;

  constructor({ native, fds, answering, events, answers, dropped }: WorkerReaderOptions) {
    this.#answering = answering;
    this.#dropped = dropped;
    this.#workers = fds.map(
      (fd) => new SocketWorker({ native, fd, doorbell: this.#doorbell, events, answers }),
    );
    this.started = Promise.all(this.#workers.map((worker) => worker.started)).then(() => {});
    this.#ended = this.#serve();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    // What they took last is in the rings.
    while (this.#takeAll() > 0) await nextTurn();
    this.#isStopped = true;
    this.#doorbell.ring();
    await this.#ended;
  }

  /** Answers what comes, with turns of the event loop for others in between. */
  async #serve(): Promise<void> {
    const isNeeded = () => !this.#isStopped && this.#workers.every(({ ring }) => ring.isEmpty);
    while (!this.#isStopped) {
      if (this.#takeAll() > 0) await nextTurn();
      else await this.#doorbell.wait(isNeeded);
    }
  }

  /** @returns how many datagrams there were */
  #takeAll(): number {
    let count = 0;
    for (const worker of this.#workers) count += this.#take(worker);
    return count;
  }

  #take({ fd, ring, control }: SocketWorker): number {
    const count = ring.take(limits.udpTurnMessages, (at, length) =>
      this.#answering.receive(fd, ring.memory, at, at + ENVELOPE.bytes, length),
    );
    this.#answering.flush();
    this.#count('udp-ring-full', ring.takeRefused());
    this.#count('udp-unsent', control.takeUnsent());
    return count;
  }

  #count(reason: DropReason, count: number): void {
    for (let i = 0; i < count; i++) this.#dropped(reason);
  }
}
