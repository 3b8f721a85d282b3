/** The `/etc/resolv.conf` that kubelet has the container runtime write for a pod (pkg/kubelet/network/dns/dns.go). */

export type DnsPolicy = 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';

/** `spec.dnsConfig` of a pod. */
export interface PodDnsConfig {
  readonly nameservers?: readonly string[] | undefined;
  readonly searches?: readonly string[] | undefined;
  readonly options?: readonly { readonly name: string; readonly value?: string | undefined }[] | undefined;
}

export interface PodResolvConfOptions {
  /** `spec.dnsPolicy`. Default: ClusterFirst. */
  readonly policy?: DnsPolicy | undefined;
  /** Default: `default`. */
  readonly namespace?: string | undefined;
  /** kubelet's `clusterDomain`; empty for none. Default: `cluster.local`. */
  readonly clusterDomain?: string | undefined;
  /** kubelet's `clusterDNS`: addresses. */
  readonly clusterDNS?: readonly string[] | undefined;
  /** The text of kubelet's `resolvConf`, mostly the node's `/etc/resolv.conf`; undefined where kubelet has none. */
  readonly hostConf?: string | undefined;
  /** `spec.hostNetwork`. */
  readonly hostNetwork?: boolean | undefined;
  readonly dnsConfig?: PodDnsConfig | undefined;
}

export interface PodResolvConf {
  /** The file; empty where a runtime may put the node's own in its place. */
  readonly text: string;
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
  /** What was left out, as kubelet's events say it, and policies that turned into another. */
  readonly warnings: readonly string[];
}

/** What is put together, before the limits. */
interface Draft {
  nameservers: readonly string[];
  searches: readonly string[];
  options: readonly string[];
}

/** kubelet's limits; searches since 1.26. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2048;
const MAX_SEARCH_DOMAIN_CHARS = 253;
const CLUSTER_OPTIONS = ['ndots:5'];

export function podResolvConf(options: PodResolvConfOptions = {}): PodResolvConf {
  const warnings: string[] = [];
  const base = basis(options, warnings);
  const draft = merge(base, options.dnsConfig);
  const nameservers = fitNameservers(draft.nameservers, warnings);
  const searches = fitSearches(draft.searches, warnings);
  return {
    nameservers,
    searches,
    options: draft.options,
    warnings,
    text: write(nameservers, searches, draft.options),
  };
}

function basis(options: PodResolvConfOptions, warnings: string[]): Draft {
  const { policy = 'ClusterFirst', clusterDNS = [], hostNetwork = false, hostConf } = options;
  if (policy === 'None') return { nameservers: [], searches: [], options: [] };
  const host = readHostConf(hostConf ?? '');
  const wantsCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !hostNetwork);
  if (policy === 'ClusterFirst' && hostNetwork) {
    warnings.push(
      'ClusterFirst in the host network means Default: ClusterFirstWithHostNet is what asks the cluster',
    );
  }
  if (wantsCluster && clusterDNS.length > 0) {
    return {
      nameservers: clusterDNS,
      searches: clusterSearches(options, host.searches),
      options: CLUSTER_OPTIONS,
    };
  }
  if (wantsCluster) warnings.push(`kubelet has no clusterDNS: ${policy} means Default`);
  // Without a file of the host nothing is to be looked up but on the pod itself.
  return hostConf === undefined ? { nameservers: ['127.0.0.1'], searches: ['.'], options: [] } : host;
}

function clusterSearches(options: PodResolvConfOptions, hostSearches: readonly string[]): readonly string[] {
  const { namespace = 'default', clusterDomain = 'cluster.local' } = options;
  if (clusterDomain === '') return hostSearches;
  const own = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return unique([...own, ...hostSearches]);
}

/** kubelet reads the file in its own way: `domain` means nothing to it, blanks before a keyword do not matter. */
function readHostConf(text: string): Draft {
  const draft: Draft = { nameservers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'nameserver') draft.nameservers = [...draft.nameservers, ...words.slice(0, 1)];
    else if (keyword === 'search') draft.searches = words.map(withoutFinalDot);
    else if (keyword === 'options') draft.options = words;
  }
  return draft;
}

function withoutFinalDot(domain: string): string {
  return domain === '.' ? domain : domain.replace(/\.$/, '');
}

function merge(base: Draft, config: PodDnsConfig | undefined): Draft {
  if (config === undefined) return base;
  const { nameservers = [], searches = [], options = [] } = config;
  return {
    nameservers: unique([...base.nameservers, ...nameservers]),
    searches: unique([...base.searches, ...searches]),
    options: mergeOptions(base.options, options),
  };
}

/** One of a name, the pod's before the others. kubelet writes them in no order at all; here the first comes first. */
function mergeOptions(
  base: readonly string[],
  own: readonly { readonly name: string; readonly value?: string | undefined }[],
): string[] {
  const merged = new Map<string, string>();
  for (const option of base) {
    const [, name = option, value = ''] = /^([^:]*):(.*)$/s.exec(option) ?? [];
    merged.set(name, value);
  }
  for (const { name, value = '' } of own) merged.set(name, value);
  return [...merged].map(([name, value]) => (value === '' ? name : `${name}:${value}`));
}

function fitNameservers(nameservers: readonly string[], warnings: string[]): readonly string[] {
  if (nameservers.length <= MAX_NAMESERVERS) return nameservers;
  warnings.push(`${nameservers.length} nameservers: the first ${MAX_NAMESERVERS} are used`);
  return nameservers.slice(0, MAX_NAMESERVERS);
}

function fitSearches(searches: readonly string[], warnings: string[]): readonly string[] {
  const fitting = searches
    .slice(0, MAX_SEARCHES)
    .filter((domain) => domain.length <= MAX_SEARCH_DOMAIN_CHARS);
  while (fitting.join(' ').length > MAX_SEARCH_CHARS) fitting.pop();
  const missing = searches.length - fitting.length;
  if (missing > 0) {
    warnings.push(
      `${missing} search domain${missing === 1 ? '' : 's'} left out: ${MAX_SEARCHES} domains, ${MAX_SEARCH_DOMAIN_CHARS} characters each and ${MAX_SEARCH_CHARS} in all are allowed`,
    );
  }
  return fitting;
}

function write(
  nameservers: readonly string[],
  searches: readonly string[],
  options: readonly string[],
): string {
  const lines: string[] = [];
  if (searches.length > 0) lines.push(`search ${searches.join(' ')}`);
  for (const nameserver of nameservers) lines.push(`nameserver ${nameserver}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return lines.map((line) => `${line}\n`).join('');
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
