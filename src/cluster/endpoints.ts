/** The ready endpoints of one Service as DNS sees them: merged over its EndpointSlices, each with its hostname. */
import { limits } from '../limits.ts';
import { isIPv6 } from './address.ts';
import type { Address, Endpoint, EndpointSlice, KeyedAddress, Port } from './objects.ts';

/** One address of one endpoint. */
export interface ServedEndpoint {
  /** First label of the endpoint's name, in lower case. */
  readonly hostname: string;
  readonly address: Address;
  /** Ports of the EndpointSlice that it came from; never empty. */
  readonly ports: readonly Port[];
  /** Topology zone in lower case, or empty. */
  readonly zone: string;
  /** Id of the cluster it is in, where its EndpointSlice was imported; else empty. */
  readonly cluster: string;
}

/** Where no port is declared: addresses are answered, SRV is not. */
export const NO_PORTS: readonly Port[] = [{ name: '', protocol: '', number: -1 }];

export function servedEndpoints(slices: Iterable<EndpointSlice>, podNames: boolean): ServedEndpoint[] {
  const served: ServedEndpoint[] = [];
  for (const slice of slices) {
    const ports = slice.ports.length > 0 ? slice.ports : NO_PORTS;
    const cluster = slice.multicluster?.cluster ?? '';
    for (const endpoint of slice.endpoints) {
      for (const address of endpoint.addresses) {
        const hostname = endpointHostname(endpoint, address, podNames);
        served.push({ hostname, address, ports, zone: endpoint.zone, cluster });
      }
    }
  }
  return served;
}

/**
 * First label of an endpoint's name: its hostname, else with `endpoint_pod_names` the pod's name where it is a legal
 * label, else the address with dashes (Kubernetes DNS spec 1.1.0 §2.4.1).
 */
export function endpointHostname(endpoint: Endpoint, address: KeyedAddress, podNames: boolean): string {
  if (endpoint.hostname !== '') return endpoint.hostname.toLowerCase();
  if (podNames && isLabel(endpoint.podName)) return endpoint.podName.toLowerCase();
  if (!isIPv6(address)) return address.text.replaceAll('.', '-');
  const dashed = address.text.replaceAll(':', '-');
  // A label may not end in a dash: `fd00::` becomes `fd00--0`.
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}

/** Names of pods may be longer, and have dots. */
function isLabel(podName: string): boolean {
  return podName !== '' && podName.length <= limits.labelBytes && !podName.includes('.');
}
