/** What is counted of upstreams, under CoreDNS's names. */
import { rcodeName } from '../../dns/types.ts';
import { TIME_BUCKETS } from '../../telemetry/dns-metrics.ts';
import type { CounterChild, HistogramChild, Metrics } from '../../telemetry/metrics.ts';

export class ForwardMetrics {
  readonly maxConcurrentRejects: CounterChild;
  /** Adds the seconds of an exchange that the upstream answered. */
  readonly observe: (to: string, rcode: number, seconds: number) => void;

  constructor(metrics: Metrics) {
    this.maxConcurrentRejects = metrics
      .counter(
        'coredns_forward_max_concurrent_rejects_total',
        'Counter of the number of queries rejected because the concurrent queries were at maximum.',
        [],
      )
      .labels();
    // Stays 0 until upstreams are checked; dashboards ask for it.
    metrics
      .counter(
        'coredns_forward_healthcheck_broken_total',
        'Counter of the number of complete failures of the healthchecks.',
        [],
      )
      .labels();
    this.observe = observer(metrics);
  }
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
