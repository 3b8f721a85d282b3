/**
 * Whatever happens to the cluster and to the connection, in whatever order: once it is quiet, the sink holds
 * what a fresh list holds, and nothing that was there all the while was ever missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { ApiSource } from '../../../../src/cluster/sources/api/api-source.ts';
import { defaultBounds } from '../../../../src/cluster/sources/api/bounds.ts';
import { PromMetrics } from '../../../../src/telemetry/prom-metrics.ts';
import { recordingLogger } from '../../../support/logger.ts';
import { FakeApiServer, SERVICES } from './fake-api-server.ts';
import { answer, cutAfter, type Fault, hangUp, silence, status } from './faults.ts';
import { eventually } from './harness.ts';
import { service } from './objects.ts';
import { RecordingSink } from './recording-sink.ts';

/** `name` is for the report of a failed run. */
interface Step {
  readonly name: string;
  readonly act: (server: FakeApiServer) => void;
}

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const ANCHOR = 'anchor';

const changes: fc.Arbitrary<Step> = fc.constantFrom(
  ...names.flatMap((name) => [
    { name: `put ${name}`, act: (server: FakeApiServer) => server.put(SERVICES, service(name)) },
    { name: `delete ${name}`, act: (server: FakeApiServer) => server.delete(SERVICES, name, 'shop') },
  ]),
);

const faults: Readonly<Record<string, Fault>> = {
  '401': status(401, 'no'),
  '403': status(403, 'no'),
  '410': status(410, 'too old'),
  '429': status(429, 'slow down', { 'Retry-After': '1' }),
  '500': status(500, 'etcd is slow'),
  hangUp,
  silence,
  'half a line': cutAfter('{"type":"ADDED","object":{"metadata":{"name":"gho'),
  'half a page': answer('{"metadata":{"resourceVersion":"1"},"items":[{"metad'),
  'not JSON': answer('<html></html>\n'),
  'an empty answer': answer(''),
};

const scripted: fc.Arbitrary<Step> = fc.constantFrom(
  ...Object.entries(faults).flatMap(([name, fault]) =>
    (['list', 'watch'] as const).map((verb) => ({
      name: `next ${verb}: ${name}`,
      act: (server: FakeApiServer) => server.failNext(SERVICES, verb, fault),
    })),
  ),
);

const accidents: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  { name: 'end', act: (server) => server.endStreams(SERVICES) },
  { name: 'break', act: (server) => server.breakStreams(SERVICES) },
  { name: 'half a line', act: (server) => server.send(SERVICES, '{"type":"DELETED",') },
  { name: 'garbage', act: (server) => server.send(SERVICES, 'garbage\n') },
  { name: 'long line', act: (server) => server.send(SERVICES, 'x'.repeat(3_000)) },
  { name: 'stall', act: (server) => server.stallStreams(SERVICES) },
  { name: 'compact', act: (server) => server.compact() },
  { name: 'bookmark', act: (server) => server.bookmark(SERVICES) },
  { name: 'gone as status', act: (server) => Object.assign(server, { goneAs: 'status' }) },
  { name: 'gone as event', act: (server) => Object.assign(server, { goneAs: 'event' }) },
  { name: 'pieces of 5', act: (server) => Object.assign(server, { chunkBytes: 5 }) },
  { name: 'whole lines', act: (server) => Object.assign(server, { chunkBytes: 0 }) },
);

/** After each step the source gets some way, or none. */
const waitMs = fc.constantFrom(0, 0, 0, 1, 2, 5);

const script = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 5, arbitrary: changes },
      { weight: 2, arbitrary: scripted },
      { weight: 3, arbitrary: accidents },
    ),
    waitMs,
  ),
  { minLength: 5, maxLength: 60 },
);

const running = new Set<{ stop(): Promise<void> }>();
afterEach(async () => {
  for (const each of running) await each.stop();
  running.clear();
});

function startSource(server: FakeApiServer, log = recordingLogger()): ApiSource {
  const options = { endpoint: server.url, pods: false, multicluster: false, endpoints: false };
  const bounds = {
    ...defaultBounds,
    pageObjects: 2,
    watchLineBytes: 2_000,
    requestMs: 40,
    backoffMinMs: 1,
    backoffMaxMs: 4,
    retryAfterMaxMs: 5,
    watchMinSeconds: 0,
    watchMaxSeconds: 0,
    watchSilenceMs: 60,
  };
  return new ApiSource(options, { log, metrics: new PromMetrics(), version: '0', bounds });
}

function versionsAt(server: FakeApiServer): string[] {
  const objects = server.objects(SERVICES);
  return objects.map(({ metadata }) => `shop/${metadata.name}@${metadata.resourceVersion}`).sort();
}

/** Notes when the anchor was not there although the kind was synced. */
class WatchfulSink extends RecordingSink {
  anchorLost = false;

  override remove(key: Parameters<RecordingSink['remove']>[0]): void {
    super.remove(key);
    this.#look();
  }

  override beginList(kind: Parameters<RecordingSink['beginList']>[0]) {
    const list = super.beginList(kind);
    this.#look();
    return {
      ...list,
      finish: () => {
        list.finish();
        this.#look();
      },
    };
  }

  #look(): void {
    if (this.synced.has('Service') && !this.objects.has(`Service shop/${ANCHOR}`)) this.anchorLost = true;
  }
}

async function quiet(server: FakeApiServer, sink: RecordingSink): Promise<void> {
  await eventually(() => {
    expect(sink.synced.has('Service')).toBe(true);
    expect(sink.versions('Service')).toEqual(versionsAt(server));
  });
}

test('at quiescence the sink equals a fresh list', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), script, async (protobuf, steps) => {
      const server = await new FakeApiServer().start();
      server.protobuf = protobuf;
      const source = startSource(server);
      const sink = new WatchfulSink();
      running.add(source).add(server);
      server.put(SERVICES, service(ANCHOR));
      await source.start(sink);
      for (const [step, pauseMs] of steps) {
        step.act(server);
        if (pauseMs > 0) await sleep(pauseMs);
      }
      await quiet(server, sink);
      // It may have been right by chance while the watch was lost.
      server.put(SERVICES, service('last'));
      await quiet(server, sink);
      expect(sink.anchorLost).toBe(false);
      await source.stop();
      await server.stop();
      running.clear();
    }),
    { numRuns: 100, interruptAfterTimeLimit: 60_000 },
  );
});
