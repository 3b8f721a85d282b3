/** The wait for the first complete state, and the note while changes do not arrive, by a clock of the test's own. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClusterStore } from '../../../src/cluster/store.ts';
import { interruptionNote, waitForSync } from '../../../src/plugins/kubernetes/sync.ts';
import { recordingLogger } from '../../support/logger.ts';

const clock = { now: 0 };
/** Called after every step of the clock. */
let tick: () => void = () => {};

vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    clock.now += ms;
    tick();
  },
}));

beforeEach(() => {
  clock.now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.restoreAllMocks();
  tick = () => {};
});

const WAITING = '[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server';
const UNSYNCED = '[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API';

/** Lines of a wait of at most `timeoutMs` for a store that is synced after `syncedMs`, and how long it took. */
async function wait(timeoutMs: number, syncedMs: number): Promise<{ lines: string[]; took: number }> {
  const log = recordingLogger();
  const store = new ClusterStore({ kinds: ['Service'] });
  const begin = clock.now;
  tick = () => {
    if (clock.now - begin >= syncedMs) store.beginList('Service').finish();
  };
  tick();
  await waitForSync(store, timeoutMs, log.forPlugin('kubernetes'));
  return { lines: log.lines, took: clock.now - begin };
}

test.each([
  ['synced already', 5000, 0, [], 0],
  ['synced soon', 5000, 300, [], 300],
  ['synced after a while', 5000, 1700, [WAITING, WAITING, WAITING], 1700],
  ['synced as time runs out', 5000, 5000, Array(9).fill(WAITING), 5000],
  ['synced never', 1100, Number.POSITIVE_INFINITY, [WAITING, WAITING, UNSYNCED], 1100],
  ['the default', 5000, 60_000, [...Array(9).fill(WAITING), UNSYNCED], 5000],
  ['no time at all', 0, 60_000, [UNSYNCED], 0],
  ['no time needed', 0, 0, [], 0],
])('%s: startup_timeout %i ms, synced after %d ms', async (_what, timeoutMs, syncedMs, lines, took) => {
  expect(await wait(timeoutMs, syncedMs)).toEqual({ lines, took });
});

test('while changes do not arrive a note says of what, and since when', () => {
  const store = new ClusterStore({ kinds: ['Service', 'Namespace'] });
  expect(interruptionNote(store)).toBeUndefined();
  store.interrupt('Service');
  clock.now += 30_000;
  store.interrupt('Service');
  store.interrupt('Namespace');
  clock.now += 12_500;
  expect(interruptionNote(store)).toBe(
    'no changes of Service, Namespace arrive, for 42 s: answers are of what was known then',
  );
  store.resume('Service');
  expect(interruptionNote(store)).toBe(
    'no changes of Namespace arrive, for 12 s: answers are of what was known then',
  );
  store.beginList('Namespace').finish();
  expect(interruptionNote(store)).toBeUndefined();
});
