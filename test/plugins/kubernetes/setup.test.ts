/** The plugin's life: its source, the wait for it, readiness, and what is answered in the meantime. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SourceError } from '../../../src/cluster/source.ts';
import { limits } from '../../../src/limits.ts';
import { kubernetesPlugin } from '../../../src/plugins/kubernetes/index.ts';
import type { KubernetesOptions } from '../../../src/plugins/kubernetes/options.ts';
import { type Asked, ask } from '../../support/ask.ts';
import { namespace, service, slice } from '../../support/cluster.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { makeReadiness, makeSetup, setUp } from '../../support/setup.ts';
import { transfer } from '../../support/transfer.ts';
import { until } from '../../support/until.ts';
import { FakeSource } from './fake-source.ts';

/** Sources that were made, by the zone that they are for. */
const sources = new Map<string, FakeSource>();
let failure: Error | undefined;

vi.mock('../../../src/plugins/kubernetes/source.ts', async (original) => ({
  ...(await original<object>()),
  makeSource: async (options: KubernetesOptions) => {
    const source = new FakeSource(options, failure);
    sources.set(String(options.primary), source);
    return source;
  },
}));

afterEach(() => {
  sources.clear();
  failure = undefined;
});

function sourceOf(zone = 'cluster.local.'): FakeSource {
  const source = sources.get(zone);
  if (source === undefined) throw new Error(`no source for ${zone}`);
  return source;
}

const UNSYNCED = '[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API';
const SOA = /^cluster\.local\. 5 IN SOA ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. /;
const SERVFAIL_AA_RD = 0x8502;
const NOERROR_AA_RD = 0x8500;
const NXDOMAIN_AA_RD = 0x8503;

function summary({ flags, answer, authority }: Asked) {
  return { flags, answer, authority: authority.map((soa) => SOA.test(soa)) };
}

