/** What the kernel says of a process and of sockets. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks are 10 ms on every Linux that Node.js runs on. */
const TICK_SECONDS = 0.01;
const LOOPBACK = '0100007F';

export function rssMiB(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
}

/** User and system time of a thread: the main one has the number of the process. */
export function threadSeconds(pid: number, thread: number): number {
  return secondsIn(`/proc/${pid}/task/${thread}/stat`);
}

/** The same of all threads, those that have ended too. */
export function processSeconds(pid: number): number {
  return secondsIn(`/proc/${pid}/stat`);
}

/** Where its threads may run, each list once: `1`, `0-3`. */
export function processorsOf(pid: number): string[] {
  const lists = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return /^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] ?? '';
  });
  return [...new Set(lists)].sort();
}

function secondsIn(path: string): number {
  const stat = readFileSync(path, 'utf8');
  // Behind the name, which may have spaces; utime and stime are the 14th and 15th field of proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** Datagrams for which these ports of 127.0.0.1 had no room, since their sockets were opened. */
export function udpDrops(ports: readonly number[]): number {
  return udpDropsIn(readFileSync('/proc/net/udp', 'utf8'), ports);
}

/** @param table as /proc/net/udp */
export function udpDropsIn(table: string, ports: readonly number[]): number {
  const wanted = new Set(
    ports.map((port) => `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`),
  );
  const rows = table.trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local = '']) => wanted.has(local))
    .reduce((sum, fields) => sum + Number(fields.at(-1)), 0);
}
