/** What is counted of the cache, under CoreDNS's names. */
import type { CounterChild, GaugeChild, Labeled, Metrics } from '../../telemetry/metrics.ts';
import { EachCounter } from '../each-counter.ts';
import type { StoreKind } from './classify.ts';

/** The figures of the cache for one listener. */
export interface Meters {
  readonly requests: EachCounter;
  readonly misses: EachCounter;
  readonly prefetches: CounterChild;
  readonly servedStale: CounterChild;
  readonly hits: Readonly<Record<StoreKind, EachCounter>>;
  readonly evictions: Readonly<Record<StoreKind, CounterChild>>;
  readonly entries: Readonly<Record<StoreKind, GaugeChild>>;
}

export class CacheMetrics {
  readonly #metrics: Metrics;
  readonly #zones: string;
  readonly #byServer = new Map<string, Meters>();

  /** @param zones those of the cache, joined by commas */
  constructor(metrics: Metrics, zones: string) {
    this.#metrics = metrics;
    this.#zones = zones;
  }

  at(server: string): Meters {
    const known = this.#byServer.get(server);
    if (known !== undefined) return known;
    const made = this.#make(server);
    this.#byServer.set(server, made);
    return made;
  }

  #make(server: string): Meters {
    const single = (name: string, help: string) =>
      this.#metrics
        .counter(`coredns_cache_${name}`, help, ['server', 'zones', 'view'])
        .labels(server, this.#zones, '');
    const perStore = <Child>(family: Labeled<Child>): Readonly<Record<StoreKind, Child>> => ({
      success: family.labels(server, 'success', this.#zones, ''),
      denial: family.labels(server, 'denial', this.#zones, ''),
    });
    const labels = ['server', 'type', 'zones', 'view'];
    const counter = (name: string, help: string) =>
      perStore(this.#metrics.counter(`coredns_cache_${name}`, help, labels));
    // Stays 0: a reply to another question has no way to get here.
    single('drops_total', 'The number responses that are not cached, because the reply is malformed.');
    const hits = counter('hits_total', 'The count of cache hits.');
    return {
      requests: new EachCounter(single('requests_total', 'The count of cache requests.')),
      misses: new EachCounter(
        single('misses_total', 'The count of cache misses. Deprecated: requests less hits.'),
      ),
      prefetches: single('prefetch_total', 'The number of times the cache has prefetched a cached item.'),
      servedStale: single('served_stale_total', 'The number of requests served from stale cache entries.'),
      hits: { success: new EachCounter(hits.success), denial: new EachCounter(hits.denial) },
      evictions: counter('evictions_total', 'The count of cache evictions.'),
      entries: perStore(
        this.#metrics.gauge('coredns_cache_entries', 'The number of elements in the cache.', labels),
      ),
    };
  }
}
