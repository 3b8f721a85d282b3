/** One socket with the worker that reads it. A worker that dies is replaced; the socket and what it holds stay. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { limits } from '../../limits.ts';
import type { Native } from '../../net/native.ts';
import type { SharedAnswers } from '../answers/answer-reader.ts';
import type { Doorbell } from './doorbell.ts';
import { Ring } from './ring.ts';
import { endReading } from './udp-socket.ts';
import type { UdpWorkerData } from './udp-worker.ts';
import { WorkerControl } from './worker-control.ts';

export interface WorkerEvents {
  /** A worker is gone that nobody has stopped; another one takes its place. */
  workerDied(error: unknown): void;
  /** Default: a real one. */
  readonly startWorker?: (data: UdpWorkerData) => Worker;
}

export interface SocketWorkerOptions {
  readonly native: Native;
  readonly fd: number;
  readonly doorbell: Doorbell;
  readonly events: WorkerEvents;
  readonly answers: SharedAnswers | undefined;
}

/** In the sources and in a bundle: a file beside this one, with the same ending. */
const WORKER = new URL(`./udp-worker${/\.\w+$/.exec(import.meta.url)?.[0] ?? '.js'}`, import.meta.url);

export function startUdpWorker(data: UdpWorkerData): Worker {
  return new Worker(WORKER, { workerData: data, name: 'udp' });
}

/** While the process exits it waits for its workers, and those hear of nothing but their sockets. */
const reading = new Set<SocketWorker>();
function releaseAll(): void {
  for (const worker of reading) worker.release();
}

export class SocketWorker {
  readonly fd: number;
  readonly ring = new Ring();
  readonly control = new WorkerControl();
  /** Settles when the first worker reads, or cannot. */
  readonly started: Promise<void>;
  readonly #native: Native;
  readonly #data: UdpWorkerData;
  readonly #events: WorkerEvents;
  readonly #ended: Promise<void>;

  constructor({ native, fd, doorbell, events, answers }: SocketWorkerOptions) {
    this.fd = fd;
    this.#native = native;
    this.#events = events;
    this.#data = {
      fd,
      ring: this.ring.shared,
      doorbell: doorbell.shared,
      control: this.control.shared,
      answers,
    };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.started = promise;
    this.#ended = this.#keepRunning(resolve, reject);
  }

  /** The worker takes what the kernel holds, and ends. The socket stays open for replies. */
  async stop(): Promise<void> {
    this.release();
    await this.#ended;
  }

  release(): void {
    this.control.stop();
    endReading(this.#native, this.fd);
  }

  async #keepRunning(isStarted: () => void, cannotStart: (error: unknown) => void): Promise<void> {
    if (reading.size === 0) process.on('exit', releaseAll);
    reading.add(this);
    while (!this.control.isStopping) {
      const error = await this.#runOne(isStarted);
      if (this.control.isStopping) break;
      cannotStart(error);
      this.#events.workerDied(error);
      await sleep(limits.udpWorkerRestartMs);
    }
    reading.delete(this);
    if (reading.size === 0) process.off('exit', releaseAll);
  }

  /** @returns why it ended, undefined where it says nothing */
  #runOne(isStarted: () => void): Promise<unknown> {
    return new Promise((resolve) => {
      const { startWorker = startUdpWorker } = this.#events;
      const worker = startWorker(this.#data);
      let reason: unknown;
      worker.on('message', isStarted);
      worker.on('error', (error) => {
        reason = error;
      });
      worker.on('exit', () => resolve(reason));
    });
  }
}
