/** The worker's loop, run here to its end: it is told to stop first, and takes what the kernel holds. */
import { describe, expect, test } from 'vitest';
import type { Native } from '../../../src/net/native.ts';
import type { Find } from '../../../src/server/answers/find.ts';
import { Doorbell } from '../../../src/server/batched/doorbell.ts';
import { ENVELOPE } from '../../../src/server/batched/envelope.ts';
import { peerAt } from '../../../src/server/batched/peer.ts';
import { receiveLoop } from '../../../src/server/batched/receive-loop.ts';
import { Ring } from '../../../src/server/batched/ring.ts';
import { openUdpSocket } from '../../../src/server/batched/udp-socket.ts';
import { WorkerControl } from '../../../src/server/batched/worker-control.ts';
import { until } from '../../support/until.ts';
import { makeClient, native, send } from '../udp-kinds.ts';

interface Run {
  readonly asked: readonly string[];
  readonly replies: string[];
  /** What the main thread gets: who asked, and what. */
  readonly passedOn: string[];
  readonly unsent: number;
}

/** Sends the queries to a socket, and then lets the loop read it. */
async function run(
  native: Native,
  queries: readonly string[],
  answer: (query: string) => string,
): Promise<Run> {
  const { fd, local } = openUdpSocket(native, { transport: 'dns', host: '', port: 0 }, { isShared: false });
  const [ring, control] = [new Ring(), new WorkerControl()];
  const asked: string[] = [];
  const find: Find = (query, at, length, family, out, outAt) => {
    const text = Buffer.from(query.octets.subarray(at, at + length)).toString('latin1');
    asked.push(`${family} ${text}`);
    const reply = Buffer.from(answer(text), 'latin1');
    out.octets.set(reply, outAt);
    return reply.length;
  };
  const { socket, replies } = makeClient();
  for (const query of queries) await send(socket, query, local.port);
  control.stop();
  try {
    receiveLoop({ native, fd, find, ring, doorbell: new Doorbell(), control });
  } finally {
    native.close(fd);
  }
  const passedOn: string[] = [];
  ring.take(queries.length, (at, length) => {
    const { octets } = ring.memory;
    const from = peerAt(ring.memory, at);
    expect(from).toEqual({ address: '127.0.0.1', port: socket.address().port, family: 4 });
    const payloadAt = at + ENVELOPE.bytes;
    passedOn.push(Buffer.from(octets.slice(payloadAt, payloadAt + length)).toString('latin1'));
  });
  return { asked, replies, passedOn, unsent: control.takeUnsent() };
}

describe.runIf(native !== undefined)('the loop of a worker', () => {
  const loop = (queries: readonly string[], answer: (query: string) => string) => {
    if (native === undefined) throw new Error('there are no native calls here');
    return run(native, queries, answer);
  };

  test('answers what is known, and passes the rest on', async () => {
    const known = (query: string) => (query.startsWith('known') ? `${query}!` : '');
    const queries = ['known 1', 'new 1', '', 'known 2', 'new 2'];
    const { asked, replies, passedOn } = await loop(queries, known);
    await until('the known ones are answered', () => replies.length === 2);
    expect(asked).toEqual(queries.map((query) => `4 ${query}`));
    expect(replies).toEqual(['known 1!', 'known 2!']);
    expect(passedOn).toEqual(['new 1', '', 'new 2']);
  });

  test('more than a batch', async () => {
    const queries = Array.from({ length: 100 }, (_, i) => `${i}`);
    const { replies, passedOn } = await loop(queries, (query) => (Number(query) % 2 === 0 ? query : ''));
    await until('every second one is answered', () => replies.length === 50);
    expect([...replies, ...passedOn].sort()).toEqual(queries.toSorted());
  });

  test('an answer that no datagram can hold is counted, and those behind it are sent', async () => {
    const { replies, unsent } = await loop(['big', 'small'], (query) =>
      query === 'big' ? 'x'.repeat(65_536) : query,
    );
    await until('the small one is answered', () => replies.length === 1);
    expect({ replies, unsent }).toEqual({ replies: ['small'], unsent: 1 });
  });
});
