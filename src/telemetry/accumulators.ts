/** Numbers that are added to on the way of every query, and read by prom-client's registry only when it is scraped. */
import { limits } from '../limits.ts';
import type { CounterChild, GaugeChild, HistogramChild, Labeled } from './metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** What prom-client's registry prints of one metric: `sharedLabels` are joined once and kept. */
export interface Sample {
  readonly value: number;
  readonly metricName?: string;
  readonly labels?: Labels;
  readonly sharedLabels: Labels;
}

interface Child {
  samples(name: string, sharedLabels: Labels): Sample[];
}

class Counter implements CounterChild, Child {
  #value = 0;

  inc(by = 1): void {
    this.#value += by;
  }

  samples(_name: string, sharedLabels: Labels): Sample[] {
    return [{ value: this.#value, sharedLabels }];
  }
}

class Gauge implements GaugeChild, Child {
  #value = 0;

  set(value: number): void {
    this.#value = value;
  }

  samples(_name: string, sharedLabels: Labels): Sample[] {
    return [{ value: this.#value, sharedLabels }];
  }
}

class Histogram implements HistogramChild, Child {
  readonly #bounds: Float64Array;
  /** One count for each bucket alone, the last for what is above all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: Float64Array) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number, times = 1): void {
    const bounds = this.#bounds;
    let bucket = 0;
    // From below: most answers are fast and small.
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.#sum += value * times;
  }

  samples(name: string, sharedLabels: Labels): Sample[] {
    let count = 0;
    const samples: Sample[] = Array.from(this.#counts, (inBucket, i) => {
      count += inBucket;
      const le = i < this.#bounds.length ? String(this.#bounds[i]) : '+Inf';
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: count };
    });
    samples.push({ metricName: `${name}_sum`, sharedLabels, value: this.#sum });
    samples.push({ metricName: `${name}_count`, sharedLabels, value: count });
    return samples;
  }
}

export type Kind = 'counter' | 'gauge' | 'histogram';

/** One metric with all its label sets: what `Labeled` promises to the program and `get` to prom-client's registry. */
export class Family<C extends Child> implements Labeled<C> {
  readonly name: string;
  readonly help: string;
  readonly type: Kind;
  readonly #labelNames: readonly string[];
  readonly #make: () => C;
  readonly #children = new Map<string, { readonly child: C; readonly labels: Labels }>();
  #overflow: C | undefined;

  constructor(type: Kind, name: string, help: string, labelNames: readonly string[], make: () => C) {
    this.type = type;
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    this.#make = make;
    // A metric without labels is there from the start, as zero.
    if (labelNames.length === 0) this.labels();
  }

  labels(...values: readonly string[]): C {
    const key = values.join('\0');
    const known = this.#children.get(key);
    if (known !== undefined) return known.child;
    if (values.length !== this.#labelNames.length) {
      throw new TypeError(`${this.name} has the labels ${this.#labelNames.join(', ')}; got ${values.length}`);
    }
    if (this.#children.size >= limits.labelSetsPerMetric) return this.#overflowChild();
    const labels = Object.fromEntries(this.#labelNames.map((name, i) => [name, values[i] ?? '']));
    const child = this.#make();
    this.#children.set(key, { child, labels });
    return child;
  }

  reset(): void {
    this.#children.clear();
    this.#overflow = undefined;
    if (this.#labelNames.length === 0) this.labels();
  }

  /** Called by prom-client's registry at every scrape. */
  async get(): Promise<{ name: string; help: string; type: Kind; values: Sample[] }> {
    const values = [...this.#children.values()].flatMap(({ child, labels }) =>
      child.samples(this.name, labels),
    );
    return { name: this.name, help: this.help, type: this.type, values };
  }

  /** What no room is left for is counted in one set whose labels all say so. */
  #overflowChild(): C {
    if (this.#overflow === undefined) {
      const child = this.#make();
      const labels = Object.fromEntries(this.#labelNames.map((name) => [name, 'overflow']));
      this.#children.set('overflow', { child, labels });
      this.#overflow = child;
    }
    return this.#overflow;
  }
}

export function counterFamily(name: string, help: string, labelNames: readonly string[]): Family<Counter> {
  return new Family('counter', name, help, labelNames, () => new Counter());
}

export function gaugeFamily(name: string, help: string, labelNames: readonly string[]): Family<Gauge> {
  return new Family('gauge', name, help, labelNames, () => new Gauge());
}

export function histogramFamily(
  name: string,
  help: string,
  labelNames: readonly string[],
  buckets: readonly number[],
): Family<Histogram> {
  const bounds = Float64Array.from(buckets);
  return new Family('histogram', name, help, labelNames, () => new Histogram(bounds));
}
