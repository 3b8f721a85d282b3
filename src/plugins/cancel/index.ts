/** `cancel`: bounds the time that a query may take. */
import { expectArgs, noBlock, parseDuration } from '../../corefile/args.ts';
import { type Directive, errorAt } from '../../corefile/ast.ts';
import { Rcode } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { reasons } from '../../reasons.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { durationText } from '../duration-text.ts';
import type { Plugin, PluginFactory } from '../plugin.ts';
import { failure, type Reply } from '../reply.ts';

const DEFAULT_MS = 5001;

export const cancelPlugin: PluginFactory = {
  name: 'cancel',

  setup(directives, { log }): Plugin {
    const bound = makeBound(directives.map(readTime).at(-1) ?? DEFAULT_MS, log);
    return {
      name: 'cancel',
      // What is answered at once needs no timer.
      serve: (query, next) => {
        const reply = next(query);
        return reply instanceof Promise ? bound(reply) : reply;
      },
    };
  },
};

function readTime(directive: Directive): number {
  noBlock(directive);
  const [time] = expectArgs(directive, { min: 0, max: 1 });
  if (time === undefined) return DEFAULT_MS;
  const milliseconds = parseDuration(time);
  if (milliseconds <= 0) throw errorAt(time, `invalid duration "${time.text}": it must be more than 0`);
  return milliseconds;
}

/** Gives SERVFAIL in place of a reply that takes longer; what was begun for it ends by itself, unseen. */
function makeBound(milliseconds: number, log: Logger): (reply: Promise<Reply>) => Promise<Reply> {
  const timeMs = Math.min(milliseconds, limits.timerMaxMs);
  const text = durationText(milliseconds);
  const expired = failure(Rcode.SERVFAIL, reasons.cancelled, `plugin/cancel: no answer after ${text}`);
  return (reply) => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(expired);
    }, timeMs);
    timer.unref();
    reply.then(
      (inTime) => {
        clearTimeout(timer);
        resolve(inTime);
      },
      (error: unknown) => {
        clearTimeout(timer);
        // Nobody waits any more who could report it.
        if (late) log.error(`failed after its query was cancelled: ${textOf(error)}`);
        else reject(error);
      },
    );
    return promise;
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
