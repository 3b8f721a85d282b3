/** A thread that asks one question again and again, from many sockets, and compares the replies; it needs nothing of the main thread. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';

export interface AskingData {
  readonly port: number;
  readonly query: Uint8Array;
  /** Behind the ID. */
  readonly reply: Uint8Array;
  readonly sockets: number;
  readonly timesEach: number;
  /** Three words: right replies, other ones, and 1 when all are there. */
  readonly counts: Int32Array;
}

const RIGHT = 0;
const WRONG = 1;
const DONE = 2;

async function askFrom({ port, query, reply, timesEach, counts }: AskingData): Promise<void> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let id = 1; id <= timesEach; id++) {
    const octets = Buffer.from(query);
    octets.writeUInt16BE(id, 0);
    const came = once(socket, 'message');
    socket.send(octets);
    const [got] = (await came) as [Buffer];
    const isRight = got.readUInt16BE(0) === id && got.subarray(2).equals(reply.subarray(2));
    Atomics.add(counts, isRight ? RIGHT : WRONG, 1);
  }
  socket.close();
}

async function run(data: AskingData): Promise<void> {
  await Promise.all(Array.from({ length: data.sockets }, () => askFrom(data)));
  Atomics.store(data.counts, DONE, 1);
  Atomics.notify(data.counts, DONE);
}

// To be asked for: the main thread hears of nothing when it sleeps.
if (parentPort !== null) {
  parentPort.postMessage('ready');
  await once(parentPort, 'message');
  await run(workerData);
}
