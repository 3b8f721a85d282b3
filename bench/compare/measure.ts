/** One load on one server, and what it cost. */
import { processSeconds, udpDrops } from '../../test/support/process-figures.ts';
import { dnsperf } from '../dnsperf.ts';
import { CLIENT_PROCESSOR } from './processors.ts';
import type { Running } from './servers.ts';
import type { LoadName } from './world.ts';

const OUTSTANDING = 200;

export interface Figures {
  readonly queriesPerSecond: number;
  /** User and system time of all threads. */
  readonly cpuMicrosPerQuery: number;
  readonly lost: number;
  /** By the server's socket. */
  readonly dropped: number;
}

export async function measure(
  { child: { pid }, port }: Running,
  load: LoadName,
  queries: string,
  seconds: number,
): Promise<Figures> {
  const once = load === 'missing' || load === 'forwarded';
  const cpuBefore = processSeconds(pid);
  const droppedBefore = udpDrops([port]);
  const client = ['taskset', '-c', String(CLIENT_PROCESSOR)];
  const outcome = await dnsperf(client, { port, queries, once, seconds, outstanding: OUTSTANDING });
  return {
    queriesPerSecond: outcome.queriesPerSecond,
    cpuMicrosPerQuery: ((processSeconds(pid) - cpuBefore) * 1e6) / outcome.completed,
    lost: outcome.lost,
    dropped: udpDrops([port]) - droppedBefore,
  };
}