describe('before the state is complete', () => {
  async function slowCluster(lines = ''): Promise<RunningServer> {
    return startServer(`.:0 {
      bind 127.0.0.1
      kubernetes cluster.local in-addr.arpa {
        startup_timeout 1ms
        ${lines}
      }
      whoami
    }`);
  }

  test('the server starts, says so, and denies nothing', async () => {
    await using running = await slowCluster();
    expect(running.lines).toEqual([UNSYNCED]);
    const asked = (name: string, type = 'A') => ask(running.port, name, type).then(summary);
    const unknown = { flags: SERVFAIL_AA_RD, answer: [], authority: [true] };
    for (const name of ['web.prod.svc.cluster.local', 'x.svc.cluster.local', 'foo.cluster.local']) {
      expect(await asked(name)).toEqual(unknown);
      expect(await asked(name, 'SOA')).toEqual(unknown);
    }
    expect((await ask(running.port, '1.0.0.10.in-addr.arpa', 'PTR')).flags).toBe(SERVFAIL_AA_RD);
    // What needs no object.
    const nodata = { flags: NOERROR_AA_RD, answer: [], authority: [true] };
    expect(await asked('cluster.local')).toEqual(nodata);
    expect(await asked('svc.cluster.local')).toEqual(nodata);
    expect(await asked('dns-version.cluster.local', 'TXT')).toMatchObject({
      flags: NOERROR_AA_RD,
      answer: ['dns-version.cluster.local. 28800 IN TXT "1.1.0"'],
    });
  });

  test('the zone is transferred when it is whole, and not before', async () => {
    await using running = await slowCluster('}\n transfer {\n to *');
    const source = sourceOf();
    source.page(namespace('prod'), service('prod/web', { ips: ['10.96.0.1'] }));
    expect(await transfer(running.port, 'cluster.local')).toMatchObject({ rcode: 2, records: [] });
    source.list([namespace('prod'), service('prod/web', { ips: ['10.96.0.1'] })]);
    const { records } = await transfer(running.port, 'cluster.local');
    expect(records).toContain('web.prod.svc.cluster.local. 5 IN A 10.96.0.1');
    expect(records.filter((record) => SOA.test(record))).toHaveLength(2);
  });

  test('what has come is answered, and with the last list the rest is denied', async () => {
    await using running = await slowCluster();
    const source = sourceOf();
    const asked = (name: string, type = 'A') => ask(running.port, name, type).then(summary);
    const web = {
      flags: NOERROR_AA_RD,
      answer: ['web.prod.svc.cluster.local. 5 IN A 10.96.0.1'],
      authority: [],
    };
    source.page(namespace('prod'), service('prod/web', { ips: ['10.96.0.1'] }));
    expect(await asked('web.prod.svc.cluster.local')).toEqual(web);
    expect(await asked('web.prod.svc.cluster.local', 'AAAA')).toMatchObject({
      flags: NOERROR_AA_RD,
      authority: [true],
    });
    expect((await asked('api.prod.svc.cluster.local')).flags).toBe(SERVFAIL_AA_RD);
    const objects = [namespace('prod'), service('prod/web', { ips: ['10.96.0.1'] })];
    source.list(objects, ['Namespace', 'Service']);
    expect((await asked('api.prod.svc.cluster.local')).flags).toBe(SERVFAIL_AA_RD);
    source.list(objects, ['EndpointSlice']);
    expect(await asked('api.prod.svc.cluster.local')).toEqual({
      flags: NXDOMAIN_AA_RD,
      answer: [],
      authority: [true],
    });
    expect(await asked('web.prod.svc.cluster.local')).toEqual(web);
  });

  test('fallthrough goes first: who may pass names on does so at once', async () => {
    await using running = await slowCluster('fallthrough in-addr.arpa');
    // `whoami` is next: it answers with records of who asked.
    expect((await ask(running.port, '1.0.0.10.in-addr.arpa', 'PTR')).additional).toHaveLength(2);
    expect((await ask(running.port, 'x.prod.svc.cluster.local', 'A')).flags).toBe(SERVFAIL_AA_RD);
  });

  test('it counts why', async () => {
    const zone =
      '.:0 {\n bind 127.0.0.1\n prometheus 127.0.0.1:0\n kubernetes cluster.local {\n startup_timeout 0\n}\n}';
    await using running = await startServer(zone);
    await ask(running.port, 'web.prod.svc.cluster.local', 'A');
    await until('it is counted', async () =>
      (await running.metrics.exposition()).includes(
        'corvidns_non_answers_total{server="dns://127.0.0.1:0",zone=".",reason="not-synced"} 1\n',
      ),
    );
  });

  test('the server starts with the last list, without waiting on', async () => {
    const starting = startServer(
      '.:0 {\n bind 127.0.0.1\n kubernetes cluster.local {\n startup_timeout 1h\n}\n}',
    );
    await until('there is a source', () => sources.size === 1);
    sourceOf().list([namespace('prod')]);
    await using running = await starting;
    expect(running.lines).not.toContain(UNSYNCED);
    expect((await ask(running.port, 'x.prod.svc.cluster.local', 'A')).flags).toBe(NXDOMAIN_AA_RD);
  });
});

