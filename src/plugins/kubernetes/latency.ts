/** The time from a change in the cluster to its answer here: SIG Scalability's DNS programming latency. */
import type { ClusterObject } from '../../cluster/objects.ts';
import type { ClusterStore } from '../../cluster/store.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

/** Seconds: 1 ms, doubled up to about 9 minutes. */
const BUCKETS = Array.from({ length: 20 }, (_, k) => 0.001 * 2 ** k);

export function observeProgrammingLatency(store: ClusterStore, metrics: Metrics, log: Logger): void {
  const histogram = metrics.histogram(
    'coredns_kubernetes_dns_programming_duration_seconds',
    'Histogram of the time (in seconds) it took to program a dns instance.',
    ['service_kind'],
    BUCKETS,
  );
  store.onChange((object) => {
    // What was there before the start was not programmed by this process.
    if (!store.synced) return;
    const changedAt = triggerTime(object);
    if (changedAt === undefined || object.kind !== 'EndpointSlice') return;
    const service = store.namespace(object.namespace)?.services.get(object.service)?.object;
    if (service === undefined) return;
    if (Number.isNaN(changedAt)) {
      log.warning(`Ignoring endpoint change with a bad trigger time: "${object.lastChangeTriggerTime}"`);
      return;
    }
    const kind = service.type === 'Headless' ? 'headless_with_selector' : 'cluster_ip';
    histogram.labels(kind).observe(Math.max(0, Date.now() - changedAt) / 1000);
  });
}

/** Milliseconds since 1970; undefined without the annotation, NaN where it is no time. */
function triggerTime(object: ClusterObject): number | undefined {
  if (object.kind !== 'EndpointSlice' || object.lastChangeTriggerTime === '') return undefined;
  return Date.parse(object.lastChangeTriggerTime);
}
