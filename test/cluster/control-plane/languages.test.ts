/** A real API server writes JSON and Protocol Buffers: what is read of both is the same, and a source gets the second. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Kind } from '../../../src/cluster/objects.ts';
import { ApiSource } from '../../../src/cluster/sources/api/api-source.ts';
import { readPage } from '../../../src/cluster/sources/api/page.ts';
import { isWrapped } from '../../../src/cluster/sources/api/protobuf/envelope.ts';
import { readProtobufPage } from '../../../src/cluster/sources/api/protobuf/page.ts';
import { pathOf, resourcesFor } from '../../../src/cluster/sources/api/resources.ts';
import { trim } from '../../../src/cluster/trim.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { externalName, namespace, pod, service, slice } from '../../conformance/world/objects.ts';
import { recordingLogger } from '../../support/logger.ts';
import { until } from '../../support/until.ts';
import { RecordingSink } from '../sources/api/recording-sink.ts';
import type { Manifest } from './cluster-api.ts';
import { ControlPlane, hasControlPlane } from './control-plane.ts';

const resources = resourcesFor({ pods: true, multicluster: false, endpoints: true });
const NOT_READY = { addresses: ['198.51.100.3'], ready: false };

/** Every field that is read, in each of its forms. */
const manifests: readonly Manifest[] = [
  namespace('shop'),
  service('shop/two', {
    families: ['IPv4', 'IPv6'],
    ports: ['http/TCP/80', 'dns/UDP/53', 'sctp/SCTP/132'],
    selector: { app: 'two' },
    spec: { externalIPs: ['192.0.2.1', '192.0.2.2'] },
  }),
  service('shop/headless', { headless: true }),
  service('shop/balanced', { ports: ['http/TCP/80'], spec: { type: 'LoadBalancer' } }),
  externalName('shop/elsewhere', 'elsewhere.example'),
  slice('shop/two-a', {
    of: 'two',
    ports: ['http/TCP/8080', '/UDP/53'],
    endpoints: [
      { addresses: ['198.51.100.1'], hostname: 'first', zone: 'West' },
      { addresses: ['198.51.100.2'], ready: null },
      NOT_READY,
    ],
    labels: {
      'multicluster.kubernetes.io/service-name': 'far',
      'multicluster.kubernetes.io/source-cluster': 'west',
    },
  }),
  slice('shop/two-b', { of: 'two', type: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] }),
  slice('shop/none', { endpoints: [] }),
  pod('kube-system/plain', {}),
  pod('kube-system/leaving', {}),
  {
    ...pod('kube-system/own-search', {}),
    spec: {
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
      ...{ hostNetwork: true, dnsPolicy: 'None' },
      dnsConfig: { nameservers: ['192.0.2.53'], searches: ['a.test', 'b.test'] },
    },
  },
];

describe.skipIf(!hasControlPlane())('the languages of an API server', () => {
  let plane: ControlPlane;

  beforeAll(async () => {
    plane = await ControlPlane.start();
    for (const manifest of manifests) await plane.api.create(manifest);
    await plane.api.setServiceStatus('shop', 'balanced', {
      loadBalancer: { ingress: [{ ip: '192.0.2.9' }, { hostname: 'balancer.example' }] },
    });
    await plane.api.bind('kube-system', 'leaving', 'a-node');
    await plane.api.setPodStatus('kube-system', 'leaving', { podIP: '198.51.100.9' });
    // There is no kubelet that would end it.
    await plane.api.delete({ apiVersion: 'v1', kind: 'Pod', name: 'leaving', namespace: 'kube-system' });
  });
  afterAll(async () => {
    await plane?.[Symbol.asyncDispose]();
  });

  async function list(path: string, accept: string): Promise<Buffer> {
    const options: https.RequestOptions = {};
    await plane.api.config.applyToHTTPSOptions(options);
    const headers = { ...options.headers, Accept: accept };
    const request = https.get(`${plane.url}${path}`, { ...options, headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    return Buffer.concat(await response.toArray());
  }

  function trimmed(kind: Kind, { items }: ReturnType<typeof readPage>) {
    return [...items].map((item) => ({ ...item.identity, object: trim(kind, item.json()) }));
  }

  test.each(resources)('a page of $plural says the same in both', async (resource) => {
    const { kind } = resource;
    const path = `${pathOf(resource)}?limit=100`;
    const ofJson = trimmed(kind, readPage(await list(path, 'application/json')));
    const octets = await list(path, 'application/vnd.kubernetes.protobuf, application/json');
    expect(isWrapped(octets)).toBe(true);
    expect(trimmed(kind, readProtobufPage(kind, octets))).toEqual(ofJson);
    const made = manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
    expect(ofJson.map(({ name }) => name)).toEqual(expect.arrayContaining(made));
  });

  test('a source that lists and watches has what JSON says, bookmarks and all', async () => {
    const sink = new RecordingSink();
    const log = recordingLogger();
    const { adminKubeconfig: file } = plane.files;
    const source = new ApiSource(
      { kubeconfig: { file }, pods: true, multicluster: false, endpoints: true },
      { log, metrics: new PromMetrics(), version: '0' },
    );
    await source.start(sink);
    try {
      await until('lists of all kinds', () => sink.synced.size === resources.length);
      await plane.api.create(namespace('later'));
      await plane.api.create(service('later/a', { ports: ['http/TCP/80'] }));
      await plane.api.create(slice('later/a', { of: 'a', endpoints: [{ addresses: ['198.51.100.7'] }] }));
      await plane.api.merge({
        ...{
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'a', namespace: 'later' },
        },
        endpoints: [{ addresses: ['198.51.100.8'], hostname: 'other' }],
      });
      await plane.api.delete({ apiVersion: 'v1', kind: 'Service', name: 'headless', namespace: 'shop' });
      await until('the changes', async () => {
        const wanted: string[] = [];
        for (const resource of resources) {
          const page = readPage(await list(`${pathOf(resource)}?limit=100`, 'application/json'));
          wanted.push(...trimmed(resource.kind, page).map(({ object }) => JSON.stringify(object)));
        }
        const had = [...sink.objects.values()].map((object) => JSON.stringify(object));
        return had.toSorted().join() === wanted.toSorted().join();
      });
      expect(sink.names('EndpointSlice')).toContain('later/a');
      expect(log.lines).toEqual([]);
    } finally {
      await source.stop();
    }
  });
});
