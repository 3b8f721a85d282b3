/**
 * The `process_*` metrics that every Prometheus client exports. prom-client has them only together with `nodejs_*`
 * ones that keep a 10 ms timer and a garbage-collection observer running.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';

const BYTES_PER_KIB = 1024;

export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  let counted = 0;
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.inc((user + system) / 1e6 - counted);
      counted = (user + system) / 1e6;
    },
  });
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    () => startedAt,
  );
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', () => {
    const kib = procNumber('status', /^VmSize:\s+(\d+) kB$/m);
    return kib === undefined ? undefined : kib * BYTES_PER_KIB;
  });
  gauge('process_open_fds', 'Number of open file descriptors.', openDescriptors);
  gauge('process_max_fds', 'Maximum number of open file descriptors.', () =>
    procNumber('limits', /^Max open files\s+(\d+)/m),
  );
}

/** A number from a file of `/proc/self`; undefined on systems without it. */
function procNumber(file: string, pattern: RegExp): number | undefined {
  try {
    const found = pattern.exec(readFileSync(`/proc/self/${file}`, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

function openDescriptors(): number | undefined {
  try {
    // Reading the directory opens one more.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}
