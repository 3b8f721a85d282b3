/**
 * The control plane's part: EndpointSlices for Services whose slices the files do not hold. Follows the rules of
 * kube-controller-manager's EndpointSlice and EndpointSliceMirroring controllers, as far as DNS answers depend on them.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { SERVICE_NAME_LABEL } from '../../trim.ts';
import { type Fields, fields, hasLabel, list, text } from './json.ts';
import { mirroredSlices } from './mirror.ts';

/** Objects as JSON, each with its `metadata.namespace`. */
export interface ControlPlaneObjects {
  readonly services: readonly Fields[];
  readonly slices: readonly Fields[];
  readonly pods: readonly Fields[];
  readonly endpoints: readonly Fields[];
}

type Family = 'IPv4' | 'IPv6';

/**
 * The slices that controllers would add to these objects: none for a Service that has any slice among them, nor
 * for an ExternalName. Their names hold a colon, so they never meet those of real slices.
 */
export function computeSlices({ services, slices, pods, endpoints }: ControlPlaneObjects): Fields[] {
  const served = new Set(
    slices.map((slice) => keyOf(slice, text(fieldsOf(slice, 'labels')[SERVICE_NAME_LABEL]))),
  );
  const podsOf = Map.groupBy(pods.filter(mayServe), namespaceOf);
  const endpointsOf = new Map(endpoints.map((object) => [keyOf(object, nameOf(object)), object]));
  return services.flatMap((service) => {
    const key = keyOf(service, nameOf(service));
    const { type, selector } = fields(service.spec);
    if (served.has(key) || type === 'ExternalName') return [];
    if (Object.keys(fields(selector)).length > 0) {
      return slicesOfPods(service, podsOf.get(namespaceOf(service)) ?? []);
    }
    const mirrored = endpointsOf.get(key);
    return mirrored === undefined ? [] : mirroredSlices(mirrored);
  });
}

/** Finished pods have given their address back. */
function mayServe(pod: Fields): boolean {
  const phase = text(fields(pod.status).phase);
  return phase !== 'Succeeded' && phase !== 'Failed' && podIPs(pod).length > 0;
}

/** One slice per address family and set of ports: a named port may be another number in every pod. */
function slicesOfPods(service: Fields, pods: readonly Fields[]): Fields[] {
  const selector = Object.entries(fields(fields(service.spec).selector));
  const found = new Map<string, { family: Family; ports: Fields[]; endpoints: Fields[] }>();
  for (const pod of pods) {
    const labels = fieldsOf(pod, 'labels');
    if (!selector.every(([key, value]) => hasLabel(labels, key, value))) continue;
    const ports = portsOf(service, pod);
    const described = ports.map((port) => `${port.name}/${port.protocol}/${port.port}`).join(',');
    for (const family of familiesOf(service)) {
      const addresses = podIPs(pod).filter(family === 'IPv4' ? isIPv4 : isIPv6);
      if (addresses.length === 0) continue;
      const name = `${nameOf(service)}:${family}:${described}`;
      const slice = found.get(name) ?? { family, ports, endpoints: [] };
      slice.endpoints.push(endpoint(service, pod, addresses));
      found.set(name, slice);
    }
  }
  return [...found].map(([name, { family, ports, endpoints }]) => ({
    metadata: { name, namespace: namespaceOf(service), labels: sliceLabels(service) },
    addressType: family,
    ports,
    endpoints,
  }));
}

function sliceLabels(service: Fields): Fields {
  return {
    ...fieldsOf(service, 'labels'),
    ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
    [SERVICE_NAME_LABEL]: nameOf(service),
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  };
}

function endpoint(service: Fields, pod: Fields, addresses: string[]): Fields {
  const { hostname, subdomain } = fields(pod.spec);
  const isNamed = text(hostname) !== '' && subdomain === nameOf(service);
  const serving = isReady(pod);
  const terminating = text(fields(pod.metadata).deletionTimestamp) !== '';
  const published = fields(service.spec).publishNotReadyAddresses === true;
  return {
    addresses,
    conditions: { ready: published || (serving && !terminating), serving, terminating },
    ...(isNamed ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) },
  };
}

function isReady(pod: Fields): boolean {
  const conditions = list(fields(pod.status).conditions).map(fields);
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Families that the Service was given, else those of its cluster IPs; a headless one without either has both. */
function familiesOf(service: Fields): Family[] {
  const { ipFamilies, clusterIPs, clusterIP } = fields(service.spec);
  const named = list(ipFamilies).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (named.length > 0) return named;
  const ips = [...list(clusterIPs), clusterIP].map(text);
  const both: Family[] = ['IPv4', 'IPv6'];
  const assigned = both.filter((family) => ips.some(family === 'IPv4' ? isIPv4 : isIPv6));
  return assigned.length > 0 ? assigned : both;
}

/** The Service's ports as this pod has them; a port that the pod does not have is left out. */
function portsOf(service: Fields, pod: Fields): Fields[] {
  return list(fields(service.spec).ports).flatMap((json) => {
    const port = fields(json);
    const protocol = text(port.protocol) || 'TCP';
    const number = targetPort(port, protocol, pod);
    return number === undefined ? [] : [{ name: text(port.name), protocol, port: number }];
  });
}

function targetPort({ port, targetPort: target }: Fields, protocol: string, pod: Fields): number | undefined {
  if (typeof target === 'number' && target !== 0) return target;
  if (typeof target !== 'string' || target === '') return typeof port === 'number' ? port : undefined;
  const named = containersOf(pod)
    .flatMap((container) => list(container.ports).map(fields))
    .find(({ name, protocol: own }) => name === target && (text(own) || 'TCP') === protocol);
  return typeof named?.containerPort === 'number' ? named.containerPort : undefined;
}

/** Init containers that always restart are sidecars: they run and listen as the others do. */
function containersOf(pod: Fields): Fields[] {
  const { containers, initContainers } = fields(pod.spec);
  const sidecars = list(initContainers)
    .map(fields)
    .filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...list(containers).map(fields), ...sidecars];
}

function podIPs(pod: Fields): string[] {
  const { podIPs: many, podIP } = fields(pod.status);
  const ips = list(many).map((entry) => text(fields(entry).ip));
  return (ips.length > 0 ? ips : [text(podIP)]).filter((ip) => ip !== '');
}

function isHeadless(service: Fields): boolean {
  const { clusterIPs, clusterIP } = fields(service.spec);
  return text(clusterIP) === 'None' || list(clusterIPs)[0] === 'None';
}

function fieldsOf(object: Fields, part: 'labels' | 'annotations'): Fields {
  return fields(fields(object.metadata)[part]);
}

function namespaceOf(object: Fields): string {
  return text(fields(object.metadata).namespace);
}

function nameOf(object: Fields): string {
  return text(fields(object.metadata).name);
}

function keyOf(object: Fields, service: string): string {
  return `${namespaceOf(object)}/${service}`;
}
