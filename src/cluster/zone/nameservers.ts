/** Who serves the zone: the Services in front of this very server, found by its own addresses. */
import { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { endpointHostname } from '../endpoints.ts';
import type { EndpointSlice } from '../objects.ts';
import type { ClusterStore } from '../store.ts';
import { nameBelow } from './name-below.ts';
import { addressRecord } from './records.ts';

export interface NameServer {
  readonly name: Name;
  /** Octets of its addresses, each once. */
  readonly addresses: readonly Uint8Array[];
}

const SELF = Name.fromText('ns.dns');

/**
 * The name servers of a zone. Where no ready endpoint has one of the server's own addresses, the server itself is
 * the one, as `ns.dns.Z`.
 */
export function nameServers(
  store: ClusterStore,
  origin: Name,
  ownAddresses: readonly Uint8Array[],
  podNames: boolean,
): NameServer[] {
  const servers = new Map<string, { name: Name; addresses: Map<string, Uint8Array> }>();
  const add = (name: Name | undefined, address: Uint8Array) => {
    if (name === undefined) return;
    const server = servers.get(name.key) ?? { name, addresses: new Map<string, Uint8Array>() };
    server.addresses.set(address.join('.'), address);
    servers.set(name.key, server);
  };
  for (const own of ownAddresses) {
    for (const slice of store.slicesByAddress.get(own)) addServersOf(store, origin, slice, podNames, add);
  }
  if (servers.size === 0) for (const own of ownAddresses) add(SELF.concat(origin), own);
  return [...servers.values()].map(({ name, addresses }) => ({ name, addresses: [...addresses.values()] }));
}

function addServersOf(
  store: ClusterStore,
  origin: Name,
  slice: EndpointSlice,
  podNames: boolean,
  add: (name: Name | undefined, address: Uint8Array) => void,
): void {
  const service = store.namespace(slice.namespace)?.services.get(slice.service)?.object;
  // RFC 2181 §10.3: a name server's name is no alias.
  if (service === undefined || service.type === 'ExternalName') return;
  const labels = [service.name, service.namespace, 'svc'];
  const name = nameBelow(labels, origin);
  for (const ip of service.clusterIPs) add(name, ip.bytes);
  if (service.type !== 'Headless') return;
  for (const endpoint of slice.endpoints) {
    for (const address of endpoint.addresses) {
      add(nameBelow([endpointHostname(endpoint, address, podNames), ...labels], origin), address.bytes);
    }
  }
}

/** NS records of the zone and the addresses of their targets. */
export function nameServerRecords(
  owner: Name,
  ttl: number,
  servers: readonly NameServer[],
): { answer: ResourceRecord[]; additional: ResourceRecord[] } {
  return {
    answer: servers.map(({ name }) => record(owner, ttl, { kind: 'NS', target: name })),
    additional: servers.flatMap(({ name, addresses }) =>
      addresses.map((address) => addressRecord(name, ttl, address)),
    ),
  };
}
