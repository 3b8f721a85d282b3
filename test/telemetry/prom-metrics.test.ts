import { describe, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';

/** The samples of one metric, without the lines that describe it. */
async function samples(metrics: PromMetrics, prefix: string): Promise<string[]> {
  const text = await metrics.exposition();
  return text.split('\n').filter((line) => line.startsWith(prefix));
}

describe('exposition', () => {
  test('a counter', async () => {
    const metrics = new PromMetrics();
    const requests = metrics.counter('t_requests_total', 'Requests.', ['server', 'zone']);
    requests.labels('dns://:53', '.').inc();
    requests.labels('dns://:53', '.').inc(2);
    requests.labels('dns://:53', 'a"b\\c.').inc();
    const text = await metrics.exposition();
    expect(text).toContain('# HELP t_requests_total Requests.\n# TYPE t_requests_total counter\n');
    expect(await samples(metrics, 't_requests_total{')).toEqual([
      't_requests_total{server="dns://:53",zone="."} 3',
      't_requests_total{server="dns://:53",zone="a\\"b\\\\c."} 1',
    ]);
  });

  test('a metric without labels is zero from the start; one with labels has no sample yet', async () => {
    const metrics = new PromMetrics();
    metrics.counter('t_panics_total', 'Panics.', []);
    metrics.counter('t_other_total', 'Others.', ['zone']);
    expect(await samples(metrics, 't_')).toEqual(['t_panics_total 0']);
  });

  test('a gauge takes the last value, and reset forgets its label sets', async () => {
    const metrics = new PromMetrics();
    const gauge = metrics.gauge('t_entries', 'Entries.', ['file']);
    gauge.labels('a').set(5);
    gauge.labels('a').set(3);
    expect(await samples(metrics, 't_entries{')).toEqual(['t_entries{file="a"} 3']);
    gauge.reset();
    expect(await samples(metrics, 't_entries{')).toEqual([]);
  });

  test('a histogram: buckets count up, bounds belong to their bucket', async () => {
    const metrics = new PromMetrics();
    const sizes = metrics.histogram('t_bytes', 'Sizes.', ['proto'], [0, 100, 511]).labels('udp');
    for (const bytes of [0, 100, 101, 511, 512]) sizes.observe(bytes);
    expect(await samples(metrics, 't_bytes_')).toEqual([
      't_bytes_bucket{le="0",proto="udp"} 1',
      't_bytes_bucket{le="100",proto="udp"} 2',
      't_bytes_bucket{le="511",proto="udp"} 4',
      't_bytes_bucket{le="+Inf",proto="udp"} 5',
      't_bytes_sum{proto="udp"} 1224',
      't_bytes_count{proto="udp"} 5',
    ]);
  });

  test('process metrics are always there', async () => {
    const text = await new PromMetrics().exposition();
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
    expect(text).toMatch(/^process_start_time_seconds \d{10}/m);
    expect(text).not.toMatch(/^nodejs_/m);
  });

  test('engine metrics only when asked, however often', async () => {
    const metrics = new PromMetrics();
    metrics.enableRuntimeMetrics();
    metrics.enableRuntimeMetrics();
    const text = await metrics.exposition();
    expect(text).toMatch(/^nodejs_heap_size_used_bytes \d+$/m);
    expect(text.match(/^process_cpu_seconds_total /gm)).toHaveLength(1);
  });
});

describe('asking twice', () => {
  test('gives the same metric and the same accumulator', async () => {
    const metrics = new PromMetrics();
    const first = metrics.counter('t_total', 'T.', ['a']).labels('x');
    expect(metrics.counter('t_total', 'T.', ['a']).labels('x')).toBe(first);
  });

  test('for another kind of metric is a mistake', () => {
    const metrics = new PromMetrics();
    metrics.counter('t_total', 'T.', []);
    expect(() => metrics.gauge('t_total', 'T.', [])).toThrow('t_total');
  });

  test('with a wrong number of labels is a mistake', () => {
    const counter = new PromMetrics().counter('t_total', 'T.', ['a', 'b']);
    expect(() => counter.labels('x')).toThrow('t_total has the labels a, b; got 1');
  });
});

test('label sets beyond the bound are counted together', async () => {
  const metrics = new PromMetrics();
  const counter = metrics.counter('t_total', 'T.', ['name']);
  for (let i = 0; i < limits.labelSetsPerMetric + 5; i++) counter.labels(`n${i}`).inc();
  const lines = await samples(metrics, 't_total{');
  expect(lines).toHaveLength(limits.labelSetsPerMetric + 1);
  expect(lines.at(-1)).toBe('t_total{name="overflow"} 5');
});
