/** What the rest of the program knows of metrics: prom-client's registry, fed by accumulators that are cheap to add to. */
export interface CounterChild {
  inc(by?: number): void;
}

export interface GaugeChild {
  set(value: number): void;
}

export interface HistogramChild {
  /** @param times that it was the same; default: once */
  observe(value: number, times?: number): void;
}

/** A metric with label names; `labels` gives the accumulator of one label set: keep it, it is the hot path. */
export interface Labeled<Child> {
  labels(...values: readonly string[]): Child;
  /** Forgets every label set, as before a gauge is set anew. */
  reset(): void;
}

/** Process-wide: the same name asked for twice gives the same metric, so that a reload keeps the counts. */
export interface Metrics {
  counter(name: string, help: string, labelNames: readonly string[]): Labeled<CounterChild>;
  gauge(name: string, help: string, labelNames: readonly string[]): Labeled<GaugeChild>;
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Labeled<HistogramChild>;
  /** Adds the figures of the JavaScript engine (`nodejs_*`) for the rest of the process's life. */
  enableRuntimeMetrics?(): void;
  /** Called before an exposition: for counts that are kept elsewhere until then. */
  onExposition(hook: () => void): void;
  /** Text exposition format 0.0.4. */
  exposition(): Promise<string>;
}
