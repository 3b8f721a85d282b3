import { afterEach, describe, expect, test } from 'vitest';
import { Rcode, RrType } from '../../../src/dns/types.ts';
import type { Plugin } from '../../../src/plugins/plugin.ts';
import { prometheusPlugin } from '../../../src/plugins/prometheus/index.ts';
import { makeReply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { ask, freePort, isRefused, listeningPort } from '../../support/http.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, type SetupOptions, setUp, type TestSetup } from '../../support/setup.ts';

const started: TestSetup[] = [];

async function start(corefile: string, options: SetupOptions = {}) {
  const setup = makeSetup({ plugin: 'prometheus', ...options });
  const plugin = setUp(prometheusPlugin, corefile, setup) as Plugin;
  await setup.start();
  started.push(setup);
  return { setup, plugin, port: listeningPort(setup.lines) };
}

afterEach(async () => {
  for (const setup of started.splice(0)) await setup.shutdown(true);
});

describe('queries', () => {
  test('are counted once their reply is out, under the longest zone', async () => {
    const { plugin, port } = await start('prometheus 127.0.0.1:0', {
      zones: ['.', 'Cluster.Local.', 'svc.cluster.local.'],
    });
    const reply = makeReply({ plugin: 'kubernetes', aa: true });
    const query = makeQuery({ name: 'a.SVC.cluster.local.', type: RrType.AAAA, size: 60 });
    expect(plugin.serve(query, () => reply)).toBe(reply);
    expect((await ask(port, '/metrics')).body).not.toMatch(/^coredns_dns_requests_total\{.* [1-9]/m);
    query.sent(130, Rcode.NOERROR);

    const failed = makeReply({ rcode: 3, plugin: 'forward', reason: reasons.noSuchService });
    const other = makeQuery({ name: 'example.org.', transport: 'tcp', edns: { do: true } });
    expect(await plugin.serve(other, async () => failed)).toBe(failed);
    other.sent(90, Rcode.NXDOMAIN);

    const lines = (await ask(port, '/metrics')).body.split('\n');
    const labels = 'server="dns://:53",zone="svc.cluster.local.",view=""';
    for (const line of [
      `coredns_dns_requests_total{${labels},proto="udp",family="1",type="AAAA"} 1`,
      `coredns_dns_responses_total{${labels},rcode="NOERROR",plugin="kubernetes"} 1`,
      `coredns_dns_request_size_bytes_sum{${labels},proto="udp"} 60`,
      `coredns_dns_response_size_bytes_sum{${labels},proto="udp"} 130`,
      `coredns_dns_request_duration_seconds_count{${labels}} 1`,
      'coredns_dns_responses_total{server="dns://:53",zone=".",view="",rcode="NXDOMAIN",plugin="forward"} 1',
      'coredns_dns_do_requests_total{server="dns://:53",zone=".",view=""} 1',
      'corvidns_non_answers_total{server="dns://:53",zone=".",reason="no-such-service"} 1',
    ]) {
      expect(lines).toContain(line);
    }
  });

  test('outside all zones of the block count for the root', async () => {
    const { plugin, port } = await start('prometheus 127.0.0.1:0', { zones: ['example.org.'] });
    const query = makeQuery({ name: 'example.com.' });
    plugin.serve(query, () => makeReply({}));
    query.sent(50, 0);
    expect((await ask(port, '/metrics')).body).toContain('{server="dns://:53",zone=".",view=""');
  });
});

describe('the endpoint', () => {
  test('speaks the text format', async () => {
    const { port } = await start('prometheus 127.0.0.1:0');
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    // fetch asks for gzip and unpacks it.
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toMatch(/^process_cpu_seconds_total /m);
    expect((await ask(port, '/')).status).toBe(404);
  });

  const encodings: [accept: string, encoding: string | null][] = [
    ['identity', null],
    ['gzip;q=0', null],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['*', 'gzip'],
  ];
  test.each(encodings)('for Accept-Encoding: %s packs as %s', async (accept, encoding) => {
    const { port } = await start('prometheus 127.0.0.1:0');
    const headers = { 'accept-encoding': accept, connection: 'close' };
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(await response.text()).toContain('process_cpu_seconds_total');
  });

  test('is shared by blocks, and stays over a reload with its counts', async () => {
    const [port, metrics] = [await freePort(), new PromMetrics()];
    const old = await start(`prometheus 127.0.0.1:${port}`, { metrics });
    const query = makeQuery();
    old.plugin.serve(query, () => makeReply({ plugin: 'whoami' }));
    query.sent(50, 0);
    await start(`prometheus 127.0.0.1:${port}`, { metrics });
    await old.setup.shutdown(true);
    expect((await ask(port, '/metrics')).body).toContain('rcode="NOERROR",plugin="whoami"} 1');
  });

  test('answers through lameduck, and closes at the very end', async () => {
    const { setup, port } = await start('prometheus 127.0.0.1:0');
    await setup.shutdown(false);
    expect((await ask(port, '/metrics')).status).toBe(200);
    await setup.finalShutdown();
    expect(await isRefused(port)).toBe(true);
  });

  test('has engine metrics if asked', async () => {
    const { port } = await start('prometheus 127.0.0.1:0 {\nruntime_metrics\n}');
    expect((await ask(port, '/metrics')).body).toMatch(/^nodejs_version_info\{/m);
  });
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['prometheus localhost', 'address localhost: missing port in address'],
    ['prometheus :1 :2', "Wrong argument count or unexpected line ending after ':2'"],
    ['prometheus\nprometheus', 'this plugin can only be used once per Server Block'],
    ['prometheus {\nruntime_metrics on\n}', "Wrong argument count or unexpected line ending after 'on'"],
    ['prometheus {\ntls\n}', "Wrong argument count or unexpected line ending after 'tls'"],
    ['prometheus {\ntls /no/such/file\n}', 'TLS config file does not exist: /no/such/file'],
    ['prometheus {\nlabels x\n}', 'unknown option: labels'],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => setUp(prometheusPlugin, corefile, makeSetup())).toThrow(message);
  });
});
