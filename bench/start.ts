/**
 * From the start of the demo to its first answer, and its memory then: of the sources, and of the bundle as the image has
 * it. Prints medians of several starts in turn.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeMessage, Name, RrClass, RrType } from '../src/dns/index.ts';
import { median } from './statistics.ts';

const RUNS = 7;
const PORT = 20_053;
const ASK_EVERY_MS = 5;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const sources = here('../src/main.ts');
const bundle = here('../bundle/main.mjs');

const question = { name: Name.fromText('web.shop.svc.cluster.local'), type: RrType.A, class: RrClass.IN };
const query = encodeMessage(
  {
    ...{
      id: 1,
      qr: false,
      opcode: 0,
      aa: false,
      tc: false,
      rd: true,
      ra: false,
      z: false,
      ad: false,
      cd: false,
    },
    ...{ rcode: 0, questions: [question], answer: [], authority: [], additional: [] },
  },
  { limitBytes: 512 },
);

interface Start {
  readonly firstAnswerMs: number;
  readonly rssMb: number;
}

interface Variant {
  readonly what: string;
  readonly main: string;
  /** Node's compile cache; none where it is not given. */
  readonly cache?: string;
}

/** Starts the demo and asks until it answers. */
async function measure({ main, cache }: Variant): Promise<Start> {
  const env = cache === undefined ? { NODE_DISABLE_COMPILE_CACHE: '1' } : { NODE_COMPILE_CACHE: cache };
  const begin = performance.now();
  const demo = spawn(process.execPath, [main, 'demo', '-p', String(PORT)], { stdio: 'ignore', env });
  try {
    await firstAnswer();
    return { firstAnswerMs: performance.now() - begin, rssMb: rssMb(demo.pid) };
  } finally {
    const exit = once(demo, 'exit');
    demo.kill('SIGQUIT');
    await exit;
  }
}

function firstAnswer(): Promise<void> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    // Until the demo listens, asking costs an ICMP error.
    socket.on('error', () => {});
    const timer = setInterval(() => socket.send(query, PORT, '127.0.0.1'), ASK_EVERY_MS);
    socket.once('message', () => {
      clearInterval(timer);
      socket.close();
      resolve();
    });
  });
}

function rssMb(pid: number | undefined): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

const folder = mkdtempSync(join(tmpdir(), 'corvidns-start-'));
const cacheOfSources = join(folder, 'sources');
const cacheOfImage = join(folder, 'bundle');
const variants: readonly Variant[] = [
  { what: 'sources, the very first time', main: sources },
  { what: 'sources, compile cache of a start before', main: sources, cache: cacheOfSources },
  { what: 'bundle, no compile cache', main: bundle },
  { what: 'bundle, the compile cache of the image', main: bundle, cache: cacheOfImage },
];
try {
  execFileSync(process.execPath, [here('../image/compile-cache.ts'), bundle, cacheOfImage]);
  const starts = variants.map((): Start[] => []);
  // Fills the caches, those of the disk too.
  for (const variant of variants) await measure(variant);
  for (let run = 0; run < RUNS; run++) {
    for (const [i, variant] of variants.entries()) starts[i]?.push(await measure(variant));
  }
  console.log(`start of the demo to its first answer, and RSS then: median of ${RUNS}, in turn`);
  for (const [i, { what }] of variants.entries()) {
    const ms = median(starts[i]?.map(({ firstAnswerMs }) => firstAnswerMs) ?? []).toFixed(0);
    const mb = median(starts[i]?.map((start) => start.rssMb) ?? []).toFixed(0);
    console.log(`${what.padEnd(44)}${ms.padStart(6)} ms${mb.padStart(6)} MB`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
