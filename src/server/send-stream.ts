/** Sends the messages of a stream over a TCP connection as fast as the client takes them, and lets others have turns between. */
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { frame } from '../dns/wire/frames.ts';
import { limits } from '../limits.ts';
import type { MessageStream } from './message-stream.ts';

/** Ends with the last message, or with the connection: a client that is too slow loses it. */
export async function sendStream(socket: Socket, messages: MessageStream, writeMs: number): Promise<void> {
  const deadline = performance.now() + limits.transferMs;
  try {
    for (let octets = messages.next(); octets !== undefined; octets = messages.next()) {
      if (performance.now() > deadline) socket.destroy();
      if (!(await isTaken(socket, octets, writeMs))) return;
      await nextTurn();
    }
  } finally {
    messages.end();
  }
}

/** Whether the kernel has taken the message. */
function isTaken(socket: Socket, octets: Uint8Array, writeMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => socket.destroy(), writeMs);
  socket.write(frame(octets), (error) => {
    clearTimeout(timer);
    resolve(!error);
  });
  return promise;
}
