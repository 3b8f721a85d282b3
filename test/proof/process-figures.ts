/** What the kernel says of a process and of sockets. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks are 10 ms on every Linux that Node.js runs on. */
const TICK_SECONDS = 0.01;
const LOOPBACK = '0100007F';

export function rssMiB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024);
}

/** Processor time of a thread: the main one has the number of the process. */
export function threadSeconds(pid: number, thread: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  // Behind the name, which may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** Processor time of all threads. */
export function processSeconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => threadSeconds(pid, Number(thread)))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Datagrams for which these ports of 127.0.0.1 had no room, since their sockets were opened. */
export function udpDrops(ports: readonly number[]): number {
  const wanted = new Set(
    ports.map((port) => `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`),
  );
  const rows = readFileSync('/proc/net/udp', 'utf8').trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local = '']) => wanted.has(local))
    .reduce((sum, fields) => sum + Number(fields.at(-1)), 0);
}