describe('set-up', () => {
  const LINES = 'kubernetes cluster.local {\n startup_timeout 0\n}';

  test('nothing is started before the start; readiness is that of the state, and stays', async () => {
    const readiness = makeReadiness();
    const setup = makeSetup({ plugin: 'kubernetes', readiness });
    setUp(kubernetesPlugin, LINES, setup);
    expect(sources.size).toBe(0);
    const isReady = () => readiness.entries().map((entry) => `${entry.plugin} ${entry.isReady()}`);
    expect(isReady()).toEqual(['kubernetes false']);
    await setup.start();
    const source = sourceOf();
    source.list([], ['Namespace', 'Service']);
    expect(isReady()).toEqual(['kubernetes false']);
    source.list([], ['EndpointSlice']);
    expect(isReady()).toEqual(['kubernetes true']);
    source.sink.beginList('Service');
    expect(isReady()).toEqual(['kubernetes true']);
    await setup.shutdown();
    expect(source.isStopped).toBe(true);
  });

  test('a source that cannot start ends the start, and is stopped', async () => {
    failure = new SourceError('no such kubeconfig');
    const setup = makeSetup();
    setUp(kubernetesPlugin, LINES, setup);
    await expect(setup.start()).rejects.toThrow('no such kubeconfig');
    await setup.shutdown(true);
    expect(sourceOf().isStopped).toBe(true);
  });

  test('a shutdown before the start harms nobody', async () => {
    const setup = makeSetup();
    setUp(kubernetesPlugin, LINES, setup);
    await setup.shutdown(true);
    expect(sources.size).toBe(0);
  });

  test.each([
    ['', ['Namespace', 'Service', 'EndpointSlice']],
    ['noendpoints', ['Namespace', 'Service']],
    ['pods insecure', ['Namespace', 'Service', 'EndpointSlice']],
    ['pods verified', ['Namespace', 'Service', 'EndpointSlice', 'Pod']],
    ['multicluster', ['Namespace', 'Service', 'EndpointSlice', 'ServiceImport']],
    ['noendpoints\n multicluster', ['Namespace', 'Service', 'EndpointSlice', 'ServiceImport']],
  ])('with "%s" it lists no more than it needs', async (line, kinds) => {
    const setup = makeSetup();
    setUp(kubernetesPlugin, `kubernetes cluster.local {\n startup_timeout 0\n ${line}\n}`, setup);
    await setup.start();
    expect(sourceOf().kinds).toEqual(kinds);
    await setup.shutdown();
  });

  test('twice in a block is a mistake', () => {
    expect(() => setUp(kubernetesPlugin, 'kubernetes a\nkubernetes b', makeSetup())).toThrow(
      'this plugin can only be used once per Server Block',
    );
  });

  test('what is no mistake but odd is said', () => {
    const setup = makeSetup({ plugin: 'kubernetes' });
    setUp(kubernetesPlugin, 'kubernetes a {\n endpoint http://a http://b\n}', setup);
    expect(setup.lines).toEqual([
      '[WARNING] plugin/kubernetes: multiple endpoints are not supported: only http://a is used',
    ]);
  });
});

describe('ExternalNames that lead out of the zone', () => {
  test('are followed through other blocks of the listener, and rings end', async () => {
    await using running = await startServer(`
      one.local:0 {
        bind 127.0.0.1
        kubernetes {
          startup_timeout 0
        }
      }
      two.local:0 {
        bind 127.0.0.1
        kubernetes {
          startup_timeout 0
        }
      }`);
    const alias = (target: string) => service('a/alias', { externalName: target });
    sourceOf('one.local.').list([
      namespace('a'),
      alias('web.a.svc.two.local'),
      service('a/ring', { externalName: 'ring.a.svc.two.local' }),
    ]);
    sourceOf('two.local.').list([
      namespace('a'),
      service('a/web', { ips: ['10.96.0.2'] }),
      service('a/ring', { externalName: 'ring.a.svc.one.local' }),
    ]);
    const followed = await ask(running.port, 'alias.a.svc.one.local', 'A');
    expect(summary(followed)).toEqual({
      flags: NOERROR_AA_RD,
      answer: [
        'alias.a.svc.one.local. 5 IN CNAME web.a.svc.two.local.',
        'web.a.svc.two.local. 5 IN A 10.96.0.2',
      ],
      authority: [],
    });
    const ring = await ask(running.port, 'ring.a.svc.one.local', 'AAAA', { transport: 'tcp' });
    expect(ring.flags).toBe(NOERROR_AA_RD);
    expect(ring.answer).toHaveLength(1 + limits.upstreamReentries);
    expect(new Set(ring.answer)).toEqual(
      new Set([
        'ring.a.svc.one.local. 5 IN CNAME ring.a.svc.two.local.',
        'ring.a.svc.two.local. 5 IN CNAME ring.a.svc.one.local.',
      ]),
    );
  });
});

test('NS names the Service in front of the bound address; loopback where nothing else is bound', async () => {
  await using running = await startServer(
    'cluster.local:0 {\n bind 127.0.0.1\n kubernetes {\n startup_timeout 0\n}\n}',
  );
  sourceOf().list([
    namespace('kube-system'),
    service('kube-system/kube-dns', { ips: ['10.96.0.10'], ports: ['dns/UDP/53'] }),
    slice('kube-system/kube-dns-x', { ports: ['dns/UDP/53'], endpoints: ['127.0.0.1'] }),
  ]);
  const { answer, additional } = await ask(running.port, 'cluster.local', 'NS');
  expect(answer).toEqual(['cluster.local. 5 IN NS kube-dns.kube-system.svc.cluster.local.']);
  expect(additional).toEqual(['kube-dns.kube-system.svc.cluster.local. 5 IN A 10.96.0.10']);
});
