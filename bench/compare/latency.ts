/** How long each query of a load waits: `dnsperf -v` says it line by line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CLIENT_PROCESSOR } from './processors.ts';

/** Milliseconds, in any order. */
export async function latencies(load: {
  readonly port: number;
  readonly queries: string;
  readonly rate: number;
  readonly seconds: number;
}): Promise<number[]> {
  const { port, queries, rate, seconds } = load;
  const args = ['-s', '127.0.0.1', '-p', port, '-d', queries, '-Q', rate, '-l', seconds, '-c', 8, '-v'];
  const command = ['-c', CLIENT_PROCESSOR, 'dnsperf', ...args].map(String);
  const client = spawn('taskset', command, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(client, 'exit');
  const all: number[] = [];
  for await (const line of createInterface({ input: client.stdout })) {
    const milliseconds = latencyIn(line);
    if (milliseconds !== undefined) all.push(milliseconds);
  }
  await ended;
  return all;
}

/** @returns milliseconds; undefined where the line says nothing of an answer */
export function latencyIn(line: string): number | undefined {
  const [, seconds] = /^> \S+ \S+ \S+ (\d+\.\d+)$/.exec(line) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
