/**
 * What goes wrong between corvidns and a real API server, while a client asks without a pause: no answer is lost, none is of what was
 * never so or is so no longer as far as anybody told; afterwards all changes arrive. Single faults by the source alone, with what is
 * logged of them, and a connection that never moves again: `test/cluster/sources/api`. A token that ends:
 * `test/cluster/control-plane/access.test.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane, hasControlPlane } from '../cluster/control-plane/control-plane.ts';
import { Random } from '../conformance/world/random.ts';
import { ask } from '../support/ask.ts';
import { until } from '../support/until.ts';
import { ApiWriter, NAMESPACES } from './api-writer.ts';
import { canSetClock, SetClock } from './clock.ts';
import { type Fault, FaultyProxy } from './faulty-proxy.ts';
import { Ledger } from './ledger.ts';
import type { Question } from './questions.ts';
import { type DnsServer, get, isReady, kubeconfigBy, startServer } from './servers.ts';
import { NO_SUCH_NAME, Slot } from './slot.ts';
import { Witness } from './witness.ts';

const SEED = 20_261_127;
const SPACE = 'outages';
const SLOTS = 4;
const CHANGES = 6;
/** Beyond the longest wait between two tries. `npm run proof:outages` takes the minute of the worst restarts. */
const OUTAGE_SECONDS = Number(process.env.PROOF_OUTAGE_SECONDS ?? 15);
const SERVFAIL = 2;
const NXDOMAIN = 3;
const HOUR_SECONDS = 3600;

