/** CoreDNS and corvidns with one Corefile each, word for word the same but for ports. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildProcesses } from '../cluster/control-plane/child-processes.ts';
import { peer } from '../peers/peers.ts';
import { freePorts } from '../support/free-ports.ts';
import { until } from '../support/until.ts';
import { Asker } from './asker.ts';
import { queryOctets } from './message.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export const subjects = ['coredns', 'corvidns'] as const;
export type Subject = (typeof subjects)[number];

export interface RunningSubject {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * @param corefile with `PORT`, `HEALTH`, `READY` and `METRICS` in place of port numbers
 * @param flags of corvidns
 */
export async function startSubject(
  processes: ChildProcesses,
  subject: Subject,
  corefile: string,
  flags: readonly string[] = [],
): Promise<RunningSubject> {
  const [port = 0, health = 0, ready = 0, metrics = 0] = await freePorts(4);
  const numbers: Record<string, number> = { PORT: port, HEALTH: health, READY: ready, METRICS: metrics };
  const file = join(processes.folder, `Corefile-${subject}-${port}`);
  writeFileSync(
    file,
    corefile.replace(/\b(PORT|HEALTH|READY|METRICS)\b/g, (word) => String(numbers[word])),
  );
  const child =
    subject === 'coredns'
      ? processes.start(`coredns-${port}`, peer('coredns'), ['-conf', file])
      : processes.start(`corvidns-${port}`, process.execPath, [MAIN, ...flags, '-conf', file]);
  await until(`${subject} is ready`, async () => {
    if (child.hasEnded()) throw new Error(`${subject} ended:\n${child.output()}\nCorefile:\n${corefile}`);
    // CoreDNS is ready before it listens.
    return (await isReady(ready)) && answers(port);
  });
  return { port, stop: () => child.kill() };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    return false;
  }
}

const ANY_QUESTION = queryOctets({ name: 'ready.test.', type: 1 });
const PATIENCE_MS = 200;

async function answers(port: number): Promise<boolean> {
  await using asker = await Asker.open(port);
  try {
    const replies = [
      await asker.ask(ANY_QUESTION, 'udp', PATIENCE_MS),
      await asker.ask(ANY_QUESTION, 'tcp', PATIENCE_MS),
    ];
    return !replies.includes(undefined);
  } catch {
    return false;
  }
}
