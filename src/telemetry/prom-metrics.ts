/** The process's metrics: prom-client writes the exposition text, our accumulators do the counting. */
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { counterFamily, gaugeFamily, histogramFamily } from './accumulators.ts';
import type { CounterChild, GaugeChild, HistogramChild, Labeled, Metrics } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';

export class PromMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Labeled<CounterChild>>();
  readonly #gauges = new Map<string, Labeled<GaugeChild>>();
  readonly #histograms = new Map<string, Labeled<HistogramChild>>();
  readonly #expositionHooks: (() => void)[] = [];
  #runtime = false;

  constructor() {
    registerProcessMetrics(this.#registry);
  }

  counter(name: string, help: string, labelNames: readonly string[]): Labeled<CounterChild> {
    return this.#known(this.#counters, name, () => counterFamily(name, help, labelNames));
  }

  gauge(name: string, help: string, labelNames: readonly string[]): Labeled<GaugeChild> {
    return this.#known(this.#gauges, name, () => gaugeFamily(name, help, labelNames));
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Labeled<HistogramChild> {
    return this.#known(this.#histograms, name, () => histogramFamily(name, help, labelNames, buckets));
  }

  enableRuntimeMetrics(): void {
    if (this.#runtime) return;
    this.#runtime = true;
    const all = new Registry();
    collectDefaultMetrics({ register: all });
    for (const { name } of all.getMetricsAsArray()) {
      if (name.startsWith('nodejs_')) this.#register(all.getSingleMetric(name));
    }
  }

  onExposition(hook: () => void): void {
    this.#expositionHooks.push(hook);
  }

  exposition(): Promise<string> {
    for (const hook of this.#expositionHooks) hook();
    return this.#registry.metrics();
  }

  #known<C>(families: Map<string, Labeled<C>>, name: string, make: () => Labeled<C>): Labeled<C> {
    const known = families.get(name);
    if (known !== undefined) return known;
    const family = make();
    this.#register(family);
    families.set(name, family);
    return family;
  }

  /** The registry needs only a name and `get`; its types ask for prom-client's own classes. Throws for a name in use. */
  #register(metric: unknown): void {
    this.#registry.registerMetric(metric as Metric);
  }
}
