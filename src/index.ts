/** The library: everything that a program may import from `corvidns`. */
export type {
  ClusterObject,
  EndpointSlice,
  Namespace,
  Pod,
  Service,
  ServiceImport,
} from './cluster/objects.ts';
export type { ClusterSink, ClusterSource } from './cluster/source.ts';
export { ClusterStore, type StoreOptions } from './cluster/store.ts';
export { trim } from './cluster/trim.ts';
export { ClusterZone, type ClusterZoneOptions } from './cluster/zone/cluster-zone.ts';
export { type Lookup, type Outcome, rcodeOf } from './cluster/zone/lookup.ts';
export { CorefileErrors, formatError, type ParsedCorefile, parseCorefile } from './corefile/index.ts';
export * from './dns/index.ts';
export { type Reason, reasons } from './reasons.ts';
export {
  type Ask,
  type Attempt,
  candidates,
  type DnsPolicy,
  type Libc,
  type LookupType,
  type Nameserver,
  type PodDnsConfig,
  type PodResolvConf,
  type PodResolvConfOptions,
  parseResolvConf,
  podResolvConf,
  type Resolution,
  type ResolvConf,
  Resolver,
  type ResolverOptions,
  type TriedCandidate,
  type Verdict,
} from './resolver/index.ts';
export { type CreateServerOptions, createServer } from './server/create-server.ts';
export type { Server } from './server/server.ts';
