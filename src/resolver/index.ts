/** The client's side: resolv.conf, search list and servers as glibc and musl go through them, and what kubelet gives a pod. */
export { candidates } from './candidates.ts';
export {
  DNS_PORT,
  type Flag,
  type Libc,
  MAX_NAMESERVERS,
  type Nameserver,
  nameserverText,
  type Reading,
  type Remark,
  type ResolvConf,
} from './conf.ts';
export type { GlibcSurroundings } from './glibc-conf.ts';
export type { Attempt } from './inquiry.ts';
export type { Ask, Transport } from './line.ts';
export { parseResolvConf } from './parse-conf.ts';
export {
  type DnsPolicy,
  type PodDnsConfig,
  type PodResolvConf,
  type PodResolvConfOptions,
  podResolvConf,
} from './pod-conf.ts';
export {
  type LookupType,
  type Resolution,
  Resolver,
  type ResolverOptions,
  type TriedCandidate,
} from './resolver.ts';
export { type Rule, rulesOf, type Verdict } from './rules.ts';
export { DEFAULT_MUSL_VERSION, isMuslVersion } from './version.ts';
