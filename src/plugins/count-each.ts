/** Counting in `serve`, so that replies which the server repeats by itself count too. */
import type { CounterChild } from '../telemetry/metrics.ts';
import type { Query } from './plugin.ts';

/** Counts now, and again for each client that is given the same reply. */
export function countEach(query: Query, counter: CounterChild): void {
  counter.inc();
  query.onCounted(({ isRepeat, times }) => {
    if (isRepeat) counter.inc(times);
  });
}
