/** From the start of the demo to its first answer, and its memory then. Prints the median of several starts. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeMessage, Name, RrClass, RrType } from '../src/dns/index.ts';

const RUNS = 7;
const PORT = 20_053;
const ASK_EVERY_MS = 5;

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
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

/** Starts the demo and asks until it answers. */
async function measure(): Promise<Start> {
  const begin = performance.now();
  const demo = spawn(process.execPath, [main, 'demo', '-p', String(PORT)], { stdio: 'ignore' });
  try {
    await firstAnswer();
    return { firstAnswerMs: performance.now() - begin, rssMb: rssMb(demo.pid) };
  } finally {
    demo.kill('SIGQUIT');
    await new Promise((resolve) => demo.once('exit', resolve));
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const starts: Start[] = [];
for (let run = 0; run < RUNS; run++) starts.push(await measure());
console.log(
  `start of the demo to its first answer: ${median(starts.map((start) => start.firstAnswerMs)).toFixed(0)} ms`,
);
console.log(`RSS then: ${median(starts.map((start) => start.rssMb)).toFixed(0)} MB`);
console.log(`(node ${process.version}, from the sources, median of ${RUNS} starts)`);
