/**
 * The server as the image has it, over UDP on loopback: as many queries as it answers, the processor time of each, and the
 * latency under a light load. `--cpu=N` gives it the processor N alone, and dnsperf and the upstream the others;
 * `--udp=MODE` is its `-udp`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { processSeconds } from '../test/support/process-figures.ts';
import { Child } from './child.ts';
import { dnsperf, type Load } from './dnsperf.ts';
import { median } from './statistics.ts';

const ROUNDS = 3;
const SECONDS = 3;
const WARM_UP_SECONDS = 2;
const LIGHT_SECONDS = 1;
const LIGHT_RATE = 1000;
/** More than are asked in one run. */
const NEW_NAMES = 300_000;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'corvidns-bench-'));
let files = 0;

function queryFile(lines: readonly string[]): string {
  const file = join(folder, `queries-${files++}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function newNames(): string {
  const run = files;
  return queryFile(Array.from({ length: NEW_NAMES }, (_, i) => `n${i}.run${run}.example. A`));
}

interface Case {
  readonly what: string;
  /** The file for one run. */
  readonly queries: () => string;
  readonly once: boolean;
}

function repeated(what: string, lines: readonly string[]): Case {
  const file = queryFile(lines);
  return { what, queries: () => file, once: false };
}

const cases: readonly Case[] = [
  repeated('ClusterIP A', ['web.shop.svc.cluster.local. A']),
  repeated('NXDOMAIN of a search list', ['www.example.com.shop.svc.cluster.local. A']),
  repeated('cached, one external name', ['www.example.com. A']),
  { what: 'forwarded, names never asked before', queries: newNames, once: true },
];

interface Run {
  readonly queriesPerSecond: number;
  readonly cpuMicrosPerQuery: number;
  readonly latencyMs: number;
  readonly lost: number;
}

const {
  values: { cpu, udp },
} = parseArgs({ options: { cpu: { type: 'string' }, udp: { type: 'string', default: 'auto' } } });
const others = cpus().flatMap((_, number) => (String(number) === cpu ? [] : [number]));
const ofServer = cpu === undefined ? [] : ['taskset', '--cpu-list', cpu];
const ofOthers = cpu === undefined ? [] : ['taskset', '--cpu-list', others.join(',')];

async function measure(server: Child, port: number, { queries, once }: Case): Promise<Run> {
  const load: Load = { port, queries: queries(), once, seconds: SECONDS };
  const before = processSeconds(server.pid);
  const full = await dnsperf(ofOthers, load);
  const cpuMicrosPerQuery = ((processSeconds(server.pid) - before) * 1e6) / full.completed;
  const light = await dnsperf(ofOthers, {
    ...load,
    queries: queries(),
    seconds: LIGHT_SECONDS,
    rate: LIGHT_RATE,
  });
  return { ...full, cpuMicrosPerQuery, latencyMs: light.latencyMs };
}

async function measureAll(server: Child, port: number): Promise<Run[][]> {
  const runs = cases.map((): Run[] => []);
  for (const { queries, once } of cases)
    await dnsperf(ofOthers, { port, queries: queries(), once, seconds: WARM_UP_SECONDS });
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, each] of cases.entries()) runs[i]?.push(await measure(server, port, each));
  }
  return runs;
}

function print(runs: readonly Run[][]): void {
  const where = cpu === undefined ? 'not pinned' : `server on processor ${cpu}`;
  console.log(
    `median of ${ROUNDS} runs of ${SECONDS} s, in turn; latency at ${LIGHT_RATE} queries/s; ${where}`,
  );
  console.log(`${''.padEnd(36)}${'queries/s'.padStart(12)}${'µs CPU'.padStart(9)}${'ms'.padStart(8)}`);
  for (const [i, { what }] of cases.entries()) {
    const of = (key: keyof Run) => median(runs[i]?.map((run) => run[key]) ?? []);
    const lost = runs[i]?.reduce((sum, run) => sum + run.lost, 0) ?? 0;
    const figures = [
      of('queriesPerSecond').toFixed(0).padStart(12),
      of('cpuMicrosPerQuery').toFixed(1).padStart(9),
      of('latencyMs').toFixed(2).padStart(8),
    ];
    console.log(`${what.padEnd(36)}${figures.join('')}${lost > 0 ? `  ${lost} lost` : ''}`);
  }
}

const children: Child[] = [];
try {
  const upstream = new Child([...ofOthers, process.execPath, here('upstream.ts')]);
  children.push(upstream);
  const upstreamPort = await upstream.port(/^(\d+)$/m);
  const corefile = join(folder, 'Corefile');
  writeFileSync(
    corefile,
    `. {
  bind 127.0.0.1
  errors
  health 127.0.0.1:0
  ready 127.0.0.1:0
  prometheus 127.0.0.1:0
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    manifests ${here('../manifests/demo/cluster')}
    ttl 30
  }
  forward . 127.0.0.1:${upstreamPort}
  cache 30
  loadbalance
}
`,
  );
  const main = here('../bundle/main.mjs');
  const server = new Child([...ofServer, process.execPath, main, '-udp', udp, '-p', '0', '-conf', corefile]);
  children.push(server);
  print(await measureAll(server, await server.port(/^\S+:(\d+) on 127\.0\.0\.1$/m)));
} finally {
  for (const child of children) await child.stop();
  rmSync(folder, { recursive: true });
}
