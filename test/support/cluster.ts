/** Trimmed cluster objects in few words, and stores that hold them. */
import { toAddress } from '../../src/cluster/address.ts';
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
} from '../../src/cluster/objects.ts';
import { ClusterStore, type StoreOptions } from '../../src/cluster/store.ts';

export const allKinds: readonly Kind[] = ['Namespace', 'Service', 'EndpointSlice', 'Pod', 'ServiceImport'];

interface Common {
  /** Default: empty, so that every upsert counts. */
  readonly version?: string;
}

/** `path` is `namespace/name`. */
function meta(path: string, { version = '' }: Common) {
  const [namespace = '', name = ''] = path.split('/');
  return { namespace, name, resourceVersion: version };
}

export function address(text: string): KeyedAddress {
  const found = toAddress(text);
  if (found === undefined) throw new Error(`${text} is no address`);
  return found;
}

/** A port from `name/protocol/number`, where name and protocol may be empty. */
export function port(text: string): Port {
  const [name = '', protocol = '', number = ''] = text.split('/');
  return { name, protocol, number: Number(number) };
}

export function namespace(name: string, { version = '' }: Common = {}): Namespace {
  return { kind: 'Namespace', name, resourceVersion: version };
}

export interface ServiceParts extends Common {
  /** Cluster IPs; `'None'` makes it headless. Default: none. */
  readonly ips?: readonly string[] | 'None';
  /** Makes it an ExternalName. */
  readonly externalName?: string;
  /** As `port` reads them. Default: none. */
  readonly ports?: readonly string[];
  readonly externalIPs?: readonly string[];
}

export function service(path: string, parts: ServiceParts = {}): Service {
  const { ips = [], externalName, ports = [], externalIPs = [] } = parts;
  const type = externalName !== undefined ? 'ExternalName' : ips === 'None' ? 'Headless' : 'ClusterIP';
  return {
    kind: 'Service',
    ...meta(path, parts),
    type,
    clusterIPs: ips === 'None' ? [] : ips.map(address),
    externalName: externalName ?? '',
    ports: ports.map(port),
    externalIPs,
    hasSelector: true,
  };
}

export interface EndpointParts {
  readonly addresses: readonly string[];
  readonly hostname?: string;
  readonly pod?: string;
  readonly zone?: string;
}

/** An endpoint; a text is its only address. */
export function endpoint(parts: EndpointParts | string): Endpoint {
  const { addresses, hostname = '', pod = '', zone = '' } = toEndpointParts(parts);
  return { addresses: addresses.map(address), hostname, podName: pod, zone };
}

function toEndpointParts(parts: EndpointParts | string): EndpointParts {
  return typeof parts === 'string' ? { addresses: [parts] } : parts;
}

export interface SliceParts extends Common {
  /** Default: the slice's name without its last `-...`, as the control plane names slices. */
  readonly service?: string;
  /** `service@cluster` that it was imported for. */
  readonly importedFor?: string;
  readonly ports?: readonly string[];
  readonly endpoints?: readonly (EndpointParts | string)[];
  readonly lastChange?: string;
}

export function slice(path: string, parts: SliceParts = {}): EndpointSlice {
  const { ports = [], endpoints = [], importedFor, lastChange = '' } = parts;
  const common = meta(path, parts);
  const [importedService = '', cluster = ''] = importedFor?.split('@') ?? [];
  return {
    kind: 'EndpointSlice',
    ...common,
    service: parts.service ?? common.name.replace(/-[^-]*$/, ''),
    multicluster: importedFor === undefined ? undefined : { service: importedService, cluster },
    ports: ports.map(port),
    endpoints: endpoints.map(endpoint),
    lastChangeTriggerTime: lastChange,
  };
}

export interface PodParts extends Common {
  readonly terminating?: boolean;
  /** Default: true. */
  readonly hasClusterSearch?: boolean;
}

export function pod(path: string, ip?: string, parts: PodParts = {}): Pod {
  return {
    kind: 'Pod',
    ...meta(path, parts),
    ip: ip === undefined ? undefined : address(ip),
    terminating: parts.terminating ?? false,
    hasClusterSearch: parts.hasClusterSearch ?? true,
  };
}

export interface ImportParts extends Common {
  /** `'None'` makes it headless. */
  readonly ips?: readonly string[] | 'None';
  readonly ports?: readonly string[];
}

export function serviceImport(path: string, parts: ImportParts = {}): ServiceImport {
  const { ips = [], ports = [] } = parts;
  return {
    kind: 'ServiceImport',
    ...meta(path, parts),
    type: ips === 'None' ? 'Headless' : 'ClusterSetIP',
    ips: ips === 'None' ? [] : ips.map(address),
    ports: ports.map(port),
  };
}

/** A store that was told of the objects, each kind as one list, and so is synced. */
export function storeOf(
  objects: readonly ClusterObject[],
  options: Partial<StoreOptions> = {},
): ClusterStore {
  const store = new ClusterStore({ kinds: allKinds, ...options });
  for (const kind of allKinds) {
    const list = store.beginList(kind);
    for (const object of objects) if (object.kind === kind) list.upsert(object);
    list.finish();
  }
  return store;
}
