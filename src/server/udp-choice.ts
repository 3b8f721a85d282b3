/** How UDP is read: in batches, or datagram by datagram by `node:dgram`. Chosen once, at the start. */
import { availableParallelism } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { loadNative, type Native } from '../net/native.ts';
import type { SharedAnswers } from './answers/answer-reader.ts';
import { BatchedListener } from './batched/listener.ts';
import type { WorkerEvents } from './batched/socket-worker.ts';
import { refusal } from './batched/udp-socket.ts';
import type { ListenAddress } from './listen-address.ts';
import { type PacketHandler, UdpListener } from './udp.ts';

/** `auto`: in batches where the machine can. */
export type UdpMode = 'auto' | 'batched' | 'dgram';

export interface UdpListening {
  readonly port: number;
  /** Reads what has arrived already, waits a while for answers under way, then closes. */
  close(): Promise<void>;
}

export interface UdpOptions {
  /** Sockets that the Corefile asks for; undefined where it says nothing. */
  readonly sockets: number | undefined;
  /** What may be repeated without asking the handler. */
  readonly answers?: SharedAnswers;
}

/**
 * @throws {ListenError} the address cannot be bound
 */
export type OpenUdp = (
  address: ListenAddress,
  handler: PacketHandler,
  options: UdpOptions,
) => Promise<UdpListening>;

export interface UdpChoice {
  /** For the log: which, and why. */
  readonly description: string;
  readonly open: OpenUdp;
  /** The calls that it is read with; undefined for `dgram`. */
  readonly native: Native | undefined;
}

/** Batches are asked for, and cannot be had here: said in one line. */
export class UdpModeError extends Error {
  constructor(why: string) {
    super(`-udp batched cannot be had: ${why}; use auto or dgram`);
    this.name = 'UdpModeError';
  }
}

/** @throws {UdpModeError} */
export function chooseUdp(mode: UdpMode, events: WorkerEvents): UdpChoice {
  if (mode === 'dgram') return oneByOne('as -udp says');
  const loaded = isMainThread ? loadNative() : 'this is not the main thread';
  const native = typeof loaded === 'string' ? loaded : (refusal(loaded) ?? loaded);
  if (typeof native === 'string') {
    if (mode === 'batched') throw new UdpModeError(native);
    return oneByOne(native);
  }
  return {
    description: 'UDP is read in batches (recvmmsg)',
    native,
    open: (address, handler, { sockets, answers }) =>
      BatchedListener.listen(address, handler, { native, workers: workersFor(sockets), events, answers }),
  };
}

function oneByOne(why: string): UdpChoice {
  return {
    description: `UDP is read datagram by datagram (dgram): ${why}`,
    native: undefined,
    // One thread answers: more sockets would give it nothing.
    open: (address, handler, { answers }) => UdpListener.listen(address, handler, answers),
  };
}

/** More workers than processors would only wait for each other. */
function workersFor(sockets: number | undefined): number {
  return Math.min(sockets ?? 0, availableParallelism());
}
