/** What is counted of upstreams, under CoreDNS's names. */
import { rcodeName } from '../../dns/types.ts';
import { TIME_BUCKETS } from '../../telemetry/dns-metrics.ts';
import type { CounterChild, HistogramChild, Metrics } from '../../telemetry/metrics.ts';

const HITS = 'coredns_proxy_conn_cache_hits_total';
const MISSES = 'coredns_proxy_conn_cache_misses_total';

export class ForwardMetrics {
  readonly maxConcurrentRejects: CounterChild;
  /** A query found all upstreams of its stanza down. */
  readonly healthCheckBroken: CounterChild;
  /** A query waited for the answer to another's question. */
  readonly coalesced: CounterChild;
  /** Adds the seconds of an exchange that the upstream answered. */
  readonly observe: (to: string, rcode: number, seconds: number) => void;
  readonly healthCheckFailed: (to: string) => void;
  /** An exchange found a connection (`hit`), or made one. */
  readonly pooled: (to: string, protocol: string, hit: boolean) => void;

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
    this.observe = observer(metrics);
    const failures = metrics.counter(
      'coredns_proxy_healthcheck_failures_total',
      'Counter of the number of failed healthchecks.',
      ['proxy_name', 'to'],
    );
    this.healthCheckFailed = (to) => failures.labels('forward', to).inc();
    this.pooled = poolCounter(metrics);
  }
}

function poolCounter(metrics: Metrics): ForwardMetrics['pooled'] {
  const labels = ['proxy_name', 'to', 'proto'];
  const hits = metrics.counter(HITS, 'Counter of connection cache hits per upstream and protocol.', labels);
  const misses = metrics.counter(
    MISSES,
    'Counter of connection cache misses per upstream and protocol.',
    labels,
  );
  const children = new Map<string, CounterChild>();
  return (to, protocol, hit) => {
    const key = `${hit} ${protocol} ${to}`;
    const child = children.get(key) ?? (hit ? hits : misses).labels('forward', to, protocol);
    children.set(key, child);
    child.inc();
  };
}

function observer(metrics: Metrics): ForwardMetrics['observe'] {
  const durations = metrics.histogram(
    'coredns_proxy_request_duration_seconds',
    'Histogram of the time each request took.',
    ['proxy_name', 'to', 'rcode'],
    TIME_BUCKETS,
  );
  const children = new Map<string, HistogramChild>();
  return (to, rcode, seconds) => {
    const key = `${rcode} ${to}`;
    const child = children.get(key) ?? durations.labels('forward', to, rcodeName(rcode));
    children.set(key, child);
    child.observe(seconds);
  };
}
