/** Counting in `serve`, so that replies which the server repeats by itself count too. */
import type { CounterChild } from '../telemetry/metrics.ts';
import type { Counted, Query } from './plugin.ts';

export class EachCounter {
  readonly #counter: CounterChild;
  readonly #repeated: (counted: Counted) => void;

  constructor(counter: CounterChild) {
    this.#counter = counter;
    this.#repeated = ({ isRepeat, times }) => {
      if (isRepeat) counter.inc(times);
    };
  }

  /** Counts now, and again for each client that is given the same reply. */
  count(query: Query): void {
    this.#counter.inc();
    query.onCounted(this.#repeated);
  }
}
