/** A cluster so small that chance finds every collision in it: objects, changes, zones and questions. */
import fc from 'fast-check';
import type {
  ClusterObject,
  EndpointSlice,
  Kind,
  Namespace,
  Pod,
  Service,
  ServiceImport,
} from '../../../src/cluster/objects.ts';
import type { ClusterStore } from '../../../src/cluster/store.ts';
import type { ClusterZone } from '../../../src/cluster/zone/cluster-zone.ts';
import { Name, parseAddress, RrType, reverseName } from '../../../src/dns/index.ts';
import { namespace, pod, service, serviceImport, slice } from '../../support/cluster.ts';
import { clusterZone } from '../zone/ask.ts';

export const ORIGIN = 'cluster.local.';
export const addresses = ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::'] as const;
const namespaces = ['a', 'b'];
const services = ['s', 't'];

const inNamespace = fc.constantFrom(...namespaces);
const someAddresses = fc.subarray([...addresses], { maxLength: 2 });
const chance = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);

const externalName = fc.constantFrom(
  ...[
    's.a.svc.cluster.local',
    't.a.svc.cluster.local.',
    'S.b.svc.cluster.LOCAL',
    'one.s.b.svc.cluster.local',
  ],
  ...['10-0-0-1.a.pod.cluster.local', 'nothing.cluster.local', 'x.s.a.svc.cluster.local'],
  ...['www.example.com', '192.0.2.1', 'a..b'],
);

const anyNamespace: fc.Arbitrary<Namespace> = inNamespace.map((name) => namespace(name));

const anyService: fc.Arbitrary<Service> = fc
  .record({
    path: fc.tuple(inNamespace, fc.constantFrom(...services)).map((path) => path.join('/')),
    ips: fc.oneof(someAddresses, fc.constant('None' as const)),
    alias: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: externalName }),
    ports: fc.subarray(['http/TCP/80', 'Dns/UDP/53', '/TCP/25']),
    externalIPs: fc.subarray(['192.0.2.1']),
  })
  .map(({ path, alias, ...parts }) =>
    service(path, alias === null ? parts : { ...parts, externalName: alias }),
  );

const anyEndpoint = fc.record({
  addresses: fc.subarray([...addresses], { minLength: 1, maxLength: 2 }),
  hostname: fc.constantFrom('', '', 'one', 'Two'),
  pod: fc.constantFrom('', 'p-0', 'not.label'),
  zone: fc.constantFrom('', 'west'),
});

const anySlice: fc.Arbitrary<EndpointSlice> = fc
  .record({
    path: fc.tuple(inNamespace, fc.constantFrom('s-1', 's-2', 't-1')).map((path) => path.join('/')),
    service: fc.constantFrom('s', 's', 't', ''),
    importedFor: fc.constantFrom(undefined, 's@west', 's@East', 't@'),
    ports: fc.subarray(['http/TCP/8080', 'sql/TCP/5432', '//-1']),
    endpoints: fc.array(anyEndpoint, { maxLength: 3 }),
  })
  .map(({ path, importedFor, ...parts }) =>
    slice(path, importedFor === undefined ? parts : { ...parts, importedFor }),
  );

const anyPod: fc.Arbitrary<Pod> = fc
  .tuple(inNamespace, fc.constantFrom('p', 'q'), fc.constantFrom(undefined, ...addresses), chance, chance)
  .map(([space, name, ip, terminating, isOdd]) =>
    pod(`${space}/${name}`, ip, { terminating, hasClusterSearch: !isOdd }),
  );

const anyImport: fc.Arbitrary<ServiceImport> = fc
  .record({
    path: fc.tuple(inNamespace, fc.constantFrom(...services)).map((path) => path.join('/')),
    ips: fc.oneof(someAddresses, fc.constant('None' as const)),
    ports: fc.subarray(['http/TCP/80', '/TCP/25']),
  })
  .map(({ path, ...parts }) => serviceImport(path, parts));

/** With a resourceVersion or without; equal versions of one object mean equal content. */
function versioned(object: ClusterObject, isVersioned: boolean): ClusterObject {
  if (!isVersioned) return object;
  return { ...object, resourceVersion: JSON.stringify(object) };
}

export const anyObject: fc.Arbitrary<ClusterObject> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: anyNamespace },
      { weight: 4, arbitrary: anyService },
      { weight: 4, arbitrary: anySlice },
      { weight: 1, arbitrary: anyPod },
      { weight: 2, arbitrary: anyImport },
    ),
    fc.boolean(),
  )
  .map(([object, isVersioned]) => versioned(object, isVersioned));

/** Most often with both namespaces: without its Namespace nothing has a name. */
export const someObjects: fc.Arbitrary<ClusterObject[]> = fc
  .tuple(
    fc.constantFrom(namespaces, namespaces, namespaces, ['b']),
    fc.array(anyObject, { minLength: 4, maxLength: 30, size: 'max' }),
  )
  .map(([existing, others]) => [...existing.map((name) => namespace(name)), ...others]);

