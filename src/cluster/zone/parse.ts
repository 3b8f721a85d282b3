/** The form of a cluster name (Kubernetes DNS spec 1.1.0 §2): labels left of the zone, read from the right. */

export interface ServiceName {
  readonly kind: 'service';
  readonly namespace: string;
  readonly service: string;
  readonly part: ServicePart;
}

/** What stands left of the Service's name. */
export type ServicePart =
  | { readonly kind: 'whole' }
  | { readonly kind: 'endpoint'; readonly hostname: string; readonly cluster: string | undefined }
  /** Without the leading underscores; an empty one matches every port or protocol. */
  | { readonly kind: 'port'; readonly port: string; readonly protocol: string }
  | { readonly kind: 'zonal'; readonly topologyZone: string; readonly directive: 'pin' | 'prefer' };

export type ClusterName =
  | { readonly kind: 'apex' }
  /** `svc.Z` or `pod.Z`. */
  | { readonly kind: 'branch' }
  | { readonly kind: 'namespace'; readonly branch: 'svc' | 'pod'; readonly namespace: string }
  | { readonly kind: 'pod'; readonly namespace: string; readonly addressText: string }
  | { readonly kind: 'dns-version' }
  /** `ns.dns.Z`: the server itself. */
  | { readonly kind: 'nameserver' }
  | ServiceName
  | { readonly kind: 'invalid' };

export interface NameRules {
  readonly multicluster: boolean;
  readonly zonal: boolean;
}

const INVALID = { kind: 'invalid' } as const;
const APEX = { kind: 'apex' } as const;
const BRANCH = { kind: 'branch' } as const;
const WHOLE = { kind: 'whole' } as const;

/** @param labels lower-case labels left of the zone, leftmost first */
export function parseClusterName(labels: readonly string[], rules: NameRules): ClusterName {
  const at = labels.length - 1;
  const branch = labels[at];
  if (branch === undefined) return APEX;
  if (branch !== 'svc' && branch !== 'pod') return parseFixedName(labels);
  const namespace = labels[at - 1];
  if (namespace === undefined) return BRANCH;
  const target = labels[at - 2];
  if (target === undefined) return { kind: 'namespace', branch, namespace };
  const rest = labels.slice(0, at - 2);
  if (branch === 'pod') {
    // What stands left of the pod's label is not looked at, as in CoreDNS, up to a port and a protocol.
    return rest.length <= 2 ? { kind: 'pod', namespace, addressText: target } : INVALID;
  }
  const part = parseServicePart(rest, rules);
  return part === undefined ? INVALID : { kind: 'service', namespace, service: target, part };
}

function parseFixedName(labels: readonly string[]): ClusterName {
  if (labels.length === 1 && labels[0] === 'dns-version') return { kind: 'dns-version' };
  if (labels.length === 2 && labels[0] === 'ns' && labels[1] === 'dns') return { kind: 'nameserver' };
  return INVALID;
}

function parseServicePart(rest: readonly string[], rules: NameRules): ServicePart | undefined {
  const [first, second] = rest;
  if (first === undefined) return WHOLE;
  if (rules.zonal && !rules.multicluster && rest.length >= 3) return parseZonal(rest);
  if (second === undefined) return { kind: 'endpoint', hostname: first, cluster: undefined };
  if (rest.length > 2) return undefined;
  if (rules.multicluster && !first.startsWith('_') && !second.startsWith('_')) {
    return { kind: 'endpoint', hostname: first, cluster: second };
  }
  return { kind: 'port', port: withoutUnderscore(first), protocol: withoutUnderscore(second) };
}

/** `<topology zone>.<pin|prefer>._zone`; the topology zone may have several labels. */
function parseZonal(rest: readonly string[]): ServicePart | undefined {
  const directive = rest.at(-2);
  if (rest.at(-1) !== '_zone' || (directive !== 'pin' && directive !== 'prefer')) return undefined;
  return { kind: 'zonal', topologyZone: rest.slice(0, -2).join('.'), directive };
}

function withoutUnderscore(label: string): string {
  return label.startsWith('_') ? label.slice(1) : label;
}
