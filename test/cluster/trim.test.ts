/** Kubernetes JSON -> trimmed objects. */
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../src/cluster/objects.ts';
import { type Json, trim } from '../../src/cluster/trim.ts';
import { address, port, service } from '../support/cluster.ts';

const metadata = { namespace: 'shop', name: 'cart', resourceVersion: '7' };

function trimmed(kind: Kind, json: { readonly [key: string]: Json }) {
  return trim(kind, { metadata, ...json });
}

test('a Namespace', () => {
  expect(trim('Namespace', { metadata: { name: 'shop', resourceVersion: '7' } })).toEqual({
    kind: 'Namespace',
    name: 'shop',
    resourceVersion: '7',
  });
});

describe('a Service', () => {
  test('as the API server gives it', () => {
    const json = {
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1', 'FD00:0::1'],
        ports: [
          { name: 'http', protocol: 'TCP', port: 80, targetPort: 'web', nodePort: 30080 },
          { port: 53, protocol: 'UDP' },
          { name: 'bare', port: 443 },
        ],
        selector: { app: 'cart' },
        externalIPs: ['192.0.2.1'],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { hostname: 'lb.example.com' }, {}] } },
    };
    expect(trimmed('Service', json)).toEqual({
      ...service('shop/cart', {
        version: '7',
        ips: ['10.96.0.1', 'fd00::1'],
        ports: ['http/TCP/80', '/UDP/53', 'bare/TCP/443'],
        externalIPs: ['192.0.2.1', '192.0.2.2', 'lb.example.com'],
      }),
      hasSelector: true,
    });
  });

  test.each<[string, { readonly [key: string]: Json }, object]>([
    ['one cluster IP', { clusterIP: '10.96.0.1' }, { type: 'ClusterIP', clusterIPs: [address('10.96.0.1')] }],
    [
      'an empty list of them',
      { clusterIP: '10.96.0.1', clusterIPs: [] },
      { type: 'ClusterIP', clusterIPs: [address('10.96.0.1')] },
    ],
    [
      'the list before the single one',
      { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.2'] },
      { clusterIPs: [address('10.96.0.2')] },
    ],
    ['None', { clusterIP: 'None' }, { type: 'Headless', clusterIPs: [] }],
    ['a list of None', { clusterIPs: ['None'] }, { type: 'Headless', clusterIPs: [] }],
    // The first one decides.
    ['None behind another', { clusterIPs: ['10.96.0.1', 'None'] }, { type: 'ClusterIP' }],
    ['an empty cluster IP', { clusterIP: '' }, { type: 'ClusterIP', clusterIPs: [] }],
    ['no cluster IP', {}, { type: 'ClusterIP', clusterIPs: [] }],
    [
      'what is no address',
      { clusterIPs: ['10.96.0.1', '10.96.0', 4, null] },
      { clusterIPs: [address('10.96.0.1')] },
    ],
    [
      'an external name',
      { type: 'ExternalName', externalName: 'www.example.com', clusterIP: 'None' },
      { type: 'ExternalName', externalName: 'www.example.com', clusterIPs: [] },
    ],
    [
      'a name that is not meant',
      { type: 'ClusterIP', externalName: 'www.example.com' },
      { externalName: '' },
    ],
    ['no selector', { selector: {} }, { hasSelector: false }],
    ['a port without a number', { ports: [{ name: 'x' }] }, { ports: [port('x/TCP/-1')] }],
    ['a port of another type', { ports: ['http', null] }, { ports: [port('/TCP/-1'), port('/TCP/-1')] }],
    [
      'a port out of range',
      { ports: [{ port: 65_536 }, { port: 1.5 }] },
      { ports: [port('/TCP/-1'), port('/TCP/-1')] },
    ],
  ])('with %s', (_what, spec, expected) => {
    expect(trimmed('Service', { spec })).toMatchObject(expected);
  });
});

