/**
 * corvidns and CoreDNS beside one API server while its Services and EndpointSlices change at random. A model knows what every
 * name must say; both are asked all the while. `npm run proof:churn` makes the table of docs/benchmarks.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane, hasControlPlane } from '../cluster/control-plane/control-plane.ts';
import { Asker } from '../conformance/asker.ts';
import { Random } from '../conformance/world/random.ts';
import { queryBytes } from '../support/ask.ts';
import { until } from '../support/until.ts';
import { ApiWriter, NAMESPACES } from './api-writer.ts';
import { DISTRIBUTION_HEADER, distributionRow } from './distribution.ts';
import { Ledger } from './ledger.ts';
import { answerOf, type Question } from './questions.ts';
import { isReady, type ServerName, startServer } from './servers.ts';
import { NO_SUCH_NAME, Slot } from './slot.ts';

const SEED = 20_261_127;
const CHANGES = Number(process.env.PROOF_CHANGES ?? 2000);
const LANES = 8;
/**
 * How many Services change at a time until the next quiet point. One: what a change takes. All: what the API server can bear, so
 * that everything waits for a processor.
 */
const STRETCHES = [1, 1, LANES, LANES, LANES, LANES, LANES, LANES];
const SLOTS_PER_LANE = 5;
const SPACES = ['churn-a', 'churn-b', 'churn-c'];
const BETWEEN_QUESTIONS_MS = 1;

const names = ['corvidns', 'CoreDNS'] as const satisfies readonly ServerName[];

interface Lane {
  readonly random: Random;
  readonly slots: readonly Slot[];
}

function makeLanes(): Lane[] {
  return Array.from({ length: LANES }, (_, lane) => ({
    random: new Random(SEED + lane),
    slots: Array.from({ length: SLOTS_PER_LANE }, (_, at) => {
      const number = lane * SLOTS_PER_LANE + at;
      return new Slot({ namespace: SPACES[number % SPACES.length] ?? '', name: `svc-${number}`, number });
    }),
  }));
}

describe.skipIf(!hasControlPlane(['coredns']))('under change', () => {
  const ledger = new Ledger(NO_SUCH_NAME);
  /** Milliseconds by row of the table. */
  const lags = new Map<string, number[]>();
  const lanes = makeLanes();
  const open = new AsyncDisposableStack();
  const askers = new Map<ServerName, Asker>();
  let writer: ApiWriter;
  let made = 0;

  beforeAll(async () => {
    const plane = open.use(await ControlPlane.start());
    writer = open.use(await ApiWriter.open(plane, LANES));
    for (const name of SPACES) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await writer.write({ verb: 'create', collection: NAMESPACES, body });
    }
    for (const name of names) {
      const server = await startServer(name, plane);
      await until(`${name} is ready`, () => isReady(server));
      const asker = open.use(await Asker.open(server.dnsPort));
      // CoreDNS is ready before it listens.
      await until(`${name} answers`, () =>
        asker.ask(queryBytes('cluster.local', 'SOA'), 'udp', 100).then(Boolean),
      );
      askers.set(name, asker);
    }
  });
  afterAll(() => open.disposeAsync());

  /** Asks, and has the ledger judge what comes. */
  function ask(server: ServerName, question: Question): Promise<string> {
    const asker = askers.get(server);
    if (asker === undefined) throw new Error(`${server} was not started`);
    return ledger.watch(server, question, () => answerOf(asker, question));
  }

  async function changeOnce({ random, slots }: Lane, lanesAtATime: number): Promise<void> {
    const slot = random.pick(slots);
    const changed = new Set<Question>();
    let committedAt = 0;
    for (const change of slot.changes(random)) {
      const write = change();
      for (const question of ledger.expect(slot.answers())) changed.add(question);
      committedAt = await writer.write(write);
      made++;
    }
    if (changed.size === 0) return;
    await Promise.all(
      names.map(async (server) => {
        await follow(server, changed);
        const row = `${server}, ${lanesAtATime} at a time`;
        lags.set(row, [...(lags.get(row) ?? []), performance.now() - committedAt]);
      }),
    );
  }

  /** Asks until the last of the questions is answered as it should be. */
  async function follow(server: ServerName, changed: Iterable<Question>): Promise<void> {
    for (const question of changed) {
      await until(`${server} is right about ${question}`, async () => {
        return (await ask(server, question)) === ledger.current(question);
      });
    }
  }

  /** Asks about all names, those that do not change too. */
  async function observe(server: ServerName, random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { questions } = ledger;
      if (questions.length > 0) await ask(server, random.pick(questions));
      await sleep(BETWEEN_QUESTIONS_MS);
    }
  }

  async function changeUpTo(total: number, lanesAtATime: number): Promise<void> {
    await Promise.all(
      lanes.slice(0, lanesAtATime).map(async (lane) => {
        while (made < total) await changeOnce(lane, lanesAtATime);
      }),
    );
  }

  async function wrongNow(server: ServerName): Promise<string[]> {
    const wrong: string[] = [];
    for (const question of ledger.questions) {
      const answer = await ask(server, question);
      if (answer !== ledger.current(question)) {
        wrong.push(`${question}: "${answer}" instead of "${ledger.current(question)}"`);
      }
    }
    return wrong;
  }

  test(`${CHANGES} changes: no answer that was never right, none that is so no longer, none lost`, async () => {
    const stop = new AbortController();
    const observers = Promise.all(
      names.map((server, at) => observe(server, new Random(SEED - at - 1), stop.signal)),
    );
    // Its failure is that of the test at the end, if nothing else fails before.
    observers.catch(() => {});
    try {
      for (const [at, lanesAtATime] of STRETCHES.entries()) {
        await changeUpTo(Math.ceil((CHANGES * (at + 1)) / STRETCHES.length), lanesAtATime);
        for (const server of names) expect(await wrongNow(server), `${server} at rest`).toEqual([]);
      }
    } finally {
      stop.abort();
      await observers;
    }
    expect(ledger.violations.corvidns).toEqual([]);
    report();
  });

  function report(): void {
    const rows = [...lags].toSorted().map(([row, milliseconds]) => distributionRow(row, milliseconds));
    const outOfTurn = names.map(
      (server) => `${server}: ${ledger.violations[server].length} answers out of turn`,
    );
    const text = [DISTRIBUTION_HEADER, ...rows, '', ...outOfTurn].join('\n');
    mkdirSync('results', { recursive: true });
    writeFileSync('results/churn.md', `${text}\n`);
    console.log(`${made} changes\n${text}`);
  }
});
