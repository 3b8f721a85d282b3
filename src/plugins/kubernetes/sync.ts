/** The wait for the first complete state before DNS sockets open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterStore } from '../../cluster/store.ts';
import type { Logger } from '../../telemetry/logger.ts';

const POLL_MS = 20;
const SAY_EVERY_MS = 500;

/** Waits until the store is synced, or for `timeoutMs`: then unknown names are SERVFAIL until it is. */
export async function waitForSync(store: ClusterStore, timeoutMs: number, log: Logger): Promise<void> {
  const begin = performance.now();
  let saidAt = begin;
  while (!store.synced) {
    const now = performance.now();
    if (now - begin >= timeoutMs) {
      log.warning('starting server with unsynced Kubernetes API');
      return;
    }
    if (now - saidAt >= SAY_EVERY_MS) {
      log.info('waiting for Kubernetes API before starting server');
      saidAt = now;
    }
    await sleep(POLL_MS);
  }
}

/** For the operator, while changes do not arrive; undefined while they do. */
export function interruptionNote(store: ClusterStore): string | undefined {
  const interruptions = store.interruptions();
  if (interruptions.length === 0) return undefined;
  const kinds = interruptions.map(({ kind }) => kind).join(', ');
  const seconds = Math.floor(Math.max(...interruptions.map(({ forMs }) => forMs)) / 1000);
  return `no changes of ${kinds} arrive, for ${seconds} s: answers are of what was known then`;
}
