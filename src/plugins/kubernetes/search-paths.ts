/** The search paths of pods, for `autopath @kubernetes`: what kubelet writes into a pod's `/etc/resolv.conf`. */
import { readFileSync } from 'node:fs';
import { certainPod } from '../../cluster/certain-pod.ts';
import type { ClusterStore } from '../../cluster/store.ts';
import { parseAddress } from '../../dns/address.ts';
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import { podResolvConf } from '../../resolver/index.ts';
import type { Query, SearchPaths, SetupContext } from '../plugin.ts';
import { isReverse, type KubernetesOptions } from './options.ts';

/** Where the server runs as kubelet's pod, what kubelet found on the node is in its own file. */
const OWN_RESOLV_CONF = '/etc/resolv.conf';
/** Octets of a namespace with the longest name, and of `svc`, in front of a zone. */
const FRONT_BYTES = limits.labelBytes + 1 + 4;

/** Registers the search paths of pods where `autopath` wants them. */
export function offerSearchPaths(
  store: ClusterStore,
  options: KubernetesOptions,
  { offers, log }: SetupContext,
): void {
  if (!offers.wantedSearchPaths.has('kubernetes')) return;
  if (options.pods !== 'verified') {
    log.warning(`autopath @kubernetes does nothing with "pods ${options.pods}": write "pods verified"`);
    offers.searchPaths.set('kubernetes', { concerns: () => false, searchPathOf: () => undefined });
    return;
  }
  // No kubelet has a reverse zone, or one of several clusters, for its domain.
  const zones = options.zones.filter(
    (zone) => !isReverse(zone) && !options.multiclusterZones.some((other) => other.equals(zone)),
  );
  let hostConf = '';
  try {
    hostConf = readFileSync(OWN_RESOLV_CONF, 'utf8');
  } catch (error) {
    log.warning(`no search domains of the node for autopath: ${(error as Error).message}`);
  }
  offers.searchPaths.set('kubernetes', new PodSearchPaths(store, zones, hostDomains(hostConf, zones)));
}

/** The node's search domains. Domains of the cluster are none of its: they are those of this server's own pod. */
export function hostDomains(hostConf: string, zones: readonly Name[]): readonly Name[] {
  const { searches } = podResolvConf({ policy: 'Default', hostConf });
  return searches.flatMap(nameOf).filter((domain) => {
    return !zones.some((zone) => zone.labelCount > 0 && domain.isWithin(zone));
  });
}

/** None for what is no name: the client's library passes over it. */
function nameOf(text: string): Name[] {
  try {
    return [Name.fromText(text)];
  } catch (error) {
    if (error instanceof PresentationError) return [];
    throw error;
  }
}

export class PodSearchPaths implements SearchPaths {
  readonly #store: ClusterStore;
  /** Longest zone first. */
  readonly #zones: readonly ZonePaths[];

  constructor(store: ClusterStore, zones: readonly Name[], hostDomains: readonly Name[]) {
    this.#store = store;
    this.#zones = zones
      .filter((zone) => zone.wire.length + FRONT_BYTES <= limits.nameBytes)
      .toSorted((a, b) => b.labelCount - a.labelCount)
      .map((zone) => new ZonePaths(zone, hostDomains));
  }

  concerns(name: Name): boolean {
    return this.#zones.some((zone) => zone.concerns(name));
  }

  searchPathOf({ name, client }: Query): readonly Name[] | undefined {
    const address = parseAddress(client.address);
    const pod = address && certainPod(this.#store, address);
    if (!pod?.hasClusterSearch) return undefined;
    return this.#zones.find((zone) => zone.concerns(name))?.pathOf(pod.namespace);
  }
}

/** Paths that begin in one zone. */
class ZonePaths {
  /** `svc.cluster.local.` */
  readonly #services: Name;
  /** What stands in every path behind the namespace's own domain. */
  readonly #rest: readonly Name[];
  readonly #byNamespace = new Map<string, readonly Name[]>();

  constructor(zone: Name, hostDomains: readonly Name[]) {
    this.#services = Name.fromLabels(['svc']).concat(zone);
    const rest = [this.#services, zone, ...hostDomains].slice(0, limits.autopathCandidates - 2);
    this.#rest = [...new Map([...rest, Name.root].map((domain) => [domain.key, domain])).values()];
  }

  /** Whether it is two labels or more below `svc`: one for the namespace. */
  concerns(name: Name): boolean {
    return name.labelCount >= this.#services.labelCount + 2 && name.isWithin(this.#services);
  }

  /** Undefined for a namespace that no name can hold. */
  pathOf(namespace: string): readonly Name[] | undefined {
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    const [label] = nameOf(namespace);
    if (label?.labelCount !== 1) return undefined;
    const path = [label.concat(this.#services), ...this.#rest];
    // It only costs putting them together again.
    if (this.#byNamespace.size >= limits.autopathNamespaces) this.#byNamespace.clear();
    this.#byNamespace.set(namespace, path);
    return path;
  }
}
