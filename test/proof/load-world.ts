/**
 * Services whose every version can be told from an answer: its number and the Service's stand in the addresses. Each fourth version is
 * one in which the name does not exist.
 */
import { NAMESPACES, servicesOf, slicesOf, type Write } from './api-writer.ts';

/** `large`: so many endpoints that only a client with EDNS gets them all. */
export type Kind = 'ClusterIP' | 'headless' | 'large';

export interface LoadService {
  /** Among all. */
  readonly at: number;
  /** Among those of its kind of address: an octet. */
  readonly number: number;
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

const COUNTS: readonly (readonly [Kind, number])[] = [
  ['ClusterIP', 120],
  ['headless', 120],
  ['large', 40],
];
const SPACES = Array.from({ length: 6 }, (_, i) => `load-${i}`);
const VERSIONS_PER_LIFE = 4;
/** Addresses that a ClusterIP Service has one after the other, a new one in each life. */
export const CLUSTER_IPS = 250;
/** Above those that the API server gives of its own accord. */
const FIRST_CLUSTER_IP_OCTET = 100;
const FIRST_ENDPOINT_OCTET = 11;
/** Of endpoints that are not ready, which no answer may have. */
const UNREADY_OCTET = 99;
const MOST_ENDPOINTS = 40;

export const loadServices: readonly LoadService[] = COUNTS.flatMap(([kind, count]) =>
  Array.from({ length: count }, (_, i) => ({ kind, i })),
).map(({ kind, i }, at) => ({
  at,
  kind,
  number: kind === 'large' ? i + 120 : i,
  namespace: SPACES[at % SPACES.length] ?? '',
  name: `${kind.toLowerCase()}-${i}`,
}));

export function hostOf({ name, namespace }: LoadService): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/** Version 0, before anything is written, is one without. */
export function isThere(version: number): boolean {
  return version % VERSIONS_PER_LIFE !== 0;
}

/** Which time it is that the name exists. */
export function lifeOf(version: number): number {
  return Math.floor(version / VERSIONS_PER_LIFE);
}

/** The versions of a life in which the name exists. */
export function versionsOf(life: number): { readonly first: number; readonly last: number } {
  const first = life * VERSIONS_PER_LIFE + 1;
  return { first, last: first + VERSIONS_PER_LIFE - 2 };
}

export function clusterIP({ number }: LoadService, life: number): string {
  return `10.96.${FIRST_CLUSTER_IP_OCTET + number}.${1 + (life % CLUSTER_IPS)}`;
}

export function endpointCount({ kind }: LoadService, version: number): number {
  return kind === 'large' ? MOST_ENDPOINTS - (version % 10) : 2 + (version % 5);
}

export function endpointAddress({ number }: LoadService, version: number, endpoint: number): string {
  return `${FIRST_ENDPOINT_OCTET + endpoint}.${number}.${version >> 8}.${version & 255}`;
}

/** Namespaces, and Services that stay: of those with endpoints it is the EndpointSlice that comes and goes. */
export function standing(): Write[] {
  const named = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { name } });
  const headless = loadServices.filter(({ kind }) => kind !== 'ClusterIP');
  return [
    ...SPACES.map((name) => ({
      verb: 'create' as const,
      collection: NAMESPACES,
      body: named('Namespace', name),
    })),
    ...headless.map(({ name, namespace }) => ({
      verb: 'create' as const,
      collection: servicesOf(namespace),
      body: { ...named('Service', name), spec: { clusterIP: 'None', ports: ports(80) } },
    })),
  ];
}

/** What makes this version of the one before. */
export function writeOf(service: LoadService, version: number): Write {
  const { name, namespace, kind } = service;
  const collection = kind === 'ClusterIP' ? servicesOf(namespace) : slicesOf(namespace);
  if (!isThere(version)) return { verb: 'delete', collection, name };
  const body = kind === 'ClusterIP' ? serviceBody(service, version) : sliceBody(service, version);
  return isThere(version - 1)
    ? { verb: 'merge', collection, name, body }
    : { verb: 'create', collection, body };
}

function serviceBody(service: LoadService, version: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service.name },
    spec: { clusterIP: clusterIP(service, lifeOf(version)), ports: ports(version) },
  };
}

function sliceBody(service: LoadService, version: number): object {
  const ready = Array.from({ length: endpointCount(service, version) }, (_, endpoint) =>
    endpointAddress(service, version, endpoint),
  );
  const unready = `${UNREADY_OCTET}.${service.number}.${version >> 8}.${version & 255}`;
  const endpoint = (address: string, isReady: boolean) => ({
    addresses: [address],
    conditions: { ready: isReady },
  });
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: service.name, labels: { 'kubernetes.io/service-name': service.name } },
    addressType: 'IPv4',
    ports: ports(80),
    endpoints: [...ready.map((address) => endpoint(address, true)), endpoint(unready, false)],
  };
}

function ports(port: number): object[] {
  return [{ name: 'http', protocol: 'TCP', port }];
}
