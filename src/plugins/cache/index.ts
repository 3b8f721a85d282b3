/** `cache`: keeps the replies of the plugins behind it, for as long as their TTLs and the operator say. */
import { onlyOnce } from '../../corefile/args.ts';
import { limits } from '../../limits.ts';
import type { PluginFactory } from '../plugin.ts';
import { Cache } from './cache.ts';
import { type Clock, systemClock } from './clock.ts';
import { CacheMetrics } from './metrics.ts';
import { readOptions } from './options.ts';

export const cachePlugin: PluginFactory = makeCachePlugin(systemClock);

export function makeCachePlugin(clock: Clock): PluginFactory {
  return {
    name: 'cache',

    setup(directives, context) {
      const { metrics, log } = context;
      const options = readOptions(onlyOnce(directives));
      for (const kind of ['success', 'denial'] as const) {
        const { capacity } = options[kind];
        if (capacity <= limits.cacheEntries) continue;
        log.warning(`${kind} capacity ${capacity} is more than can be kept: ${limits.cacheEntries} is used`);
      }
      const zones = options.zones.length > 0 ? options.zones : context.zones;
      const label = zones.map((zone) => zone.toString().toLowerCase()).join(',');
      return new Cache({ options, zones, metrics: new CacheMetrics(metrics, label), log, clock });
    },
  };
}
