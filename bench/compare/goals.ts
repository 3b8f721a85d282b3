/** What we hold the server to, as ratios within one run, and whether it was reached. */

import { median, percentile } from '../statistics.ts';
import type { ContestantResults, Results } from './results.ts';
import type { ContestantName } from './servers.ts';
import type { LoadName } from './world.ts';

export interface Goal {
  readonly what: string;
  /** As a reader would say it: `1/4`, `10 µs`. */
  readonly atMost: string;
  readonly bound: number;
  /** Undefined where it was not measured. */
  readonly found: number | undefined;
}

export const CORE_DNS = ['CoreDNS, cache 30', 'CoreDNS, newer kubeadm', 'CoreDNS, no cache'] as const;
const [CACHED, NEWER, UNCACHED] = CORE_DNS;

export function cpuOf(results: Results, name: ContestantName, load: LoadName): number | undefined {
  const figures = find(results, name)?.loads[load];
  return figures && median(figures.map(({ cpuMicrosPerQuery }) => cpuMicrosPerQuery));
}

export function goals(results: Results): Goal[] {
  const cpu = (name: ContestantName, load: LoadName) => cpuOf(results, name, load);
  const against = (other: ContestantName, load: LoadName) => ratio(cpu('corvidns', load), cpu(other, load));
  const cheapest = (load: LoadName) => least(CORE_DNS.map((name) => cpu(name, load)));
  const p99 = (name: ContestantName) => {
    const rounds = find(results, name)?.latency ?? [];
    return rounds.length === 0 ? undefined : median(rounds.map((round) => round.p99));
  };
  const fresh = find(results, 'corvidns')?.freshness;
  const ofQuery = 'CPU per query,';
  return [
    goal(`${ofQuery} the mix: of ${CACHED}`, '1/4', 1 / 4, against(CACHED, 'mix')),
    goal(`${ofQuery} the mix: of ${UNCACHED}`, '1/5', 1 / 5, against(UNCACHED, 'mix')),
    goal(`${ofQuery} the mix: of ${NEWER}`, '1/7', 1 / 7, against(NEWER, 'mix')),
    goal(`${ofQuery} A alone: of Knot DNS`, '1', 1, against('Knot DNS', 'addresses')),
    goal(
      `${ofQuery} A alone, 1 worker: of Knot DNS`,
      ...(['1', 1, ratio(cpu('corvidns, 1 worker', 'addresses'), cpu('Knot DNS', 'addresses'))] as const),
    ),
    goal(`${ofQuery} the mix, dgram, µs`, '10', 10, cpu('corvidns, dgram', 'mix')),
    goal(
      `${ofQuery} names that do not exist, none twice: of CoreDNS at its best`,
      ...(['1/2', 1 / 2, ratio(cpu('corvidns', 'missing'), cheapest('missing'))] as const),
    ),
    goal(`${ofQuery} cached external name: of ${CACHED}`, '1/4', 1 / 4, against(CACHED, 'cached')),
    goal(`${ofQuery} forwarded, none twice: of ${CACHED}`, '1/1.5', 1 / 1.5, against(CACHED, 'forwarded')),
    goal(
      `p99 at half of what ${CACHED} can: of its own`,
      ...(['1', 1, ratio(p99('corvidns'), p99(CACHED))] as const),
    ),
    goal('new Service, p99, ms', '50', 50, fresh && percentile(fresh.created, 99)),
    goal('deleted Service, p99, ms', '50', 50, fresh && percentile(fresh.deleted, 99)),
  ];
}

export function isReached({ bound, found }: Goal): boolean {
  return found !== undefined && found <= bound;
}

function goal(what: string, atMost: string, bound: number, found: number | undefined): Goal {
  return { what, atMost, bound, found };
}

function find({ contestants }: Results, name: ContestantName): ContestantResults | undefined {
  return contestants.find((each) => each.name === name);
}

function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const measured = values.filter((value) => value !== undefined);
  return measured.length === 0 ? undefined : Math.min(...measured);
}
