/** PTR targets of an address (Kubernetes DNS spec 1.1.0 §2.3.3, §2.4.3). */
import { formatAddress } from '../../dns/address.ts';
import type { Name } from '../../dns/name.ts';
import { endpointHostname } from '../endpoints.ts';
import type { EndpointSlice } from '../objects.ts';
import type { ClusterStore } from '../store.ts';
import { nameBelow } from './name-below.ts';

/** The Service that has the address, else one name for each Service that has a ready endpoint of that address. */
export function pointerTargets(
  store: ClusterStore,
  address: Uint8Array,
  zone: Name,
  podNames: boolean,
  isExposed: (namespace: string) => boolean,
): Name[] {
  const service = store.serviceByAddress.get(address).find(({ namespace }) => isExposed(namespace));
  const whole = service && nameBelow([service.name, service.namespace, 'svc'], zone);
  if (whole !== undefined) return [whole];
  const targets = new Map<string, Name>();
  for (const slice of store.slicesByAddress.get(address)) {
    // A slice without the Service's label belongs to no name.
    if (slice.service === '' || !isExposed(slice.namespace)) continue;
    for (const hostname of hostnamesOf(slice, address, podNames)) {
      const target = nameBelow([hostname, slice.service, slice.namespace, 'svc'], zone);
      if (target !== undefined) targets.set(target.key, target);
    }
  }
  return [...targets.values()];
}

function* hostnamesOf(slice: EndpointSlice, address: Uint8Array, podNames: boolean): Generator<string> {
  const text = formatAddress(address);
  for (const endpoint of slice.endpoints) {
    for (const candidate of endpoint.addresses) {
      if (candidate.text === text) yield endpointHostname(endpoint, candidate, podNames);
    }
  }
}
