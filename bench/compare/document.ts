/** `docs/benchmarks.md`, all of it, from what a run has found. */

import { median, percentile } from '../statistics.ts';
import { cpuOf, goals, isReached } from './goals.ts';
import type { Figures } from './measure.ts';
import type { ContestantResults, Results } from './results.ts';
import { ENDPOINTS, HEADLESS, LOADS, type LoadName, SERVICES } from './world.ts';

/** What a command of ours printed. */
export interface Printed {
  readonly title: string;
  readonly command: string;
  readonly text: string;
}

export function document(results: Results, printed: readonly Printed[]): string {
  return `${[
    introduction(results),
    `## What we hold ourselves to\n\n${goalTable(results)}`,
    ...loadSections(results),
    `## Latency\n\nAt ${results.rate} queries a second of the mix, half of what CoreDNS with \`cache 30\` answered in this run; milliseconds,
medians of the rounds, as \`dnsperf -v\` has them.\n\n${latencyTable(results)}`,
    `## Freshness\n\nFrom the commit at the API server to the first right answer, in milliseconds. Each name was asked for just before: what a
cache keeps of it, positive or negative, is in the way.\n\n${freshnessTable(results)}`,
    `## Start and memory\n\nFrom the start of the process until \`/ready\` says 200, and what it has in memory after all loads. A larger cluster:
\`npm run bench:scale\` in [conformance.md](conformance.md).\n\n${startTable(results)}`,
    ...printed.map(
      ({ title, command, text }) => `## ${title}\n\n\`${command}\`\n\n\`\`\`text\n${text.trim()}\n\`\`\``,
    ),
  ].join('\n\n')}\n`;
}

function introduction({ rounds, seconds, receiveBufferBytes, rig, versions }: Results): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmarks

Made by \`npm run bench\`, all of it, in one run; the figures are in \`bench/results.json\` too. Ratios within a run hold better than
figures, which drift by some 10 % on a shared machine. Nothing here is asserted in a test.

- Machine: ${rig.processor}, Linux ${rig.kernel}. ${used.join(', ')}, Node ${rig.node}.
- A real API server with ${SERVICES} ClusterIP Services, and ${HEADLESS} headless ones of ${ENDPOINTS} endpoints each.
- Every server has one processor for all its threads (CoreDNS with \`GOMAXPROCS=1\`); \`dnsperf\` and the upstream have the other one. They are taken
  in turn, ${rounds} rounds of ${seconds} s; the tables have medians. 200 queries are outstanding at a time.
- Every UDP socket has a receive buffer of ${receiveBufferBytes} octets. "Dropped" is the kernel's own counter of the socket.
- CPU per query is user and system time of all threads of the server, as /proc has it.
- CoreDNS and corvidns read one Corefile, as kubeadm writes it, but for ports and \`loop\`: with \`cache 30\`; with the \`disable\`
  lines of newer kubeadm; without \`cache\`. corvidns has \`cache 30\`. Knot DNS has a zone with the A records.
- "dgram alone" is what Node's own sockets take: it answers any query with the same address (\`bench/upstream.ts\`).
- The mix: 60 % A of ClusterIP Services, 10 % AAAA of them (no such record), 10 % A of headless Services, 10 % SRV, 5 % PTR, 5 % names
  of a search list that do not exist.`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function goalTable(results: Results): string {
  const rows = goals(results).map((goal) => [
    goal.what,
    goal.atMost,
    goal.found === undefined ? 'not measured' : goal.found.toFixed(2),
    isReached(goal) ? 'yes' : 'no',
  ]);
  return table(['', 'at most', 'found', 'reached'], rows);
}

function loadSections(results: Results): string[] {
  return (Object.keys(LOADS) as LoadName[]).map((load) => {
    const own = cpuOf(results, 'corvidns', load);
    const rows = results.contestants.flatMap(({ name, loads }) => {
      const figures = loads[load];
      return figures === undefined ? [] : [[name, ...loadCells(figures, own)]];
    });
    const header = ['', 'queries/s', 'µs CPU', 'of corvidns', 'lost', 'dropped'];
    return `## Load: ${LOADS[load]}\n\n${table(header, rows)}`;
  });
}

function loadCells(figures: readonly Figures[], own: number | undefined): string[] {
  const of = (key: keyof Figures) => median(figures.map((each) => each[key]));
  const cpu = of('cpuMicrosPerQuery');
  return [
    of('queriesPerSecond').toFixed(0),
    cpu.toFixed(1),
    own === undefined ? '' : (cpu / own).toFixed(1),
    of('lost').toFixed(0),
    of('dropped').toFixed(0),
  ];
}

function latencyTable({ contestants }: Results): string {
  const rows = contestants
    .filter(({ latency }) => latency.length > 0)
    .map(({ name, latency }) => [
      name,
      ...(['p50', 'p90', 'p99'] as const).map((key) => median(latency.map((each) => each[key])).toFixed(2)),
    ]);
  return table(['', 'p50', 'p90', 'p99'], rows);
}

function freshnessTable({ contestants }: Results): string {
  const cells = (values: readonly number[]) => [50, 99].map((each) => percentile(values, each).toFixed(1));
  const rows = contestants.flatMap(({ name, freshness }) =>
    freshness === undefined
      ? []
      : [[name, String(freshness.created.length), ...cells(freshness.created), ...cells(freshness.deleted)]],
  );
  return table(['', 'of each', 'new, p50', 'new, p99', 'deleted, p50', 'deleted, p99'], rows);
}

function startTable({ contestants }: Results): string {
  const row = ({ name, readySeconds, rssMiB }: ContestantResults) => [
    name,
    readySeconds?.toFixed(2) ?? '',
    rssMiB.toFixed(0),
  ];
  return table(['', 'ready, s', 'RSS, MiB'], contestants.map(row));
}
