import { afterEach, describe, expect, test, vi } from 'vitest';
import { healthPlugin } from '../../../src/plugins/health/index.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { ask, freePort, isRefused, listeningPort } from '../../support/http.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';

const started: TestSetup[] = [];

async function start(corefile: string, metrics = new PromMetrics()): Promise<TestSetup> {
  const setup = makeSetup({ plugin: 'health', metrics });
  expect(setUp(healthPlugin, corefile, setup)).toBeUndefined();
  await setup.start();
  started.push(setup);
  return setup;
}

afterEach(async () => {
  for (const setup of started.splice(0)) await setup.shutdown(true);
});

describe('the endpoint', () => {
  test('says OK, and nothing else', async () => {
    const { lines } = await start('health 127.0.0.1:0');
    const port = listeningPort(lines);
    expect(await ask(port, '/health')).toEqual({ status: 200, body: 'OK' });
    expect((await ask(port, '/')).status).toBe(404);
    expect((await ask(port, '/healthz')).status).toBe(404);
  });

  test('is not open before the start', () => {
    const setup = makeSetup();
    setUp(healthPlugin, 'health 192.0.2.1:1', setup);
    expect(setup.lines).toEqual([]);
  });

  test('is shared by blocks, and stays over a reload', async () => {
    const port = await freePort();
    const old = await start(`health 127.0.0.1:${port}`);
    await start(`health 127.0.0.1:${port}`);
    await old.shutdown(true);
    expect((await ask(port, '/health')).status).toBe(200);
  });

  test('closes when a reload has left it out', async () => {
    const setup = await start('health 127.0.0.1:0');
    await setup.shutdown(true);
    expect(await isRefused(listeningPort(setup.lines))).toBe(true);
  });
});

describe('at the end', () => {
  test('it answers during lameduck, then closes', async () => {
    const setup = await start('health 127.0.0.1:0 {\nlameduck 250ms\n}');
    const port = listeningPort(setup.lines);
    await setup.shutdown(false);
    expect((await ask(port, '/health')).status).toBe(200);
    const end = setup.finalShutdown();
    expect(setup.lines.at(-1)).toBe('[INFO] plugin/health: Going into lameduck mode for 250ms');
    expect((await ask(port, '/health')).status).toBe(200);
    await end;
    expect(await isRefused(port)).toBe(true);
  });

  test('without lameduck it does not say a word', async () => {
    const setup = await start('health 127.0.0.1:0');
    const before = setup.lines.length;
    await setup.shutdown(false);
    await setup.finalShutdown();
    expect(setup.lines).toHaveLength(before);
    expect(await isRefused(listeningPort(setup.lines))).toBe(true);
  });

  test('of a start that failed, there is nothing to wait for', async () => {
    const setup = makeSetup({ plugin: 'health' });
    setUp(healthPlugin, 'health 192.0.2.1:0 {\nlameduck 1h\n}', setup);
    await expect(setup.start()).rejects.toThrow('listen tcp 192.0.2.1:0');
    await setup.shutdown(true);
    await setup.finalShutdown();
  });
});

test('it asks itself each second, and counts how long that takes', async () => {
  const metrics = new PromMetrics();
  await start('health 127.0.0.1:0', metrics);
  await vi.waitFor(
    async () => {
      const text = await metrics.exposition();
      expect(text).toMatch(/^coredns_health_request_duration_seconds_count [1-9]/m);
      expect(text).toMatch(/^coredns_health_request_failures_total 0$/m);
      expect(text).toMatch(/^coredns_health_request_duration_seconds_bucket\{le="2.5"\} [1-9]/m);
    },
    { timeout: 20_000, interval: 50 },
  );
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['health localhost', 'address localhost: missing port in address'],
    ['health :1 :2', "Wrong argument count or unexpected line ending after ':2'"],
    ['health {\nlameduck\n}', "Wrong argument count or unexpected line ending after 'lameduck'"],
    ['health {\nlameduck soon\n}', 'invalid duration "soon"'],
    ['health {\nlameduck 1s 2s\n}', "Wrong argument count or unexpected line ending after '2s'"],
    ['health {\nbambi 1s\n}', "unknown property 'bambi'"],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => setUp(healthPlugin, corefile, makeSetup())).toThrow(message);
  });
});
