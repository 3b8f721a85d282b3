/**
 * Trims Kubernetes JSON to the objects of `objects.ts`. Objects come from an API server or from a person's
 * file, so every field is checked; what is missing or of a wrong type counts as not given.
 */
import { limits } from '../limits.ts';
import { toAddress } from './address.ts';
import type {
  ClusterObject,
  Endpoint,
  EndpointSlice,
  KeyedAddress,
  Kind,
  Namespace,
  Pod,
  Port,
  Service,
  ServiceImport,
  ServiceType,
} from './objects.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };
type Fields = { readonly [key: string]: Json | undefined };

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MULTICLUSTER_SERVICE_LABEL = 'multicluster.kubernetes.io/service-name';
export const MULTICLUSTER_CLUSTER_LABEL = 'multicluster.kubernetes.io/source-cluster';
const TRIGGER_TIME_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time';
const NONE = 'None';

/** The trimmed object, or undefined where the JSON has no name and so is none. */
export function trim(kind: Kind, json: Json): ClusterObject | undefined {
  const object = fields(json);
  const metadata = fields(object.metadata);
  const name = isNamedByOthers(kind) ? share(text(metadata.name)) : text(metadata.name);
  if (name === '') return undefined;
  const meta: Meta = {
    name,
    namespace: share(text(metadata.namespace)),
    resourceVersion: text(metadata.resourceVersion),
    labels: fields(metadata.labels),
    annotations: fields(metadata.annotations),
    deleted: text(metadata.deletionTimestamp) !== '',
  };
  switch (kind) {
    case 'Namespace':
      return { kind, name, resourceVersion: meta.resourceVersion } satisfies Namespace;
    case 'Service':
      return trimService(meta, fields(object.spec), fields(object.status));
    case 'EndpointSlice':
      return trimSlice(meta, object);
    case 'Pod':
      return trimPod(meta, fields(object.spec), fields(object.status));
    case 'ServiceImport':
      return trimImport(meta, fields(object.spec));
  }
}

/** Whether the name stands in objects of other kinds too; those of slices and pods would only crowd the table of shared strings. */
function isNamedByOthers(kind: Kind): boolean {
  return kind !== 'EndpointSlice' && kind !== 'Pod';
}

interface Meta {
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly labels: Fields;
  readonly annotations: Fields;
  readonly deleted: boolean;
}

function trimService(meta: Meta, spec: Fields, status: Fields): Service {
  const listed = strings(spec.clusterIPs);
  const ips = listed.length > 0 ? listed : [text(spec.clusterIP)];
  const external = text(spec.type) === 'ExternalName';
  const type: ServiceType = external ? 'ExternalName' : ips[0] === NONE ? 'Headless' : 'ClusterIP';
  return {
    kind: 'Service',
    namespace: meta.namespace,
    name: meta.name,
    resourceVersion: meta.resourceVersion,
    type,
    clusterIPs: type === 'ClusterIP' ? addresses(ips) : [],
    externalName: external ? text(spec.externalName) : '',
    ports: list(spec.ports).map(servicePort),
    externalIPs: externalIPs(spec, status),
    hasSelector: Object.keys(fields(spec.selector)).length > 0,
  };
}

function externalIPs(spec: Fields, status: Fields): string[] {
  const ingress = list(fields(status.loadBalancer).ingress).map(fields);
  const ofBalancer = ingress.map((entry) => text(entry.ip) || text(entry.hostname)).filter((ip) => ip !== '');
  return [...strings(spec.externalIPs), ...ofBalancer];
}

function servicePort(json: Json): Port {
  const port = fields(json);
  return {
    name: share(text(port.name)),
    protocol: share(text(port.protocol) || 'TCP'),
    number: number(port.port),
  };
}

function trimSlice(meta: Meta, object: Fields): EndpointSlice {
  const importedService = text(meta.labels[MULTICLUSTER_SERVICE_LABEL]);
  return {
    kind: 'EndpointSlice',
    namespace: meta.namespace,
    name: meta.name,
    resourceVersion: meta.resourceVersion,
    service: share(text(meta.labels[SERVICE_NAME_LABEL])),
    multicluster:
      importedService === ''
        ? undefined
        : { service: share(importedService), cluster: share(text(meta.labels[MULTICLUSTER_CLUSTER_LABEL])) },
    ports: list(object.ports).map(slicePort),
    endpoints: list(object.endpoints).map(fields).filter(isReady).map(endpoint),
    lastChangeTriggerTime: text(meta.annotations[TRIGGER_TIME_ANNOTATION]),
  };
}

function slicePort(json: Json): Port {
  const port = fields(json);
  return { name: share(text(port.name)), protocol: share(text(port.protocol)), number: number(port.port) };
}

/** Unknown readiness counts as ready (EndpointSlice API, `conditions.ready`). */
function isReady(endpointJson: Fields): boolean {
  return fields(endpointJson.conditions).ready !== false;
}

function endpoint(json: Fields): Endpoint {
  return {
    addresses: addresses(strings(json.addresses)),
    hostname: text(json.hostname),
    podName: text(fields(json.targetRef).name),
    zone: share(text(json.zone).toLowerCase()),
  };
}

function trimPod(meta: Meta, spec: Fields, status: Fields): Pod {
  return {
    kind: 'Pod',
    namespace: meta.namespace,
    name: meta.name,
    resourceVersion: meta.resourceVersion,
    ip: addresses([text(status.podIP)])[0],
    terminating: meta.deleted,
    hasClusterSearch: hasClusterSearch(spec),
  };
}

/** The API server fills in `dnsPolicy`; files may leave it out. */
function hasClusterSearch({ hostNetwork, dnsPolicy, dnsConfig }: Fields): boolean {
  if (hostNetwork === true || (text(dnsPolicy) || 'ClusterFirst') !== 'ClusterFirst') return false;
  return list(fields(dnsConfig).searches).length === 0;
}

function trimImport(meta: Meta, spec: Fields): ServiceImport {
  return {
    kind: 'ServiceImport',
    namespace: meta.namespace,
    name: meta.name,
    resourceVersion: meta.resourceVersion,
    type: text(spec.type) === 'Headless' ? 'Headless' : 'ClusterSetIP',
    ips: addresses(strings(spec.ips)),
    ports: list(spec.ports).map(servicePort),
  };
}

/** Addresses among the texts; others (FQDN slices, mistakes in a file) are passed over. */
function addresses(texts: readonly string[]): KeyedAddress[] {
  // Mapped, not filtered: an array that grew has room for many more.
  const found = texts.map(toAddress);
  return found.every((address) => address !== undefined)
    ? found
    : found.filter((address) => address !== undefined);
}

function fields(json: Json | undefined): Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Fields) : {};
}

function list(json: Json | undefined): readonly Json[] {
  return Array.isArray(json) ? json : [];
}

function text(json: Json | undefined): string {
  return typeof json === 'string' ? json : '';
}

function strings(json: Json | undefined): string[] {
  return list(json).filter((entry) => typeof entry === 'string');
}

function number(json: Json | undefined): number {
  return typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= 0xffff ? json : -1;
}

const shared = new Map<string, string>();

/** One copy of a string that many objects repeat; the table is emptied when full, which only costs sharing. */
function share(value: string): string {
  const known = shared.get(value);
  if (known !== undefined) return known;
  if (shared.size >= limits.sharedStrings) shared.clear();
  shared.set(value, value);
  return value;
}
