/** What client-go's users see of its requests, under CoreDNS's names. */
import type { CounterChild, HistogramChild, Labeled, Metrics } from '../../../telemetry/metrics.ts';

/** Prometheus' default buckets, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const METHOD = 'GET';
/** `code` of a request that got no answer. */
const NO_ANSWER = '<error>';

export class RestMetrics {
  readonly #requests: Labeled<CounterChild>;
  readonly #duration: Labeled<HistogramChild>;

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter(
      'coredns_kubernetes_rest_client_requests_total',
      'Number of HTTP requests, partitioned by status code, method, and host.',
      ['code', 'method', 'host'],
    );
    this.#duration = metrics.histogram(
      'coredns_kubernetes_rest_client_request_duration_seconds',
      'Request latency in seconds, broken down by verb and host.',
      ['verb', 'host'],
      BUCKETS,
    );
    // Nothing here holds requests back, so this one stays empty: dashboards find the name all the same.
    metrics.histogram(
      'coredns_kubernetes_rest_client_rate_limiter_duration_seconds',
      'Client side rate limiter latency in seconds, broken down by verb and host.',
      ['verb', 'host'],
      BUCKETS,
    );
  }

  answered(status: number, server: string): void {
    this.#requests.labels(String(status), METHOD, hostOf(server)).inc();
  }

  unanswered(server: string): void {
    this.#requests.labels(NO_ANSWER, METHOD, hostOf(server)).inc();
  }

  /** A request with its whole body; watches, which take minutes by intent, are not measured. */
  took(milliseconds: number, server: string): void {
    this.#duration.labels(METHOD, hostOf(server)).observe(milliseconds / 1000);
  }
}

/** Host and port as the operator wrote them: a `URL` would drop a port that is the scheme's own. */
function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}
