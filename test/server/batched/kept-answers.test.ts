/** Workers repeat kept answers by themselves, and each repeat is counted. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { exchange, queryBytes } from '../../support/ask.ts';
import { startServer } from '../../support/server.ts';
import { seriesValue } from '../engines.ts';
import { native } from '../udp-kinds.ts';
import type { AskingData } from './asking-thread.ts';

const WORLD = new URL('../../integration/world', import.meta.url).pathname;
const COREFILE = `.:0 {
  bind 127.0.0.1
  prometheus 127.0.0.1:0
  multisocket 2
  kubernetes cluster.local {
    manifests ${WORLD}
  }
}
`;
const REQUESTS =
  'coredns_dns_requests_total{server="dns://127.0.0.1:0",zone=".",view="",proto="udp",family="1",type="A"}';
/** Enough that both sockets of the server are theirs. */
const SOCKETS = 16;
const TIMES_EACH = 200;
/** For the first answer, and for the second, which is kept. */
const COLD = 2;
/** Word of the counts. */
const DONE = 2;
const GIVE_UP_MS = 20_000;

test.runIf(native !== undefined)('known queries are answered while the main thread sleeps', async () => {
  await using running = await startServer(COREFILE, 'Corefile', 'batched');
  const query = queryBytes('web.prod.svc.cluster.local', 'A');
  let reply: Uint8Array = new Uint8Array();
  for (let i = 0; i < COLD; i++) reply = (await exchange(running.port, query, 'udp')) ?? reply;
  const counts = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
  const { port } = running;
  const workerData: AskingData = { port, query, reply, sockets: SOCKETS, timesEach: TIMES_EACH, counts };
  const thread = new Worker(new URL('asking-thread.ts', import.meta.url), { workerData });
  onTestFinished(async () => void (await thread.terminate()));
  await once(thread, 'message');
  thread.postMessage('ask');
  // Nothing else happens on this thread: no datagram is read, no promise goes on.
  Atomics.wait(counts, DONE, 0, GIVE_UP_MS);
  const all = SOCKETS * TIMES_EACH;
  expect([...counts]).toEqual([all, 0, 1]);
  expect(seriesValue(await running.metrics.exposition(), REQUESTS)).toBe(COLD + all);
});
