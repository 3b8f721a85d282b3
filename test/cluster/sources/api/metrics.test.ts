import { expect, test } from 'vitest';
import { RestMetrics } from '../../../../src/cluster/sources/api/rest-metrics.ts';
import { PromMetrics } from '../../../../src/telemetry/prom-metrics.ts';
import { SERVICES } from './fake-api-server.ts';
import { status } from './faults.ts';
import { eventually, fakeServer, run, synced } from './harness.ts';

test('requests are counted by code, lists are timed, and every name of CoreDNS is there', async () => {
  const server = await fakeServer();
  server.failNext(SERVICES, 'list', status(403, 'no'));
  const { sink, metrics } = await run({ endpoint: server.url });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  const host = `127.0.0.1:${server.port}`;
  await eventually(async () => {
    const text = await metrics.exposition();
    const counted = (code: string) =>
      `coredns_kubernetes_rest_client_requests_total{code="${code}",method="GET",host="${host}"}`;
    // Two lists and two watches.
    expect(text).toContain(`${counted('200')} 4\n`);
    expect(text).toContain(`${counted('403')} 1\n`);
    const timed = 'coredns_kubernetes_rest_client_request_duration_seconds';
    expect(text).toContain(`${timed}_count{verb="GET",host="${host}"} 3\n`);
    expect(text).toMatch(new RegExp(`${timed}_bucket\\{le="0\\.005",verb="GET",host="${host}"\\}`));
    const limited = 'coredns_kubernetes_rest_client_rate_limiter_duration_seconds';
    expect(text).toContain(`# TYPE ${limited} histogram\n`);
    expect(text).not.toContain(`${limited}_count`);
  });
});

test('a request without an answer is counted as client-go counts it', async () => {
  const server = await fakeServer();
  const host = `127.0.0.1:${server.port}`;
  await server.stop();
  const { metrics } = await run({ endpoint: `http://${host}` });
  await eventually(async () =>
    expect(await metrics.exposition()).toContain(
      `coredns_kubernetes_rest_client_requests_total{code="<error>",method="GET",host="${host}"}`,
    ),
  );
});

test('durations are in seconds, and a host keeps the port that was written', async () => {
  const metrics = new PromMetrics();
  new RestMetrics(metrics).took(1_500, 'https://10.96.0.1:443/prefix');
  expect(await metrics.exposition()).toContain(
    'coredns_kubernetes_rest_client_request_duration_seconds_sum{verb="GET",host="10.96.0.1:443"} 1.5\n',
  );
});
