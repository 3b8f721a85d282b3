/** What is read of Protocol Buffers is what is read of JSON, and nothing else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../../../src/cluster/objects.ts';
import { ApiFailure } from '../../../../../src/cluster/sources/api/failure.ts';
import { readPage } from '../../../../../src/cluster/sources/api/page.ts';
import { readProtobufPage } from '../../../../../src/cluster/sources/api/protobuf/page.ts';
import { trim } from '../../../../../src/cluster/trim.ts';
import { delimited, listOctets, objectMessage, varint, wrapped } from './writer.ts';

const named = { metadata: { name: 'a', namespace: 'shop', resourceVersion: '5', uid: 'u' } };

const cases: readonly { readonly what: string; readonly kind: Kind; readonly object: object }[] = [
  { what: 'a Namespace', kind: 'Namespace', object: { ...named, status: { phase: 'Active' } } },
  { what: 'an object without a name', kind: 'Namespace', object: { metadata: {} } },
  { what: 'an object without fields', kind: 'Service', object: {} },
  {
    what: 'a Service of two families',
    kind: 'Service',
    object: {
      ...named,
      spec: {
        ...{ type: 'LoadBalancer', clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] },
        ...{ selector: { app: 'a' }, externalIPs: ['192.0.2.1', '192.0.2.2'] },
        ports: [
          { name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080 },
          { name: '', protocol: 'UDP', port: 65_535 },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.3' }, { hostname: 'lb.test' }] } },
    },
  },
  { what: 'a headless Service', kind: 'Service', object: { ...named, spec: { clusterIP: 'None' } } },
  {
    what: 'an ExternalName in another script',
    kind: 'Service',
    object: { ...named, spec: { type: 'ExternalName', externalName: 'b\u00fccher.\u{1f4da}.test' } },
  },
  {
    what: 'ports that cannot be',
    kind: 'Service',
    object: { ...named, spec: { ports: [-1, 65_536, 2 ** 31 - 1, 0].map((port) => ({ port })) } },
  },
  {
    what: 'an EndpointSlice',
    kind: 'EndpointSlice',
    object: {
      metadata: {
        ...named.metadata,
        labels: {
          ...{ app: 'a', 'kubernetes.io/service-name': 'web' },
          'multicluster.kubernetes.io/service-name': 'far',
          'multicluster.kubernetes.io/source-cluster': 'west',
        },
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-02T03:04:05Z' },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }, {}, { name: '', port: 0 }],
      endpoints: [
        { addresses: ['10.1.0.1', '10.1.0.2'], hostname: 'a-0', zone: 'West', targetRef: { name: 'pod-a' } },
        { addresses: ['10.1.0.3'], conditions: { ready: true, serving: false } },
        { addresses: ['10.1.0.4'], conditions: { ready: false } },
        { addresses: ['10.1.0.5'], conditions: {} },
        { addresses: ['no address', 'fd00::1'] },
      ],
    },
  },
  {
    what: 'a pod',
    kind: 'Pod',
    object: {
      ...named,
      spec: { containers: [{ name: 'c' }], dnsPolicy: 'ClusterFirst', hostNetwork: false },
      status: { phase: 'Running', podIP: '10.1.0.1', hostIP: '10.2.0.1' },
    },
  },
  {
    what: 'a pod on its way out, in the network of its host, with search domains',
    kind: 'Pod',
    object: {
      metadata: { ...named.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' },
      spec: { hostNetwork: true, dnsPolicy: 'None', dnsConfig: { searches: ['a.test', 'b.test'] } },
    },
  },
  {
    what: 'a pod with search domains of its own',
    kind: 'Pod',
    object: { ...named, spec: { dnsPolicy: 'ClusterFirst', dnsConfig: { searches: ['a.test'] } } },
  },
];

const list = { resourceVersion: '7', continue: 'next' };

function trimmed(kind: Kind, { items }: ReturnType<typeof readPage>): unknown[] {
  return [...items].map((item) => [item.identity, trim(kind, item.json())]);
}

test.each(cases)('$what', ({ kind, object }) => {
  const ofJson = readPage(Buffer.from(JSON.stringify({ metadata: list, items: [object, object] })));
  const ofProtobuf = readProtobufPage(kind, listOctets(kind, list, [object, object]));
  expect({ version: ofProtobuf.version, next: ofProtobuf.continue }).toEqual({ version: '7', next: 'next' });
  expect(trimmed(kind, ofProtobuf)).toEqual(trimmed(kind, ofJson));
});

/** A page of one object that is written like this. */
function itemOf(kind: Kind, octets: Uint8Array): unknown {
  const page = wrapped(`${kind}List`, Buffer.concat([delimited(1, delimited(2, '7')), delimited(2, octets)]));
  const [item] = readProtobufPage(kind, page).items;
  return item === undefined ? undefined : trim(kind, item.json());
}

