/**
 * corvidns and CoreDNS beside one API server while its Services and EndpointSlices change at random. A model knows what every
 * name must say; both are asked all the while. `npm run proof:churn` makes a table of docs/conformance.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane, hasControlPlane } from '../cluster/control-plane/control-plane.ts';
import { Random } from '../conformance/world/random.ts';
import { ApiWriter, NAMESPACES } from './api-writer.ts';
import { DISTRIBUTION_HEADER, distributionRow } from './distribution.ts';
import { Ledger } from './ledger.ts';
import type { Question } from './questions.ts';
import type { ServerName } from './servers.ts';
import { NO_SUCH_NAME, Slot } from './slot.ts';
import { Witness } from './witness.ts';

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

const SERVERS = ['corvidns', 'CoreDNS'] as const satisfies readonly ServerName[];

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
  const witnesses: Witness[] = [];
  let writer: ApiWriter;
  let made = 0;

  beforeAll(async () => {
    const plane = open.use(await ControlPlane.start());
    writer = open.use(await ApiWriter.open(plane, LANES));
    for (const name of SPACES) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await writer.write({ verb: 'create', collection: NAMESPACES, body });
    }
    for (const name of SERVERS) witnesses.push(open.use(await Witness.start(name, plane, ledger)));
  });
  afterAll(() => open.disposeAsync());

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
      witnesses.map(async (witness) => {
        await witness.follow(changed);
        const row = `${witness.server.name}, ${lanesAtATime} at a time`;
        lags.set(row, [...(lags.get(row) ?? []), performance.now() - committedAt]);
      }),
    );
  }

  async function changeUpTo(total: number, lanesAtATime: number): Promise<void> {
    await Promise.all(
      lanes.slice(0, lanesAtATime).map(async (lane) => {
        while (made < total) await changeOnce(lane, lanesAtATime);
      }),
    );
  }

  test(`${CHANGES} changes: no answer that was never right, none that is so no longer, none lost`, async () => {
    for (const [at, witness] of witnesses.entries()) witness.observe(new Random(SEED - at - 1));
    for (const [at, lanesAtATime] of STRETCHES.entries()) {
      await changeUpTo(Math.ceil((CHANGES * (at + 1)) / STRETCHES.length), lanesAtATime);
      for (const witness of witnesses) {
        expect(await witness.wrong(), `${witness.server.name} at rest`).toEqual([]);
      }
    }
    for (const witness of witnesses) await witness.end();
    expect(ledger.violations.corvidns).toEqual([]);
    report();
  });

  function report(): void {
    const rows = [...lags].toSorted().map(([row, milliseconds]) => distributionRow(row, milliseconds));
    const outOfTurn = SERVERS.map((name) => `${name}: ${ledger.violations[name].length} answers out of turn`);
    const text = [DISTRIBUTION_HEADER, ...rows, '', ...outOfTurn].join('\n');
    mkdirSync('results', { recursive: true });
    writeFileSync('results/churn.md', `${text}\n`);
    console.log(`${made} changes\n${text}`);
  }
});
