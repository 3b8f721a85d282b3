/** What the kernel says of sockets and processes. */
import { readFileSync, writeFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const RMEM_DEFAULT = '/proc/sys/net/core/rmem_default';
const RMEM_MAX = '/proc/sys/net/core/rmem_max';

/** Processor time of all threads of a process so far, in microseconds. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime, proc(5): the 14th and 15th field; the first two are cut off.
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
}

export function rssMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

/** Datagrams that the sockets of a port had no room for, as a table of /proc/net has it. */
export function dropsIn(table: string, port: number): number {
  const local = new RegExp(`^\\s*\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, '0')} `);
  return table
    .split('\n')
    .filter((line) => local.test(line))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}

export function drops(port: number): number {
  return ['udp', 'udp6'].reduce(
    (sum, table) => sum + dropsIn(readFileSync(`/proc/net/${table}`, 'utf8'), port),
    0,
  );
}

export interface ReceiveBuffer extends Disposable {
  /** Octets that every UDP socket has which does not ask for another size. */
  readonly bytes: number;
}

/** Gives every server the same receive buffer, where we may, and puts back what was. */
export function equalReceiveBuffer(): ReceiveBuffer {
  const before = readFileSync(RMEM_DEFAULT, 'utf8').trim();
  const restore = () => writeFileSync(RMEM_DEFAULT, before);
  try {
    writeFileSync(RMEM_DEFAULT, readFileSync(RMEM_MAX, 'utf8').trim());
  } catch {
    return { bytes: Number(before), [Symbol.dispose]() {} };
  }
  process.once('exit', restore);
  return {
    bytes: Number(readFileSync(RMEM_DEFAULT, 'utf8')),
    [Symbol.dispose]() {
      process.off('exit', restore);
      restore();
    },
  };
}