export type Change =
  | { readonly kind: 'upsert'; readonly object: ClusterObject }
  /** Removes the object that has the name of this one. */
  | { readonly kind: 'remove'; readonly object: ClusterObject }
  | { readonly kind: 'list'; readonly of: Kind; readonly objects: readonly ClusterObject[] }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Of the watch of pods. */
  | { readonly kind: 'interrupt' | 'resume' };

const anyKind = fc.constantFrom<Kind>('Namespace', 'Service', 'EndpointSlice', 'Pod', 'ServiceImport');

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('upsert' as const), object: anyObject }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), object: anyObject }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), object: anyNamespace }) },
  {
    weight: 1,
    arbitrary: fc.tuple(anyKind, someObjects).map(([of, objects]) => ({
      kind: 'list' as const,
      of,
      objects: objects.filter((object) => object.kind === of),
    })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(400, 1000, 6000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('interrupt' as const, 'resume' as const) }) },
);

export function someChanges(maxLength: number): fc.Arbitrary<Change[]> {
  return fc.array(anyChange, { minLength: 1, maxLength, size: 'max' });
}

export interface Options {
  readonly pods: 'disabled' | 'insecure' | 'verified';
  readonly namespaces: ReadonlySet<string> | undefined;
  readonly endpointPodNames: boolean;
  readonly ignoreEmptyService: boolean;
  readonly zonal: boolean;
  readonly multicluster: boolean;
}

export const anyOptions: fc.Arbitrary<Options> = fc.record({
  pods: fc.constantFrom('disabled', 'insecure', 'verified'),
  namespaces: fc.constantFrom(undefined, undefined, undefined, new Set(['b'])),
  endpointPodNames: fc.boolean(),
  ignoreEmptyService: chance,
  zonal: chance,
  multicluster: chance,
});

/** The forward zone and both reverse zones. The server has one of the addresses, so that it has name servers. */
export function zonesOf(store: ClusterStore, options: Options): ClusterZone[] {
  const own = [parseAddress(addresses[0]) ?? new Uint8Array()];
  const all = { ...options, ownAddresses: () => own };
  return [
    clusterZone(store, { ...all, origin: ORIGIN }),
    clusterZone(store, { ...all, multicluster: false, origin: 'in-addr.arpa' }),
    clusterZone(store, { ...all, multicluster: false, origin: 'ip6.arpa' }),
  ];
}

const dashed = ['10-0-0-1', 'fd00--1', 'fd00--0'];
const belowService = [
  ...['', 'one.', 'two.', 'p-0.', 'none.', ...dashed.map((label) => `${label}.`)],
  ...['_http._tcp.', 'http.tcp.', '_HTTP.tcp.', '_._tcp.', '_dns._udp.', '_sql._tcp.', '_none._tcp.'],
  ...[
    'one.west.',
    'Two.east.',
    '10-0-0-1.west.',
    'west.pin._zone.',
    'north.pin._zone.',
    'north.prefer._zone.',
  ],
  'x.y.z.',
];

function across(...parts: readonly (readonly string[])[]): string[] {
  return parts.reduce<string[]>((heads, tails) => heads.flatMap((head) => tails.map((t) => head + t)), ['']);
}

const forwardNames = [
  ...across(belowService, services, ['.'], namespaces, ['.svc.']),
  ...across(['', 'x.', 'x.y.z.'], dashed, ['.'], namespaces, ['.pod.']),
  ...['', 'svc.', 'pod.', 'a.svc.', 'b.svc.', 'c.svc.', 'a.pod.', 'c.pod.', 'none.a.svc.', 's.c.svc.'],
  ...['dns-version.', 'ns.dns.', 'dns.', 'www.example.com.'],
].map((name) => name + ORIGIN);

const reverseNames = addresses.map((text) => reverseName(parseAddress(text) ?? new Uint8Array()).toString());
const fixedReverseNames = ['in-addr.arpa.', 'ip6.arpa.', '0.0.10.in-addr.arpa.', '9.0.0.10.in-addr.arpa.'];

export const names: readonly string[] = [...forwardNames, ...reverseNames, ...fixedReverseNames];
const parsed = new Map(names.map((text) => [text, Name.fromText(text)]));

export function nameOf(text: string): Name {
  return parsed.get(text) ?? Name.fromText(text);
}

export function zoneOf(zones: readonly ClusterZone[], name: Name): ClusterZone {
  const zone = zones.find(({ origin }) => name.isWithin(origin));
  if (zone === undefined) throw new Error(`${name} is in no zone`);
  return zone;
}

export const types = Object.values(RrType).filter(
  (type) => type !== RrType.AXFR && type !== RrType.IXFR && type !== RrType.OPT,
);
