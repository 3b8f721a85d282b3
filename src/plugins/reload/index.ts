/** `reload`: how often the Corefile is looked at for changes. The looking is the server's, for it outlives the plugins. */
import { randomInt } from 'node:crypto';
import { expectArgs, noBlock, onlyOnce, parseDuration } from '../../corefile/args.ts';
import { errorAt, type Token } from '../../corefile/ast.ts';
import { limits } from '../../limits.ts';
import { durationText } from '../duration-text.ts';
import type { PluginFactory } from '../plugin.ts';

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_JITTER_MS = 15_000;

export const reloadPlugin: PluginFactory = {
  name: 'reload',

  setup(directives, { settings }) {
    const directive = onlyOnce(directives);
    noBlock(directive);
    const [interval, jitter] = expectArgs(directive, { min: 0, max: 2 });
    const intervalMs = interval === undefined ? DEFAULT_INTERVAL_MS : readInterval(interval);
    const jitterMs = jitter === undefined ? DEFAULT_JITTER_MS : readJitter(jitter);
    settings.reloadMs = intervalMs + offset(Math.min(jitterMs, intervalMs / 2));
    return undefined;
  },
};

function readInterval(token: Token): number {
  const intervalMs = parseDuration(token);
  const least = limits.reloadIntervalMinMs;
  if (intervalMs >= least) return intervalMs;
  throw errorAt(token, `interval value must be greater or equal to ${durationText(least)}`);
}

function readJitter(token: Token): number {
  const jitterMs = parseDuration(token);
  const least = limits.reloadJitterMinMs;
  if (jitterMs === 0 || jitterMs >= least) return jitterMs;
  throw errorAt(token, `jitter value must be 0 or greater or equal to ${durationText(least)}`);
}

/** Half of the jitter more or less, drawn anew at each reload: replicas that started together look at different moments. */
function offset(jitterMs: number): number {
  const range = Math.floor(Math.min(jitterMs, limits.timerMaxMs));
  return range === 0 ? 0 : randomInt(range) - range / 2;
}
