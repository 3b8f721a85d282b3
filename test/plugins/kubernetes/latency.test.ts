/** SIG Scalability's DNS programming latency, as the exposition has it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClusterStore } from '../../../src/cluster/store.ts';
import { observeProgrammingLatency } from '../../../src/plugins/kubernetes/latency.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { recordingLogger } from '../../support/logger.ts';

const NAME = 'coredns_kubernetes_dns_programming_duration_seconds';
const NOW = Date.parse('2026-03-01T12:00:00Z');

let metrics: PromMetrics;
let log: ReturnType<typeof recordingLogger>;
beforeEach(() => {
  vi.spyOn(Date, 'now').mockReturnValue(NOW);
  metrics = new PromMetrics();
  log = recordingLogger();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Count and sum by kind of Service. */
async function observed(): Promise<Record<string, [count: number, sum: number]>> {
  const text = await metrics.exposition();
  const values = (what: string) =>
    new Map(
      [...text.matchAll(new RegExp(`^${NAME}_${what}\\{service_kind="(\\w+)"\\} (\\S+)$`, 'gm'))].map(
        ([, kind = '', value]) => [kind, Number(value)],
      ),
    );
  const sums = values('sum');
  return Object.fromEntries(
    [...values('count')].map(([kind, count]) => [kind, [count, sums.get(kind) ?? -1]]),
  );
}

function watchedStore(): ClusterStore {
  const store = storeOf([
    namespace('prod'),
    service('prod/web', { ips: ['10.96.0.1'] }),
    service('prod/db', { ips: 'None' }),
    slice('prod/old-x', { service: 'web', lastChange: '2026-03-01T11:00:00Z' }),
  ]);
  observeProgrammingLatency(store, metrics, log);
  return store;
}

const changed = (name: string, of: string, lastChange: string) =>
  slice(`prod/${name}`, { service: of, endpoints: ['10.1.0.1'], lastChange });

test('the time since the change, in seconds, by the kind of the Service', async () => {
  const store = watchedStore();
  store.upsert(changed('web-a', 'web', '2026-03-01T11:59:58Z'));
  store.upsert(changed('web-a', 'web', '2026-03-01T11:59:59.5Z'));
  store.upsert(changed('db-a', 'db', '2026-03-01T11:59:59.123456789Z'));
  store.remove({ kind: 'EndpointSlice', namespace: 'prod', name: 'web-a' });
  expect(await observed()).toEqual({ cluster_ip: [3, 3], headless_with_selector: [1, 0.877] });
  expect(log.lines).toEqual([]);
});

test('buckets are 1 ms, doubled nineteen times', async () => {
  const store = watchedStore();
  store.upsert(changed('web-a', 'web', '2026-03-01T11:59:59.997Z'));
  const text = await metrics.exposition();
  const buckets = [...text.matchAll(new RegExp(`^${NAME}_bucket\\{(.*)\\} (\\d+)$`, 'gm'))];
  expect(buckets).toHaveLength(21);
  const labels = buckets.map(([, found = '', count]) => `${/le="([^"]+)"/.exec(found)?.[1]} ${count}`);
  expect(labels.slice(0, 4)).toEqual(['0.001 0', '0.002 0', '0.004 1', '0.008 1']);
  expect(labels.slice(-2)).toEqual(['524.288 1', '+Inf 1']);
  expect(text).toContain(`# TYPE ${NAME} histogram\n`);
});

test('a clock that is ahead makes no negative time', async () => {
  watchedStore().upsert(changed('web-a', 'web', '2026-03-01T12:00:05Z'));
  expect(await observed()).toEqual({ cluster_ip: [1, 0] });
});

test('not before the state is complete, not without the annotation, not without the Service', async () => {
  const store = new ClusterStore({ kinds: ['Service', 'EndpointSlice'] });
  observeProgrammingLatency(store, metrics, log);
  store.upsert(service('prod/web', { ips: ['10.96.0.1'] }));
  store.upsert(changed('web-a', 'web', '2026-03-01T11:59:58Z'));
  store.beginList('Service').finish();
  store.beginList('EndpointSlice').finish();
  const synced = watchedStore();
  synced.upsert(changed('web-a', 'web', ''));
  synced.upsert(changed('none-a', 'none', '2026-03-01T11:59:58Z'));
  synced.upsert(changed('free-a', '', '2026-03-01T11:59:58Z'));
  synced.upsert(service('prod/web', { ips: ['10.96.0.9'] }));
  expect(await observed()).toEqual({});
});

test('an annotation that is no time is told, and not counted', async () => {
  watchedStore().upsert(changed('web-a', 'web', 'yesterday'));
  expect(log.lines).toEqual(['[WARNING] Ignoring endpoint change with a bad trigger time: "yesterday"']);
  expect(await observed()).toEqual({});
});
