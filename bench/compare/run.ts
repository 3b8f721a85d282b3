/**
 * corvidns, CoreDNS and Knot DNS in turn, beside one API server: what a query costs, how long it waits, how soon a change is seen.
 * Writes docs/benchmarks.md and bench/results.json. `--rounds` and `--seconds` make it shorter, `--only` takes those servers whose
 * names begin so; then nothing is written.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ControlPlane, hasControlPlane } from '../../test/cluster/control-plane/control-plane.ts';
import { modules, pinnedVersion } from '../../test/peers/peers.ts';
import { ApiWriter } from '../../test/proof/api-writer.ts';
import { rssMiB } from '../../test/support/process-figures.ts';
import { Child } from '../child.ts';
import { equalReceiveBuffer } from '../receive-buffer.ts';
import { median, percentile } from '../statistics.ts';
import { document, type Printed } from './document.ts';
import { type Freshness, freshness } from './freshness.ts';
import { goals } from './goals.ts';
import { latencies } from './latency.ts';
import { type Figures, measure } from './measure.ts';
import { CLIENT_PROCESSOR } from './processors.ts';
import type { ContestantResults, Results } from './results.ts';
import { type ContestantName, contestants, type Running, start } from './servers.ts';
import { fill, LOADS, type LoadName, queryFiles } from './world.ts';

const CONNECTIONS = 16;
const WARM_UP_SECONDS = 1;
/** CoreDNS's cache keeps what it knows for half a minute: its samples wait side by side. */
const SAMPLING = {
  corvidns: { samples: 100, atATime: 1, pollMs: 1 },
  CoreDNS: { samples: 20, atATime: 20, pollMs: 20 },
};
/** Whose maximum halved is the rate at which latency is compared. */
const YARDSTICK: ContestantName = 'CoreDNS, cache 30';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

for (const program of ['dnsperf', 'knotd', 'taskset']) {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
  } catch {
    console.error(`${program} is not here: install dnsperf, knot and util-linux (Debian's packages)`);
    process.exit(1);
  }
}
if (!hasControlPlane(['coredns'])) {
  console.error('There is no control plane here: `npm run peers` builds it, and CoreDNS');
  process.exit(1);
}

class Record {
  readonly running: Running;
  readonly loads = new Map<LoadName, Figures[]>();
  readonly latency: { p50: number; p90: number; p99: number }[] = [];
  freshness: Freshness | undefined;

  constructor(running: Running) {
    this.running = running;
  }

  takes(load: LoadName): boolean {
    const { kind } = this.running;
    if (kind === 'Knot DNS') return load === 'addresses';
    return kind !== 'dgram' || load === 'mix';
  }

  results(): ContestantResults {
    const { name, readySeconds, child } = this.running;
    return {
      ...{ name: name as ContestantName, readySeconds, rssMiB: rssMiB(child.pid) },
      loads: Object.fromEntries(this.loads),
      latency: this.latency,
      freshness: this.freshness,
    };
  }
}

async function compare(records: readonly Record[], folder: string): Promise<number> {
  const fileFor = queryFiles(folder);
  const loads = Object.keys(LOADS) as LoadName[];
  for (let round = 0; round <= rounds; round++) {
    for (const load of loads) {
      for (const record of records.filter((each) => each.takes(load))) {
        const isWarmUp = round === 0;
        const figures = await measure(
          record.running,
          load,
          fileFor(load),
          isWarmUp ? WARM_UP_SECONDS : seconds,
        );
        if (isWarmUp) continue;
        record.loads.set(load, [...(record.loads.get(load) ?? []), figures]);
        const { queriesPerSecond, cpuMicrosPerQuery } = figures;
        console.log(
          `${round}  ${LOADS[load].padEnd(46)} ${record.running.name.padEnd(24)} ${queriesPerSecond.toFixed(0).padStart(8)}/s ${cpuMicrosPerQuery.toFixed(1).padStart(6)} µs`,
        );
      }
    }
  }
  const yardstick = (records.find(({ running }) => running.name === YARDSTICK) ?? records[0])?.loads.get(
    'mix',
  );
  const rate = Math.floor(median(yardstick?.map(({ queriesPerSecond }) => queriesPerSecond) ?? []) / 2);
  for (let round = 0; round < rounds; round++) {
    for (const record of records.filter((each) => each.takes('mix'))) {
      const { port } = record.running;
      const all = await latencies({ port, queries: fileFor('mix'), rate, seconds });
      const [p50, p90, p99] = [percentile(all, 50), percentile(all, 90), percentile(all, 99)];
      record.latency.push({ p50, p90, p99 });
    }
  }
  return rate;
}

/** Of the first of each kind. */
async function compareFreshness(records: readonly Record[], writer: ApiWriter): Promise<void> {
  for (const kind of ['corvidns', 'CoreDNS'] as const) {
    const record = records.find(({ running }) => running.kind === kind);
    if (record !== undefined) record.freshness = await freshness(record.running, writer, SAMPLING[kind]);
  }
}

function printOf(title: string, script: string): Printed {
  console.log(`npm run ${script}`);
  const text = execFileSync('npm', ['run', '--silent', script], { encoding: 'utf8', cwd: here('../..') });
  return { title, command: `npm run ${script}`, text };
}

function versions(): Results['versions'] {
  const knot = execFileSync('knotd', ['--version'], { encoding: 'utf8' });
  const coredns = modules.find(({ name }) => name === 'coredns');
  const kubernetes = modules.find(({ name }) => name === 'kubernetes');
  return {
    CoreDNS: coredns === undefined ? '' : pinnedVersion(coredns).slice(1),
    'Knot DNS': /(\d+\.\d+\.\d+)/.exec(knot)?.[1] ?? '',
    Kubernetes: kubernetes === undefined ? '' : pinnedVersion(kubernetes).slice(1),
  };
}

async function run(): Promise<Results> {
  using buffer = equalReceiveBuffer();
  const folder = mkdtempSync(join(tmpdir(), 'corvidns-bench-'));
  const upstream = new Child([
    'taskset',
    '-c',
    String(CLIENT_PROCESSOR),
    process.execPath,
    here('../upstream.ts'),
  ]);
  try {
    const upstreamPort = await upstream.port(/^(\d+)$/m);
    await using plane = await ControlPlane.start();
    using writer = await ApiWriter.open(plane, CONNECTIONS);
    await fill(writer);
    const records: Record[] = [];
    for (const contestant of contestants.filter(({ name }) => name.startsWith(values.only))) {
      records.push(new Record(await start(contestant, { plane, upstreamPort })));
    }
    const rate = await compare(records, folder);
    await compareFreshness(records, writer);
    const rig = { processor: cpus()[0]?.model ?? '', kernel: release(), node: process.versions.node };
    return {
      ...{ rounds, seconds, rate, rig, receiveBufferBytes: buffer.bytes, versions: versions() },
      contestants: records.map((record) => record.results()),
    };
  } finally {
    await upstream.stop();
    rmSync(folder, { recursive: true });
  }
}

const results = await run();
console.table(goals(results));
if (values.only === '') {
  const printed = [
    printOf('A query without its sockets, µs', 'bench:lookup'),
    printOf('A kept answer, µs', 'bench:answers'),
    printOf('The codec beside dns-packet, µs', 'bench:codec'),
    printOf('Start', 'bench:start'),
  ];
  writeFileSync(here('../results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  const path = here('../../docs/benchmarks.md');
  writeFileSync(path, document(results, printed));
  console.log(`${readFileSync(path, 'utf8').length} characters in ${path}`);
}
