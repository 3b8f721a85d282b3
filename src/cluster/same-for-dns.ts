/** Whether two states of one object give the same answers. */
import type { KeyedAddress, Port } from './objects.ts';
import type { KeptObject } from './packed-endpoints.ts';

/** What no answer depends on is passed over: the version, the moment of a change, whether there is a selector, how a pod is set up. */
export function sameForDns(before: KeptObject, after: KeptObject): boolean {
  switch (after.kind) {
    case 'Namespace':
      return true;
    case 'Service':
      return (
        before.kind === 'Service' &&
        before.type === after.type &&
        before.externalName === after.externalName &&
        sameAddresses(before.clusterIPs, after.clusterIPs) &&
        samePorts(before.ports, after.ports) &&
        sameTexts(before.externalIPs, after.externalIPs)
      );
    case 'EndpointSlice':
      return (
        before.kind === 'EndpointSlice' &&
        before.service === after.service &&
        before.multicluster?.service === after.multicluster?.service &&
        before.multicluster?.cluster === after.multicluster?.cluster &&
        samePorts(before.ports, after.ports) &&
        before.endpoints.equals(after.endpoints)
      );
    case 'Pod':
      return before.kind === 'Pod' && before.ip?.key === after.ip?.key;
    case 'ServiceImport':
      return (
        before.kind === 'ServiceImport' &&
        before.type === after.type &&
        sameAddresses(before.ips, after.ips) &&
        samePorts(before.ports, after.ports)
      );
  }
}

export function samePorts(before: readonly Port[], after: readonly Port[]): boolean {
  return before === after || sameLists(before, after, samePort);
}

export function sameTexts(before: readonly string[], after: readonly string[]): boolean {
  return sameLists(before, after, Object.is);
}

function sameAddresses(before: readonly KeyedAddress[], after: readonly KeyedAddress[]): boolean {
  return sameLists(before, after, (one, other) => one.key === other.key);
}

function samePort(one: Port, other: Port): boolean {
  return one.number === other.number && one.name === other.name && one.protocol === other.protocol;
}

function sameLists<T>(
  before: readonly T[],
  after: readonly T[],
  same: (one: T, other: T) => boolean,
): boolean {
  return before.length === after.length && after.every((value, at) => same(before[at] as T, value));
}
