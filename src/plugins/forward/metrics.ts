/** What is counted of upstreams, under CoreDNS's names. */
import { rcodeName } from '../../dns/types.ts';
import { TIME_BUCKETS } from '../../telemetry/dns-metrics.ts';
import type { CounterChild, HistogramChild, Labeled, Metrics } from '../../telemetry/metrics.ts';

export class ForwardMetrics {
  readonly maxConcurrentRejects: CounterChild;
  /** A query found all upstreams of its stanza down. */
  readonly healthCheckBroken: CounterChild;
  /** A query waited for the answer to another's question. */
  readonly coalesced: CounterChild;
  readonly #durations: Labeled<HistogramChild>;
  readonly #hits: Labeled<CounterChild>;
  readonly #misses: Labeled<CounterChild>;
  readonly #failures: Labeled<CounterChild>;

  constructor(metrics: Metrics) {
    const counter = (name: string, help: string) => metrics.counter(name, help, []).labels();
    this.maxConcurrentRejects = counter(
      'coredns_forward_max_concurrent_rejects_total',
      'Counter of the number of queries rejected because the concurrent queries were at maximum.',
    );
    this.healthCheckBroken = counter(
      'coredns_forward_healthcheck_broken_total',
      'Counter of the number of complete failures of the healthchecks.',
    );
    this.coalesced = counter(
      'corvidns_forward_coalesced_total',
      'Counter of queries answered with the reply to the same question of another client.',
    );
    this.#durations = metrics.histogram(
      'coredns_proxy_request_duration_seconds',
      'Histogram of the time each request took.',
      ['proxy_name', 'to', 'rcode'],
      TIME_BUCKETS,
    );
    this.#failures = metrics.counter(
      'coredns_proxy_healthcheck_failures_total',
      'Counter of the number of failed healthchecks.',
      ['proxy_name', 'to'],
    );
    const labels = ['proxy_name', 'to', 'proto'];
    this.#hits = metrics.counter(
      'coredns_proxy_conn_cache_hits_total',
      'Counter of connection cache hits per upstream and protocol.',
      labels,
    );
    this.#misses = metrics.counter(
      'coredns_proxy_conn_cache_misses_total',
      'Counter of connection cache misses per upstream and protocol.',
      labels,
    );
  }

  /** @param to as metrics name the upstream */
  of(to: string): UpstreamMetrics {
    const durations = kept((rcode: number) => this.#durations.labels('forward', to, rcodeName(rcode)));
    const hits = kept((protocol: string) => this.#hits.labels('forward', to, protocol));
    const misses = kept((protocol: string) => this.#misses.labels('forward', to, protocol));
    return {
      observe: (rcode, seconds) => durations(rcode).observe(seconds),
      healthCheckFailed: () => this.#failures.labels('forward', to).inc(),
      pooled: (protocol, hit) => (hit ? hits : misses)(protocol).inc(),
    };
  }
}

/** What is counted of one upstream. */
export interface UpstreamMetrics {
  /** Adds the seconds of an exchange that the upstream answered. */
  observe(rcode: number, seconds: number): void;
  healthCheckFailed(): void;
  /** An exchange found a connection (`hit`), or made one. */
  pooled(protocol: string, hit: boolean): void;
}

/** A label set is there from its first use on. */
function kept<Key, Child>(make: (key: Key) => Child): (key: Key) => Child {
  const children = new Map<Key, Child>();
  return (key) => {
    const known = children.get(key);
    if (known !== undefined) return known;
    const child = make(key);
    children.set(key, child);
    return child;
  };
}
