/** Every way in which UDP is read here, for tables of tests. */
import { createSocket, type Socket } from 'node:dgram';
import { onTestFinished } from 'vitest';
import { BatchedListener } from '../../src/server/batched/listener.ts';
import type { WorkerEvents } from '../../src/server/batched/socket-worker.ts';
import { UdpListener } from '../../src/server/udp.ts';
import type { UdpListening } from '../../src/server/udp-choice.ts';
import { native } from '../support/native.ts';
import type { EchoHandler } from './echo-handler.ts';

export { native };

interface Place {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface UdpKind {
  readonly what: string;
  open(handler: EchoHandler, place?: Place): Promise<UdpListening>;
}

const addressOf = ({ host = '127.0.0.1', port = 0 }: Place = {}) =>
  ({ transport: 'dns', host, port }) as const;

const dgram: UdpKind = {
  what: 'dgram',
  open: (handler, place) => UdpListener.listen(addressOf(place), handler),
};

/** @param workers 0: the main thread reads */
export function openBatched(
  handler: EchoHandler,
  workers: number,
  place?: Place,
  events: WorkerEvents = NO_EVENTS,
): Promise<BatchedListener> {
  if (native === undefined) throw new Error('there are no native calls here');
  return BatchedListener.listen(addressOf(place), handler, { native, workers, events });
}

const NO_EVENTS: WorkerEvents = { workerDied() {} };

export const batchedKinds: readonly UdpKind[] = (native === undefined ? [] : [0, 1, 2]).map((workers) => ({
  what: `batched, ${workers === 0 ? 'by the main thread' : `workers: ${workers}`}`,
  open: (handler, place) => openBatched(handler, workers, place),
}));

export const udpKinds: readonly UdpKind[] = [dgram, ...batchedKinds];

/** Opens it for one test; its slow answers are given, and it is closed, at the end. */
export async function listen(kind: UdpKind, handler: EchoHandler, place?: Place): Promise<UdpListening> {
  return closedAtEnd(await kind.open(handler, place), handler);
}

export function closedAtEnd(listener: UdpListening, handler: EchoHandler): UdpListening {
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= listener.close();
    return closing;
  };
  onTestFinished(async () => {
    handler.release();
    await close();
  });
  return { port: listener.port, close };
}

/** A client with what it got so far, as text. */
export function makeClient(type: 'udp4' | 'udp6' = 'udp4'): {
  socket: Socket;
  replies: string[];
  /** Addresses that replies came from. */
  sources: string[];
} {
  const socket = createSocket(type);
  const replies: string[] = [];
  const sources: string[] = [];
  socket.on('message', (octets, { address }) => {
    replies.push(octets.toString('latin1'));
    sources.push(address);
  });
  onTestFinished(() => {
    socket.close();
  });
  return { socket, replies, sources };
}

/** Resolves when the datagram is with the kernel, and so in the other socket's buffer. */
export function send(socket: Socket, text: string, port: number, host = '127.0.0.1'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(text, port, host, (error) => (error === null ? resolve() : reject(error)));
  });
}
