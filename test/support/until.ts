/** Waits until a condition holds; fails with its name after a generous while. */
import { setTimeout as sleep } from 'node:timers/promises';

const GIVE_UP_MS = 20_000;
const POLL_MS = 5;

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting: ${what}`);
    await sleep(POLL_MS);
  }
}
