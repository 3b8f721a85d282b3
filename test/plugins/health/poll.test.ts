import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, vi } from 'vitest';
import { HealthPoll } from '../../../src/plugins/health/poll.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { recordingLogger } from '../../support/logger.ts';

const URL = 'http://:8080/health';

async function poll(answer: Parameters<typeof createServer>[1]) {
  const server = createServer(answer as () => void);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const [metrics, log] = [new PromMetrics(), recordingLogger()];
  const polling = new HealthPoll(server.address() as AddressInfo, URL, metrics, log);
  const stop = async () => {
    polling.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { metrics, lines: log.lines, stop };
}

test.concurrent('an endpoint that hangs up is a failure', async ({ expect }) => {
  const { metrics, lines, stop } = await poll(((request: { socket: { destroy(): void } }) => {
    request.socket.destroy();
  }) as never);
  await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 20_000 });
  await stop();
  expect(lines[0]).toBe(`[WARNING] Local health request to "${URL}" failed: socket hang up`);
  expect(await metrics.exposition()).toMatch(/^coredns_health_request_failures_total [1-9]/m);
});

test.concurrent('an endpoint that never answers is a failure after three seconds', async ({ expect }) => {
  const { metrics, lines, stop } = await poll(() => {});
  await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 20_000 });
  await stop();
  expect(lines[0]).toBe(`[WARNING] Local health request to "${URL}" failed: no reply within 3s`);
  expect(await metrics.exposition()).toMatch(/^coredns_health_request_duration_seconds_count [1-9]/m);
});

test.concurrent('a slow answer is told', async ({ expect }) => {
  const { metrics, lines, stop } = await poll(((_request: unknown, response: { end(): void }) => {
    setTimeout(() => response.end(), 1_100);
  }) as never);
  await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 20_000 });
  await stop();
  expect(lines[0]).toMatch(
    /^\[WARNING\] Local health request to "http:\/\/:8080\/health" took more than 1s: [1-9]/,
  );
  expect(await metrics.exposition()).toMatch(/^coredns_health_request_failures_total 0$/m);
});