describe('an EndpointSlice', () => {
  const labels = { 'kubernetes.io/service-name': 'cart' };

  test('as the API server gives it', () => {
    const json: Json = {
      metadata: {
        ...metadata,
        name: 'cart-x',
        labels,
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }, {}],
      endpoints: [
        {
          addresses: ['10.1.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          hostname: 'cart-0',
          nodeName: 'node-1',
          targetRef: { kind: 'Pod', name: 'cart-0', namespace: 'shop' },
          zone: 'West-1',
        },
      ],
    };
    expect(trim('EndpointSlice', json)).toEqual({
      kind: 'EndpointSlice',
      namespace: 'shop',
      name: 'cart-x',
      resourceVersion: '7',
      service: 'cart',
      multicluster: undefined,
      ports: [port('http/TCP/8080'), port('//-1')],
      endpoints: [
        { addresses: [address('10.1.0.1')], hostname: 'cart-0', podName: 'cart-0', zone: 'west-1' },
      ],
      lastChangeTriggerTime: '2026-01-01T00:00:00Z',
    });
  });

  test.each<[string, Json, number]>([
    ['ready', { ready: true }, 1],
    ['not ready', { ready: false }, 0],
    ['not ready but serving', { ready: false, serving: true, terminating: true }, 0],
    ['of unknown readiness', { ready: null }, 1],
    ['without conditions', {}, 1],
  ])('an endpoint that is %s', (_what, conditions, count) => {
    const endpoints = [{ addresses: ['10.1.0.1'], conditions }];
    const slice = trim('EndpointSlice', { metadata: { ...metadata, labels }, endpoints });
    expect(slice).toMatchObject({ endpoints: { length: count } });
  });

  test('addresses that are none are passed over', () => {
    const endpoints = [{ addresses: ['www.example.com', '10.1.0.1', 'fe80::1%eth0'] }];
    const slice = trim('EndpointSlice', { metadata, addressType: 'FQDN', endpoints });
    expect(slice).toMatchObject({ service: '', endpoints: [{ addresses: [address('10.1.0.1')] }] });
  });

  test.each<[string, { readonly [key: string]: Json }, unknown]>([
    [
      'of another cluster',
      {
        'multicluster.kubernetes.io/service-name': 'cart',
        'multicluster.kubernetes.io/source-cluster': 'west',
      },
      { service: 'cart', cluster: 'west' },
    ],
    [
      'of no known cluster',
      { 'multicluster.kubernetes.io/service-name': 'cart' },
      { service: 'cart', cluster: '' },
    ],
    ['of a cluster, but no service', { 'multicluster.kubernetes.io/source-cluster': 'west' }, undefined],
  ])('%s', (_what, importLabels, expected) => {
    const slice = trim('EndpointSlice', { metadata: { ...metadata, labels: importLabels } });
    expect(slice).toHaveProperty('multicluster', expected);
  });
});

test.each<[string, { readonly [key: string]: Json }, object]>([
  ['running', { status: { podIP: '10.1.0.1' } }, { ip: address('10.1.0.1'), terminating: false }],
  ['pending', { status: {} }, { ip: undefined, terminating: false }],
  [
    'terminating',
    { metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { podIP: '10.1.0.1' } },
    { ip: address('10.1.0.1'), terminating: true },
  ],
])('a pod that is %s', (_what, json, expected) => {
  expect(trimmed('Pod', json)).toMatchObject(expected);
});

test.each<[string, { readonly [key: string]: Json }, boolean]>([
  ['that says nothing of DNS', {}, true],
  ['of ClusterFirst', { dnsPolicy: 'ClusterFirst', hostNetwork: false }, true],
  [
    'with options and servers',
    { dnsConfig: { options: [{ name: 'ndots', value: '2' }], nameservers: ['192.0.2.1'] } },
    true,
  ],
  ['with search domains', { dnsConfig: { searches: ['corp.example'] } }, false],
  ['without any', { dnsConfig: { searches: [] } }, true],
  ['of Default', { dnsPolicy: 'Default' }, false],
  ['of None', { dnsPolicy: 'None' }, false],
  ['in the network of the host', { hostNetwork: true, dnsPolicy: 'ClusterFirst' }, false],
  ['of ClusterFirstWithHostNet', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, false],
])('whether the search path of a pod %s is that of its namespace', (_what, spec, hasClusterSearch) => {
  expect(trimmed('Pod', { spec })).toMatchObject({ hasClusterSearch });
});

test.each<[string, { readonly [key: string]: Json }, object]>([
  [
    'with addresses',
    { type: 'ClusterSetIP', ips: ['10.112.0.1'], ports: [{ name: 'http', port: 80 }] },
    { type: 'ClusterSetIP', ips: [address('10.112.0.1')], ports: [port('http/TCP/80')] },
  ],
  ['that is headless', { type: 'Headless' }, { type: 'Headless', ips: [], ports: [] }],
])('a ServiceImport %s', (_what, spec, expected) => {
  expect(trimmed('ServiceImport', { spec })).toMatchObject(expected);
});

describe('what is no object', () => {
  const kinds: Kind[] = ['Namespace', 'Service', 'EndpointSlice', 'Pod', 'ServiceImport'];

  test.each<[string, Json]>([
    ['null', null],
    ['text', 'Service'],
    ['a list', [{ metadata }]],
    ['an empty object', {}],
    ['one without a name', { metadata: { namespace: 'shop' } }],
    ['one whose name is a number', { metadata: { name: 4 } }],
  ])('%s', (_what, json) => {
    for (const kind of kinds) expect(trim(kind, json)).toBeUndefined();
  });

  test('fields of a wrong type count as not given', () => {
    const odd: Json = {
      metadata: { name: 'x', namespace: 4, labels: [], annotations: 'none', resourceVersion: 7 },
      spec: { clusterIPs: 'None', ports: {}, selector: 'app=x', externalIPs: [1], ips: {}, type: [] },
      status: { podIP: 1, loadBalancer: { ingress: 'x' } },
      endpoints: ['10.1.0.1', { addresses: '10.1.0.1', zone: 1, hostname: {}, targetRef: 'pod' }],
      ports: 'http',
    };
    for (const kind of kinds) expect(trim(kind, odd)).toMatchObject({ name: 'x', resourceVersion: '' });
    expect(trim('Service', odd)).toMatchObject({
      type: 'ClusterIP',
      clusterIPs: [],
      ports: [],
      externalIPs: [],
    });
    const none = { addresses: [], hostname: '', podName: '', zone: '' };
    expect(trim('EndpointSlice', odd)).toMatchObject({ service: '', ports: [], endpoints: [none, none] });
  });
});
