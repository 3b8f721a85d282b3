/**
 * corvidns with two workers that repeat kept answers, asked as fast as one thread can while Services and EndpointSlices change at a real
 * API server without a pause. Every reply is judged: the right question, one version whole, none from before. Afterwards every query
 * is accounted for. `npm run proof:load` takes ten minutes.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadNative } from '../../src/net/native.ts';
import { ControlPlane, hasControlPlane } from '../cluster/control-plane/control-plane.ts';
import { Random } from '../conformance/world/random.ts';
import { ask } from '../support/ask.ts';
import { processSeconds, rssMiB, threadSeconds, udpDrops } from '../support/process-figures.ts';
import { until } from '../support/until.ts';
import { ApiWriter } from './api-writer.ts';
import type { LoadData, LoadFigures } from './load-thread.ts';
import { loadServices, standing, writeOf } from './load-world.ts';
import { type DnsServer, get, isReady, startServer } from './servers.ts';

const SEED = 20_261_127;
const SECONDS = Number(process.env.PROOF_LOAD_SECONDS ?? 20);
const LANES = 4;
const BETWEEN_CHANGES_MS = 20;
/**
 * From the API server's word that it has a change to the first query that must not be answered from before. A change arrives within
 * some milliseconds; a machine whose processors are all taken needs longer, but no program is kept waiting for seconds. What is kept
 * beyond its time by mistake stays until the next change of its namespace, or for ever.
 */
const STALE_AFTER_MS = 2000;
/** Of the queries: those on the way when a buffer is full. */
const LOST_AT_MOST = 0.001;

const hasBatches = typeof loadNative() !== 'string';

describe.skipIf(!hasControlPlane() || !hasBatches)('under load', () => {
  const open = new AsyncDisposableStack();
  const announced = shared();
  const floor = shared();
  let writer: ApiWriter;
  let server: DnsServer;
  let changes = 0;
  let isEnding = false;
  const timers = new Set<NodeJS.Timeout>();

  beforeAll(async () => {
    const plane = open.use(await ControlPlane.start());
    writer = open.use(await ApiWriter.open(plane, LANES));
    for (const write of standing()) await writer.write(write);
    await Promise.all(
      lanes().map(async (lane) => {
        for (const at of lane) await change(at);
      }),
    );
    server = await startServer('corvidns', plane, {
      flags: ['-udp', 'batched'],
      directives: ['multisocket 2', 'loadbalance'],
    });
    await until('the server is ready', () => isReady(server));
    // Ready is said before the sockets are open.
    await until('the server answers', () =>
      ask(server.dnsPort, 'ready.test', 'A').then(
        () => true,
        () => false,
      ),
    );
  });
  afterAll(async () => {
    for (const timer of timers) clearTimeout(timer);
    await open.disposeAsync();
  });

  async function change(at: number): Promise<void> {
    const service = loadServices[at];
    if (service === undefined) return;
    const version = (announced[at] ?? 0) + 1;
    Atomics.store(announced, at, version);
    await writer.write(writeOf(service, version));
    changes++;
    const timer = setTimeout(() => {
      timers.delete(timer);
      Atomics.store(floor, at, version);
    }, STALE_AFTER_MS);
    timers.add(timer);
  }

  async function keepChanging(lane: readonly number[], random: Random): Promise<void> {
    while (!isEnding) {
      await change(random.pick(lane));
      await sleep(BETWEEN_CHANGES_MS);
    }
  }

  test(
    `${SECONDS} s: no answer crossed, torn or from before, and every query accounted for`,
    async () => {
      const [{ pid }, { dnsPort: port }] = [server.child, server];
      const before = await counts(server);
      const [startedMiB, changesBefore] = [Math.round(rssMiB(pid, 'VmRSS')), changes];
      const thread = startThread({ port, seed: SEED, announced, floor });
      open.defer(async () => void (await thread.terminate()));
      const failure = new Promise<never>((_, reject) => thread.once('error', reject));
      failure.catch(() => {});
      const [ports] = (await once(thread, 'message')) as [number[]];
      const changing = Promise.all(lanes().map((lane, i) => keepChanging(lane, new Random(SEED + i))));
      await Promise.race([sleep(SECONDS * 1000), failure, changing]);
      isEnding = true;
      await changing;
      // Then nothing but the newest version of everything is right.
      await until('all are due', () => loadServices.every(({ at }) => floor[at] === announced[at]));
      await sleep(STALE_AFTER_MS / 2);
      thread.postMessage('end');
      const [figures] = (await Promise.race([once(thread, 'message'), failure])) as [LoadFigures];
      const after = await counts(server);
      const [requests = 0, refused = 0, unsent = 0] = after.map((count, i) => count - (before[i] ?? 0));
      const [intoServer, intoClients] = [udpDrops([port]), udpDrops(ports)];
      report(figures, {
        changes: changes - changesBefore,
        'dropped on the way': intoServer + intoClients + refused + unsent,
        'MiB at the start': startedMiB,
        'MiB at the end': Math.round(rssMiB(pid, 'VmRSS')),
        'MiB peak': Math.round(rssMiB(pid, 'VmHWM')),
        's of the main thread': threadSeconds(pid, pid).toFixed(1),
        's of all threads': processSeconds(pid).toFixed(1),
      });
      expect(figures.described).toEqual([]);
      expect({ requests, answered: requests - unsent }).toEqual({
        requests: figures.sent - refused - intoServer,
        answered: figures.received + intoClients,
      });
      expect(figures.lost).toBeLessThanOrEqual(figures.sent * LOST_AT_MOST);
      expect(figures.nonexistent).toBeGreaterThan(0);
      expect(server.child.output()).not.toMatch(/panic|died/);
    },
    (SECONDS + 120) * 1000,
  );
});

function shared(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(loadServices.length * Int32Array.BYTES_PER_ELEMENT));
}

/** Each Service is in one of them: its versions come one after the other. */
function lanes(): number[][] {
  return Array.from({ length: LANES }, (_, lane) =>
    loadServices.map(({ at }) => at).filter((at) => at % LANES === lane),
  );
}

function startThread(workerData: LoadData): Worker {
  return new Worker(new URL('load-thread.ts', import.meta.url), { workerData });
}

const COUNTED = [
  /^coredns_dns_requests_total\{/,
  /^corvidns_dropped_total\{.*reason="udp-ring-full"/,
  /^corvidns_dropped_total\{.*reason="udp-unsent"/,
];

/** What the server has counted: queries that it answered, those it had no room for, replies that could not be sent. */
async function counts({ metricsPort }: DnsServer): Promise<number[]> {
  const { body } = await get(metricsPort, '/metrics');
  const lines = body.split('\n');
  return COUNTED.map((series) =>
    lines
      .filter((line) => series.test(line))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0),
  );
}

function report(figures: LoadFigures, others: Readonly<Record<string, number | string>>): void {
  const { sent, received, nonexistent, lost, errors } = figures;
  const all = { queries: sent, replies: received, 'of them NXDOMAIN': nonexistent, lost, errors, ...others };
  const text = Object.entries(all).map(([what, figure]) => `| ${what} | ${figure} |`);
  const table = [`| ${SECONDS} s | |`, '| --- | --- |', ...text].join('\n');
  mkdirSync('results', { recursive: true });
  writeFileSync('results/load.md', `${table}\n`);
  console.log(table);
}
