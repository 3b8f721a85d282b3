/** The form of a cluster name (Kubernetes DNS spec 1.1.0 §2): labels left of the zone, read from the right. */
import type { Name } from '../../dns/name.ts';

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

/** @param count labels of `name` left of the zone */
export function parseClusterName(name: Name, count: number, rules: NameRules): ClusterName {
  const at = count - 1;
  if (at < 0) return APEX;
  const branch = name.labelIs(at, 'svc') ? 'svc' : name.labelIs(at, 'pod') ? 'pod' : undefined;
  if (branch === undefined) return parseFixedName(name, count);
  if (at === 0) return BRANCH;
  if (at === 1) return { kind: 'namespace', branch, namespace: name.label(0) };
  const rest = at - 2;
  if (branch === 'pod') {
    // What stands left of the pod's label is not looked at, as in CoreDNS, up to a port and a protocol.
    if (rest > 2) return INVALID;
    return { kind: 'pod', namespace: name.label(at - 1), addressText: name.label(rest) };
  }
  const part = parseServicePart(name, rest, rules);
  if (part === undefined) return INVALID;
  return { kind: 'service', namespace: name.label(at - 1), service: name.label(rest), part };
}

function parseFixedName(name: Name, count: number): ClusterName {
  if (count === 1 && name.labelIs(0, 'dns-version')) return { kind: 'dns-version' };
  if (count === 2 && name.labelIs(0, 'ns') && name.labelIs(1, 'dns')) return { kind: 'nameserver' };
  return INVALID;
}

/** @param count labels left of the Service's */
function parseServicePart(name: Name, count: number, rules: NameRules): ServicePart | undefined {
  if (count === 0) return WHOLE;
  if (rules.zonal && !rules.multicluster && count >= 3) return parseZonal(name, count);
  if (count > 2) return undefined;
  const first = name.label(0);
  if (count === 1) return { kind: 'endpoint', hostname: first, cluster: undefined };
  const second = name.label(1);
  if (rules.multicluster && !first.startsWith('_') && !second.startsWith('_')) {
    return { kind: 'endpoint', hostname: first, cluster: second };
  }
  return { kind: 'port', port: withoutUnderscore(first), protocol: withoutUnderscore(second) };
}

/** `<topology zone>.<pin|prefer>._zone`; the topology zone may have several labels. */
function parseZonal(name: Name, count: number): ServicePart | undefined {
  const directive = name.label(count - 2);
  if (!name.labelIs(count - 1, '_zone') || (directive !== 'pin' && directive !== 'prefer')) return undefined;
  return {
    kind: 'zonal',
    topologyZone: name
      .labels()
      .slice(0, count - 2)
      .join('.'),
    directive,
  };
}

function withoutUnderscore(label: string): string {
  return label.startsWith('_') ? label.slice(1) : label;
}
