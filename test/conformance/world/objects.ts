/** Kubernetes objects in few words. */
import type { Manifest } from '../../cluster/control-plane/cluster-api.ts';
import { ADDRESS, READY } from '../../cluster/control-plane/kubelet.ts';

type Labels = Readonly<Record<string, string>>;

/** `path` is `namespace/name`. */
function metadata(path: string, labels: Labels = {}) {
  const [namespace = '', name = ''] = path.split('/');
  return { namespace, name, labels };
}

export function namespace(name: string, labels: Labels = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Ports as `name/protocol/number`; the name may be empty where there is one port. */
export function servicePorts(texts: readonly string[]) {
  return texts.map((text) => {
    const [name = '', protocol = 'TCP', port = '0'] = text.split('/');
    return { ...(name !== '' && { name }), protocol, port: Number(port), targetPort: Number(port) + 8000 };
  });
}

export interface ServiceParts {
  readonly ports?: readonly string[];
  readonly selector?: Labels;
  readonly headless?: boolean;
  readonly families?: readonly ('IPv4' | 'IPv6')[];
  readonly labels?: Labels;
  /** Further fields of the spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function service(path: string, parts: ServiceParts = {}): Manifest {
  const { ports = [], selector, headless = false, families, labels = {}, spec = {} } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(path, labels),
    spec: {
      ...(ports.length > 0 && { ports: servicePorts(ports) }),
      ...(selector && { selector }),
      ...(headless && { clusterIP: 'None' }),
      ...(families && {
        ipFamilies: families,
        ipFamilyPolicy: families.length > 1 ? 'RequireDualStack' : 'SingleStack',
      }),
      ...spec,
    },
  };
}

export function externalName(path: string, target: string, ports: readonly string[] = []): Manifest {
  return service(path, { ports, spec: { type: 'ExternalName', externalName: target } });
}

export interface PodParts {
  readonly ready?: boolean;
  readonly hostname?: string;
  readonly subdomain?: string;
  /** Default: the next one of the pods' network. */
  readonly address?: string;
}

export function pod(
  path: string,
  labels: Labels,
  { ready = true, hostname, subdomain, address }: PodParts = {},
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata(path, labels),
      annotations: { [READY]: String(ready), ...(address !== undefined && { [ADDRESS]: address }) },
    },
    spec: {
      automountServiceAccountToken: false,
      ...(hostname !== undefined && { hostname }),
      ...(subdomain !== undefined && { subdomain }),
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
    },
  };
}

export interface EndpointParts {
  readonly addresses: readonly string[];
  /** Null: the conditions do not say. */
  readonly ready?: boolean | null;
  readonly hostname?: string;
  readonly zone?: string;
}

export interface SliceParts {
  /** Undefined: it belongs to none. */
  readonly of?: string;
  readonly type?: 'IPv4' | 'IPv6' | 'FQDN';
  /** As for a Service. */
  readonly ports?: readonly string[];
  readonly endpoints: readonly EndpointParts[];
  readonly labels?: Labels;
}

export function slice(
  path: string,
  { of, type = 'IPv4', ports = [], endpoints, labels = {} }: SliceParts,
): Manifest {
  const owner: Labels = of === undefined ? {} : { 'kubernetes.io/service-name': of };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadata(path, { ...labels, ...owner }),
    addressType: type,
    ports: ports.map((text) => {
      const [name = '', protocol = 'TCP', port = '0'] = text.split('/');
      return { name, protocol, port: Number(port) };
    }),
    endpoints: endpoints.map(({ addresses, ready = true, hostname, zone }) => ({
      addresses,
      conditions: ready === null ? {} : { ready },
      ...(hostname !== undefined && { hostname }),
      ...(zone !== undefined && { zone }),
    })),
  };
}

/** Legacy Endpoints, which the control plane mirrors into slices. */
export function endpoints(path: string, addresses: readonly string[], ports: readonly string[]): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: metadata(path),
    subsets: [
      {
        addresses: addresses.map((ip) => ({ ip })),
        ports: ports.map((text) => {
          const [name = '', protocol = 'TCP', port = '0'] = text.split('/');
          return { name, protocol, port: Number(port) };
        }),
      },
    ],
  };
}

export interface ImportParts {
  readonly type: 'ClusterSetIP' | 'Headless';
  readonly ips?: readonly string[];
  readonly ports?: readonly string[];
}

export function serviceImport(path: string, { type, ips = [], ports = [] }: ImportParts): Manifest {
  return {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'ServiceImport',
    metadata: metadata(path),
    spec: { type, ips, ports: servicePorts(ports).map(({ targetPort: _, ...port }) => port) },
  };
}

/** A slice that another cluster of the set exports. */
export function importedSlice(path: string, of: string, cluster: string, parts: SliceParts): Manifest {
  const labels = {
    'multicluster.kubernetes.io/service-name': of,
    'multicluster.kubernetes.io/source-cluster': cluster,
  };
  return slice(path, { ...parts, labels });
}
