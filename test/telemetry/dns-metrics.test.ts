import { describe, expect, test } from 'vitest';
import { RrType } from '../../src/dns/types.ts';
import { makeReply } from '../../src/plugins/reply.ts';
import { reasons } from '../../src/reasons.ts';
import {
  DnsMetrics,
  DROPPED,
  panicsCounter,
  pluginEnabledGauge,
  setBuildInfo,
  TIME_BUCKETS,
} from '../../src/telemetry/dns-metrics.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { makeQuery, type QueryParts } from '../support/query.ts';

async function linesAfter(count: (dns: DnsMetrics) => void): Promise<string[]> {
  const metrics = new PromMetrics();
  count(new DnsMetrics(metrics));
  const lines = (await metrics.exposition()).split('\n');
  // Those of the process itself never stand still.
  return lines.filter((line) => !line.includes('process_'));
}

const SERVER = 'dns://:53';
const ONCE = { times: 1, milliseconds: 0.1 };
const answered = makeReply({ plugin: 'kubernetes' });

describe('requests', () => {
  const cases: [parts: QueryParts, labels: string][] = [
    [{ type: RrType.A }, 'proto="udp",family="1",type="A"'],
    [{ type: RrType.AAAA, client: { address: 'fd00::1' } }, 'proto="udp",family="2",type="AAAA"'],
    [{ type: RrType.SRV, transport: 'tcp' }, 'proto="tcp",family="1",type="SRV"'],
    [{ type: RrType.ANY, transport: 'tcp', client: { address: '::1' } }, 'proto="tcp",family="2",type="ANY"'],
    [{ type: RrType.HTTPS }, 'proto="udp",family="1",type="HTTPS"'],
    [{ type: RrType.NAPTR }, 'proto="udp",family="1",type="other"'],
    [{ type: 65_280 }, 'proto="udp",family="1",type="other"'],
  ];
  test.each(cases)('%j', async (parts, labels) => {
    const lines = await linesAfter((dns) =>
      dns.account(SERVER, 'cluster.local.').tally(makeQuery(parts), answered)({
        ...ONCE,
        bytes: 90,
        rcode: 0,
      }),
    );
    expect(lines).toContain(
      `coredns_dns_requests_total{server="dns://:53",zone="cluster.local.",view="",${labels}} 1`,
    );
  });

  test('with DO set are counted apart', async () => {
    const lines = await linesAfter((dns) => {
      const account = dns.account(SERVER, '.', 'inside');
      account.tally(makeQuery({ edns: { do: true } }), answered)({ ...ONCE, bytes: 90, rcode: 0 });
      account.tally(makeQuery({ edns: { do: false } }), answered)({ ...ONCE, bytes: 90, rcode: 0 });
      account.tally(makeQuery(), answered)({ ...ONCE, bytes: 90, rcode: 0 });
    });
    expect(lines).toContain('coredns_dns_do_requests_total{server="dns://:53",zone=".",view="inside"} 1');
  });
});

describe('responses', () => {
  const cases: [rcode: number, plugin: string, labels: string][] = [
    [0, 'kubernetes', 'rcode="NOERROR",plugin="kubernetes"'],
    [3, 'forward', 'rcode="NXDOMAIN",plugin="forward"'],
    [2, '', 'rcode="SERVFAIL",plugin=""'],
    [24, 'forward', 'rcode="RCODE24",plugin="forward"'],
  ];
  test.each(cases)('rcode %i by "%s"', async (rcode, plugin, labels) => {
    const lines = await linesAfter((dns) =>
      dns.account(SERVER, DROPPED).tally(makeQuery(), makeReply({ plugin }))({ ...ONCE, bytes: 12, rcode }),
    );
    expect(lines).toContain(
      `coredns_dns_responses_total{server="dns://:53",zone="dropped",view="",${labels}} 1`,
    );
  });

  test('without an answer are counted by reason', async () => {
    const reply = makeReply({ rcode: 3, reason: reasons.noSuchService, plugin: 'kubernetes' });
    const lines = await linesAfter((dns) => {
      const account = dns.account(SERVER, 'cluster.local.');
      account.tally(makeQuery(), reply)({ ...ONCE, bytes: 120, rcode: 3 });
      account.tally(makeQuery(), answered)({ ...ONCE, bytes: 120, rcode: 0 });
    });
    const labels = 'server="dns://:53",zone="cluster.local.",reason="no-such-service"';
    expect(lines.filter((line) => line.startsWith('corvidns_non_answers_total{'))).toEqual([
      `corvidns_non_answers_total{${labels}} 1`,
    ]);
  });
});

test('sizes and durations go into CoreDNS buckets', async () => {
  const query = makeQuery({ size: 401 });
  const lines = await linesAfter((dns) =>
    dns.account(SERVER, '.').tally(query, answered)({ times: 1, milliseconds: 9_000, bytes: 0, rcode: 0 }),
  );
  const labels = 'server="dns://:53",zone=".",view=""';
  expect(lines).toContain(`coredns_dns_request_size_bytes_bucket{le="400",${labels},proto="udp"} 0`);
  expect(lines).toContain(`coredns_dns_request_size_bytes_bucket{le="511",${labels},proto="udp"} 1`);
  expect(lines).toContain(`coredns_dns_response_size_bytes_bucket{le="0",${labels},proto="udp"} 1`);
  expect(lines).toContain(`coredns_dns_response_size_bytes_bucket{le="64000",${labels},proto="udp"} 1`);
  expect(lines).toContain(`coredns_dns_request_duration_seconds_bucket{le="8.192",${labels}} 0`);
  expect(lines).toContain(`coredns_dns_request_duration_seconds_bucket{le="+Inf",${labels}} 1`);
  expect(TIME_BUCKETS).toHaveLength(16);
  expect(TIME_BUCKETS.at(-1)).toBe(8.192);
});

test('what is sent many times at once counts as often', async () => {
  const tally = (dns: DnsMetrics) => dns.account(SERVER, '.').tally(makeQuery(), answered);
  const once = await linesAfter((dns) => {
    for (let i = 0; i < 3; i++) tally(dns)({ times: 1, milliseconds: 2, bytes: 90, rcode: 0 });
  });
  expect(await linesAfter((dns) => tally(dns)({ times: 3, milliseconds: 2, bytes: 90, rcode: 0 }))).toEqual(
    once,
  );
});

test('two users of one zone count together', async () => {
  const metrics = new PromMetrics();
  for (const dns of [new DnsMetrics(metrics), new DnsMetrics(metrics)]) {
    dns.account(SERVER, '.').tally(makeQuery(), answered)({ ...ONCE, bytes: 50, rcode: 0 });
  }
  expect(await metrics.exposition()).toContain('rcode="NOERROR",plugin="kubernetes"} 2\n');
});

test('the server has its own figures', async () => {
  const metrics = new PromMetrics();
  setBuildInfo(metrics, '1.2.3', 'abc');
  panicsCounter(metrics).inc();
  pluginEnabledGauge(metrics).labels(SERVER, '.', '', 'forward').set(1);
  const lines = (await metrics.exposition()).split('\n');
  expect(lines).toContain(
    `coredns_build_info{version="1.2.3",revision="abc",goversion="${process.version}"} 1`,
  );
  expect(lines).toContain('coredns_panics_total 1');
  expect(lines).toContain('coredns_plugin_enabled{server="dns://:53",zone=".",view="",name="forward"} 1');
});