describe.skipIf(!hasControlPlane())('outages', () => {
  const open = new AsyncDisposableStack();
  const random = new Random(SEED);
  const slots = Array.from(
    { length: SLOTS },
    (_, at) => new Slot({ namespace: SPACE, name: `svc-${at}`, number: at }),
  );
  const ledger = new Ledger(NO_SUCH_NAME);
  let plane: ControlPlane;
  let writer: ApiWriter;
  let proxy: FaultyProxy;
  let witness: Witness;

  beforeAll(async () => {
    plane = open.use(await ControlPlane.start());
    writer = open.use(await ApiWriter.open(plane, 1));
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SPACE } };
    await writer.write({ verb: 'create', collection: NAMESPACES, body });
    proxy = open.use(await FaultyProxy.start(plane));
    witness = open.use(
      await Witness.start('corvidns', plane, ledger, { kubeconfig: kubeconfigBy(proxy.url, plane) }),
    );
    witness.observe(new Random(SEED + 1));
    await witness.follow(await change());
  });
  afterEach(() => {
    proxy?.clear();
    expect(ledger.violations.corvidns).toEqual([]);
  });
  afterAll(async () => {
    await witness?.end();
    await open.disposeAsync();
  });

  /**
   * Changes the cluster; what DNS must say otherwise afterwards. Of each Service one object only: after an outage the watch of one kind
   * may be ahead of the other, and both together say what was never so.
   */
  async function change(): Promise<Set<Question>> {
    const changed = new Set<Question>();
    for (const slot of slots) {
      const [next] = slot.changes(random);
      for (let times = 0; times < CHANGES; times++) {
        const write = next?.();
        if (write === undefined) continue;
        for (const question of ledger.expect(slot.answers())) changed.add(question);
        await writer.write(write);
      }
    }
    return changed;
  }

  const verbose = async (server: DnsServer) => get(server.readyPort, '/ready?verbose');
  const log = () => witness.server.child.output();

  /** How many requests of corvidns to the API server came to this, by its own count. */
  async function requests(code: string): Promise<number> {
    const { body } = await get(witness.server.metricsPort, '/metrics');
    const line = new RegExp(
      `^coredns_kubernetes_rest_client_requests_total\\{code="${code}",.* (\\d+)$`,
      'm',
    );
    return Number(line.exec(body)?.[1] ?? 0);
  }

  /** Ready, and saying that what it answers may be old. */
  async function saysThatNothingArrives(): Promise<void> {
    await until('all kinds are said to get no changes', async () => {
      const { status, body } = await verbose(witness.server);
      expect(status).toBe(200);
      return ['Service', 'Namespace', 'EndpointSlice'].every((kind) =>
        body.match(/^\[!\]kubernetes: no changes of .*$/m)?.[0].includes(kind),
      );
    });
  }

  async function inSyncAgain(changed: Iterable<Question>): Promise<void> {
    await witness.follow(changed);
    expect(await witness.wrong()).toEqual([]);
    await until('nothing is said to be missing', async () => {
      const { status, body } = await verbose(witness.server);
      return status === 200 && body === '[+]kubernetes ok\nready check passed\n';
    });
  }

  test(`the API server is killed, and back after ${OUTAGE_SECONDS} s`, async () => {
    const failed = await requests('<error>');
    await plane.killApiServer();
    await saysThatNothingArrives();
    for (let second = 0; second < OUTAGE_SECONDS; second++) {
      expect(await witness.wrong()).toEqual([]);
      await sleep(1000);
    }
    expect(await requests('<error>')).toBeGreaterThan(failed + 3);
    await plane.startApiServer();
    await inSyncAgain(await change());
  });

  test('a version that is gone when the watch comes back: a list by difference', async () => {
    proxy.set({ kind: 'refuse' });
    await saysThatNothingArrives();
    const changed = await change();
    // A server that was just started has no events of before.
    await plane.killApiServer();
    await plane.compact();
    await plane.startApiServer();
    proxy.clear();
    await inSyncAgain(changed);
    expect(log()).toMatch(/Listing v1\.EndpointSlice at .* anew: 410 Gone: too old resource version/);
  });

  test.each<{ what: string; fault: Fault; counted?: string }>([
    { what: '429', fault: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } }, counted: '429' },
    { what: '500', fault: { kind: 'status', status: 500 }, counted: '500' },
    { what: '503', fault: { kind: 'status', status: 503 }, counted: '503' },
    { what: 'half a line, then a cut', fault: { kind: 'half-line' } },
    { what: 'connections on which nothing moves', fault: { kind: 'stall' } },
  ])('$what: what was right stays, then all changes arrive', async ({ fault, counted }) => {
    const before = new Map(ledger.questions.map((question) => [question, ledger.current(question)]));
    const countedBefore = counted === undefined ? 0 : await requests(counted);
    proxy.set(fault);
    if (counted !== undefined) {
      await saysThatNothingArrives();
      await until(`${counted} is counted`, async () => (await requests(counted)) > countedBefore + 3);
    }
    const changed = await change();
    // Of a stream that is cut something may have come through.
    if (fault.kind !== 'half-line') {
      for (const [question, answer] of before) expect(await witness.ask(question)).toBe(answer);
    }
    expect(await isReady(witness.server)).toBe(true);
    proxy.clear();
    await inSyncAgain(changed);
  });

  test('a start without the API server: not ready and no name denied, until it is there', async () => {
    proxy.set({ kind: 'refuse' });
    const server = await startServer('corvidns', plane, { kubeconfig: kubeconfigBy(proxy.url, plane) });
    try {
      await until('it answers though it knows nothing', () => server.child.output().includes('on 127.0.0.1'));
      const { status, body } = await verbose(server);
      expect(status).toBe(503);
      expect(body).toMatch(
        /^\[-\]kubernetes failed: not ready\n\[!\]kubernetes: no changes of .*\nready check failed\n$/,
      );
      for (const question of ledger.questions.slice(0, 20)) {
        const [name = '', type = ''] = question.split(' ');
        expect((await ask(server.dnsPort, name, type)).rcode).toBe(SERVFAIL);
      }
      proxy.clear();
      await until('it is ready', () => isReady(server));
      const { rcode } = await ask(server.dnsPort, 'no-such-name.default.svc.cluster.local', 'A');
      expect(rcode).toBe(NXDOMAIN);
    } finally {
      await server.child.kill();
    }
  });

  if (!canSetClock)
    console.warn("Left out: the clock that jumps, for libfaketime (Debian's `faketime`) is not installed.");
  test.skipIf(!canSetClock)('the clock jumps: names follow, and the serial never goes back', async () => {
    const clock = new SetClock(plane.files.folder);
    const own = new Ledger(NO_SUCH_NAME);
    const slot = new Slot({ namespace: SPACE, name: 'clock', number: SLOTS });
    await using under = await Witness.start('corvidns', plane, own, { environment: clock.environment });
    const serials: number[] = [];
    for (const hours of [0, 10, -10, -5, 0]) {
      clock.shift(hours * HOUR_SECONDS);
      for (let times = 0; times < 5; times++) {
        for (const next of slot.changes(random)) {
          const write = next();
          const changed = own.expect(slot.answers());
          await writer.write(write);
          await under.follow(changed);
        }
        const { answer } = await ask(under.server.dnsPort, 'cluster.local', 'SOA');
        serials.push(Number(answer[0]?.split(' ')[6]));
      }
    }
    expect(own.violations.corvidns).toEqual([]);
    expect(serials).toEqual(serials.toSorted((a, b) => a - b));
    // The jump was seen: the clock of the test does not go so fast.
    expect((serials.at(-1) ?? 0) - (serials[0] ?? 0)).toBeGreaterThan(9 * HOUR_SECONDS);
    expect(await isReady(under.server)).toBe(true);
  });
});
