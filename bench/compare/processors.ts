/** Who runs where: the server alone on the last processor, client and upstream on the first. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export const CLIENT_PROCESSOR = 0;
export const SERVER_PROCESSOR = availableParallelism() - 1;

/**
 * Puts all threads of a process on one processor. A process that is started there may not stay: Knot DNS gives each thread that
 * answers a processor of its own choice, and beside the client a query costs less than across.
 */
export function pin(pid: number, processor: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(processor), String(pid)], {
    stdio: 'ignore',
  });
}