const service = { ...named, spec: { type: 'ExternalName', externalName: 'example.org' } };
const plain = objectMessage('Service', service);
/** Numbers that no field of a Service has. */
const unknownField = fc.integer({ min: 100, max: 500_000 }).chain((number) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((octets) => delimited(number, octets)),
    fc.nat().map((value) => Buffer.concat([varint(number * 8), varint(value)])),
    fc.constant(Buffer.concat([varint(number * 8 + 1), Buffer.alloc(8, 0xff)])),
    fc.constant(Buffer.concat([varint(number * 8 + 5), Buffer.alloc(4, 0xff)])),
  ),
);

test('fields of a later version are passed over', () => {
  const expected = trim('Service', service);
  fc.assert(
    fc.property(fc.array(unknownField), fc.array(unknownField), (before, after) => {
      expect(itemOf('Service', Buffer.concat([...before, plain, ...after]))).toEqual(expected);
    }),
  );
});

test('a field of another type than it should have counts as not given', () => {
  // `metadata` and `spec` as numbers, behind the real ones; a group in their place is no message any more.
  const numbers = Buffer.concat([varint(1 * 8), varint(3), varint(2 * 8), varint(3)]);
  expect(itemOf('Service', Buffer.concat([plain, numbers]))).toEqual(trim('Service', service));
  expect(() => itemOf('Service', Buffer.concat([plain, varint(1 * 8 + 3)]))).toThrow(ApiFailure);
});

describe('what is no page', () => {
  const whole = listOctets(
    'EndpointSlice',
    list,
    cases.flatMap(({ kind, object }) => (kind === 'EndpointSlice' ? [object] : [])),
  );
  const read = (octets: Buffer, kind: Kind = 'EndpointSlice') => {
    for (const item of readProtobufPage(kind, octets).items) {
      item.identity;
      trim(kind, item.json());
    }
  };

  test('is told wherever a page is cut', () => {
    read(whole);
    // Behind the list stand two empty fields of the envelope, two octets each.
    for (let end = 0; end < whole.length - 4; end++)
      expect(() => read(whole.subarray(0, end))).toThrow(ApiFailure);
  });

  test.each<{ what: string; octets: Buffer; kind?: Kind }>([
    { what: 'a list of another kind', octets: whole, kind: 'Service' },
    { what: 'a kind that is JSON always', octets: listOctets('Service', list, []), kind: 'ServiceImport' },
    { what: 'a list without a version', octets: listOctets('EndpointSlice', {}, []) },
    { what: 'a Status', octets: wrapped('Status', objectMessage('Status', { message: 'no' })) },
    { what: 'an envelope with nothing in it', octets: Buffer.from('k8s\0') },
    {
      what: 'a length beyond the end',
      octets: wrapped('EndpointSliceList', Buffer.from([0x0a, 0xff, 0x7f])),
    },
    {
      what: 'a number without an end',
      octets: wrapped('EndpointSliceList', Buffer.alloc(40, 0xff)),
    },
  ])('$what', ({ octets, kind }) => {
    expect(() => read(octets, kind)).toThrow(ApiFailure);
  });

  test('no octets do anything but fail as an answer', () => {
    const place = fc.record({ at: fc.nat(whole.length - 1), octet: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 8 }), (places) => {
        const octets = Buffer.from(whole);
        for (const { at, octet } of places) octets[at] = octet;
        try {
          read(octets);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiFailure);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
