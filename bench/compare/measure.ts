/** One load on one server, and what it cost. */
import { processorsOf, processSeconds, udpDrops } from '../../test/support/process-figures.ts';
import { dnsperf } from '../dnsperf.ts';
import { CLIENT_PROCESSOR, SERVER_PROCESSOR } from './processors.ts';
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

/** @throws {Error} the server is not where it should be */
export async function measure(
  { name, child: { pid }, port }: Running,
  load: LoadName,
  queries: string,
  seconds: number,
): Promise<Figures> {
  const once = load === 'missing' || load === 'forwarded';
  const cpuBefore = processSeconds(pid);
  const droppedBefore = udpDrops([port]);
  const client = ['taskset', '-c', String(CLIENT_PROCESSOR)];
  const outcome = await dnsperf(client, { port, queries, once, seconds, outstanding: OUTSTANDING });
  const processors = processorsOf(pid);
  if (processors.join() !== String(SERVER_PROCESSOR))
    throw new Error(`${name} runs on processors ${processors.join(' and ')}`);
  return {
    queriesPerSecond: outcome.queriesPerSecond,
    cpuMicrosPerQuery: ((processSeconds(pid) - cpuBefore) * 1e6) / outcome.completed,
    lost: outcome.lost,
    dropped: udpDrops([port]) - droppedBefore,
  };
}
