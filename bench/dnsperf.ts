/** Runs Debian's `dnsperf` against a server on loopback and reads what it says. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Load {
  readonly port: number;
  /** File of lines `NAME TYPE`, which is read once through at most where `once` is set, else again and again. */
  readonly queries: string;
  readonly once: boolean;
  readonly seconds: number;
  /** Queries per second; as many as are answered where it is not given. */
  readonly rate?: number;
  /** Queries at a time, where no rate is given. Default: 64. */
  readonly outstanding?: number;
}

export interface Outcome {
  readonly completed: number;
  readonly lost: number;
  readonly queriesPerSecond: number;
  /** Mean, in milliseconds. */
  readonly latencyMs: number;
}

/** @throws {Error} dnsperf is not installed or fails */
export async function dnsperf(
  prefix: readonly string[],
  { port, queries, once, seconds, rate, outstanding = 64 }: Load,
): Promise<Outcome> {
  const [file = '', ...args] = [
    ...[...prefix, 'dnsperf', '-s', '127.0.0.1', '-p', String(port), '-d', queries, '-l', String(seconds)],
    ...(once ? ['-n', '1'] : []),
    ...(rate === undefined ? ['-c', '8', '-q', String(outstanding)] : ['-Q', String(rate)]),
  ];
  const { stdout } = await promisify(execFile)(file, args);
  return {
    completed: figure(stdout, /Queries completed:\s+(\d+)/),
    lost: figure(stdout, /Queries lost:\s+(\d+)/),
    queriesPerSecond: figure(stdout, /Queries per second:\s+([\d.]+)/),
    latencyMs: figure(stdout, /Average Latency \(s\):\s+([\d.]+)/) * 1000,
  };
}

function figure(text: string, where: RegExp): number {
  const [, number] = where.exec(text) ?? [];
  if (number === undefined) throw new Error(`dnsperf did not say ${where.source}:\n${text}`);
  return Number(number);
}
