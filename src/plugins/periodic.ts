/** Something done again and again beside answering: looking at a file. */
import { limits } from '../limits.ts';

/**
 * Does the action every so many milliseconds, never twice at once; it does not keep the process alive.
 * @param action must not reject
 * @returns ends it
 */
export function repeat(everyMs: number, action: () => Promise<void>): () => void {
  let busy = false;
  const step = async () => {
    if (busy) return;
    busy = true;
    await action();
    busy = false;
  };
  const period = Math.min(Math.max(everyMs, limits.fileReloadMinMs), limits.timerMaxMs);
  const timer = setInterval(() => void step(), period);
  timer.unref();
  return () => clearInterval(timer);
}
