/** Legacy Endpoints objects of Services without a selector -> EndpointSlices, as the mirroring controller makes them. */
import { isIPv4, isIPv6 } from 'node:net';
import { limits } from '../../../limits.ts';
import { type Json, SERVICE_NAME_LABEL } from '../../trim.ts';
import { type Fields, fields, list, text } from './json.ts';

const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
/** Marks Endpoints that are only the lock of an old leader election. */
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

/** One slice per subset and address family; none for an object that asks not to be mirrored. */
export function mirroredSlices(endpoints: Fields): Fields[] {
  const metadata = fields(endpoints.metadata);
  const labels = fields(metadata.labels);
  const annotations = fields(metadata.annotations);
  if (labels[SKIP_LABEL] === 'true' || Object.hasOwn(annotations, LEADER_ANNOTATION)) return [];
  const name = text(metadata.name);
  return list(endpoints.subsets).flatMap((json, index) => {
    const subset = fields(json);
    const ports = list(subset.ports).map(port);
    const addresses = addressesOf(subset);
    return (['IPv4', 'IPv6'] as const).flatMap((family) => {
      const isOfFamily = family === 'IPv4' ? isIPv4 : isIPv6;
      const ofFamily = addresses.filter(({ ip }) => isOfFamily(ip)).map(({ endpoint }) => endpoint);
      if (ofFamily.length === 0) return [];
      return [
        {
          metadata: {
            name: `${name}:${family}:${index}`,
            namespace: metadata.namespace,
            labels: {
              ...labels,
              [SERVICE_NAME_LABEL]: name,
              'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
            },
            annotations,
          },
          addressType: family,
          ports,
          endpoints: ofFamily,
        },
      ];
    });
  });
}

/** As the controller, which takes the ready addresses first and stops at its bound. */
function addressesOf(subset: Fields): { ip: string; endpoint: Fields }[] {
  const ready = list(subset.addresses).map((json) => mirrored(json, true));
  const notReady = list(subset.notReadyAddresses).map((json) => mirrored(json, false));
  return [...ready, ...notReady]
    .filter(({ ip }) => isIPv4(ip) || isIPv6(ip))
    .slice(0, limits.mirroredAddressesPerSubset);
}

function mirrored(json: Json, ready: boolean): { ip: string; endpoint: Fields } {
  const { ip, hostname, targetRef } = fields(json);
  const endpoint = { addresses: [text(ip)], conditions: { ready }, hostname, targetRef };
  return { ip: text(ip), endpoint };
}

function port(json: Json): Fields {
  const { name, port: number, protocol } = fields(json);
  return { name: text(name), port: number, protocol: text(protocol) || 'TCP' };
}
