/** UDP on one address, in batches. */
import { limits } from '../../limits.ts';
import type { Native } from '../../net/native.ts';
import type { SharedAnswers } from '../answers/answer-reader.ts';
import { findAmong } from '../answers/find.ts';
import { type ListenAddress, ListenError } from '../listen-address.ts';
import type { PacketHandler } from '../udp.ts';
import { Answering } from './answering.ts';
import { LoopReader } from './loop-reader.ts';
import type { Reader } from './reader.ts';
import type { WorkerEvents } from './socket-worker.ts';
import { openUdpSocket, type UdpSocket } from './udp-socket.ts';
import { WorkerReader } from './worker-reader.ts';

export interface BatchedOptions {
  readonly native: Native;
  /** So many sockets, each with a worker; 0: one, read by the main thread. */
  readonly workers: number;
  readonly events: WorkerEvents;
  /** What is answered where it is read. Default: nothing. */
  readonly answers?: SharedAnswers | undefined;
}

export class BatchedListener {
  readonly port: number;
  readonly #native: Native;
  readonly #fds: readonly number[];
  readonly #answering: Answering;
  readonly #reader: Reader;

  private constructor(
    [first, ...others]: readonly [UdpSocket, ...UdpSocket[]],
    handler: PacketHandler,
    { native, workers, events, answers }: BatchedOptions,
  ) {
    this.port = first.local.port;
    this.#native = native;
    this.#fds = [first, ...others].map(({ fd }) => fd);
    const answering = new Answering(native, handler, first.local);
    this.#answering = answering;
    const dropped = handler.dropped.bind(handler);
    this.#reader =
      workers === 0
        ? new LoopReader({
            native,
            fd: first.fd,
            find: findAmong(answers),
            answering,
            unsent: () => dropped('udp-unsent'),
          })
        : new WorkerReader({ native, fds: this.#fds, answering, events, answers, dropped });
  }

  /** @throws {ListenError} the address cannot be bound, or no worker can be had */
  static async listen(
    address: ListenAddress,
    handler: PacketHandler,
    options: BatchedOptions,
  ): Promise<BatchedListener> {
    const listener = new BatchedListener(openAll(address, options), handler, options);
    try {
      await listener.#reader.started;
      return listener;
    } catch (error) {
      await listener.close();
      throw new ListenError('udp', address, error);
    }
  }

  /** Waits a while for answers under way, reads what has arrived by then, and closes. */
  async close(): Promise<void> {
    const deadline = performance.now() + limits.drainMs;
    await this.#answering.untilAnswered(deadline);
    await this.#reader.stop();
    await this.#answering.untilAnswered(deadline);
    this.#answering.end();
    for (const fd of this.#fds) this.#native.close(fd);
  }
}

/** All of them on one port, also where the kernel chooses it. */
function openAll(
  address: ListenAddress,
  { native, workers }: BatchedOptions,
): readonly [UdpSocket, ...UdpSocket[]] {
  const opened: UdpSocket[] = [];
  try {
    const options = { isShared: workers > 1 };
    const first = openUdpSocket(native, address, options);
    opened.push(first);
    const same = { ...address, port: first.local.port };
    for (let i = 1; i < workers; i++) opened.push(openUdpSocket(native, same, options));
    return [first, ...opened.slice(1)];
  } catch (error) {
    for (const { fd } of opened) native.close(fd);
    throw new ListenError('udp', address, error);
  }
}
