/** A source with short time-outs, its sink, its log and its metrics; everything is stopped after each test. */
import { afterEach, expect, vi } from 'vitest';
import { ApiSource, type ApiSourceOptions } from '../../../../src/cluster/sources/api/api-source.ts';
import { type ApiBounds, defaultBounds } from '../../../../src/cluster/sources/api/bounds.ts';
import type { PodSurroundings } from '../../../../src/cluster/sources/api/identity.ts';
import { PromMetrics } from '../../../../src/telemetry/prom-metrics.ts';
import { type RecordingLogger, recordingLogger } from '../../../support/logger.ts';
import { FakeApiServer } from './fake-api-server.ts';
import { RecordingSink } from './recording-sink.ts';

export interface Running {
  readonly source: ApiSource;
  readonly sink: RecordingSink;
  readonly log: RecordingLogger;
  readonly metrics: PromMetrics;
}

/** A watch that lasts beyond the longest back-off has been of use, so tests keep that one well apart. */
const quickBounds: ApiBounds = {
  ...defaultBounds,
  requestMs: 5_000,
  backoffMinMs: 2,
  backoffMaxMs: 20,
  retryAfterMaxMs: 20,
};

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  // Sources first: a server that goes away would only make them retry.
  for (const stop of stops.splice(0).reverse()) await stop();
});

export async function fakeServer(security?: 'plain' | 'tls' | 'mutual'): Promise<FakeApiServer> {
  const server = await new FakeApiServer(security).start();
  stops.push(() => server.stop());
  return server;
}

export interface RunOptions extends Partial<ApiSourceOptions> {
  readonly bounds?: Partial<ApiBounds>;
  readonly podSurroundings?: PodSurroundings;
}

/** Services and Namespaces only, unless the options say more. */
export async function run({ bounds, podSurroundings, ...options }: RunOptions): Promise<Running> {
  const sink = new RecordingSink();
  const log = recordingLogger();
  const metrics = new PromMetrics();
  const source = new ApiSource(
    { pods: false, multicluster: false, endpoints: false, ...options },
    {
      log,
      metrics,
      version: '1.2.3',
      bounds: { ...quickBounds, ...bounds },
      ...(podSurroundings && { pod: podSurroundings }),
    },
  );
  stops.push(() => source.stop());
  await source.start(sink);
  return { source, sink, log, metrics };
}

/** Waits until the assertions hold. */
export function eventually(assertions: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertions, { timeout: 20_000, interval: 5 });
}

export async function synced(sink: RecordingSink, count = 2): Promise<void> {
  await eventually(() => expect(sink.synced.size).toBe(count));
}
