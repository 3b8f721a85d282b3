/** Counting in `serve`, so that replies which the server repeats by itself count too. */
import type { Query } from './plugin.ts';

/** Counts now, and again for each client that is given the same reply. */
export function countEach(query: Query, count: () => void): void {
  count();
  query.onSent(({ isRepeat }) => {
    if (isRepeat) count();
  });
}
