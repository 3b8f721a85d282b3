/** A new configuration is asked before a client is: one question for each zone, in the process, past the sockets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';
import type { Instance } from './instance.ts';
import { listenerKey } from './listen-address.ts';

/**
 * Any reply will do, and so will none in time: an upstream may be slow, and a cluster that is not synced says SERVFAIL.
 * @throws {Error} by rejection: a plugin failed, in one line
 */
export async function selfTest({ served, zones }: Instance): Promise<void> {
  const tests = served.flatMap(({ address, engine }) => {
    const server = listenerKey(address);
    return zones
      .filter((zone) => listenerKey(zone.address) === server)
      .map(async ({ key }) => {
        try {
          await engine.tryOut(key.zone);
        } catch (error) {
          const what = error instanceof Error ? error.message : String(error);
          throw new Error(`self-test of zone ${key.zone} on ${server}: ${what}`);
        }
      });
  });
  await Promise.race([Promise.all(tests), sleep(limits.selfTestMs, undefined, { ref: false })]);
}
