/** `kubernetes`: the names of a cluster's Services, endpoints and pods. */
import type { ClusterSource } from '../../cluster/source.ts';
import { ClusterStore } from '../../cluster/store.ts';
import { ClusterZone } from '../../cluster/zone/cluster-zone.ts';
import { onlyOnce } from '../../corefile/args.ts';
import type { PluginFactory, SetupContext, ZoneSource } from '../plugin.ts';
import { observeProgrammingLatency } from './latency.ts';
import { isReverse, type KubernetesOptions, readOptions } from './options.ts';
import { ownAddresses } from './own-addresses.ts';
import { KubernetesPlugin } from './plugin.ts';
import { offerSearchPaths } from './search-paths.ts';
import { kindsOf, makeSource } from './source.ts';
import { interruptionNote, waitForSync } from './sync.ts';

export const kubernetesPlugin: PluginFactory = {
  name: 'kubernetes',

  setup(directives, context) {
    const options = readOptions(onlyOnce(directives), context.zones);
    for (const warning of options.warnings) context.log.warning(warning);
    const store = new ClusterStore({ kinds: kindsOf(options), podNames: options.endpointPodNames });
    observeProgrammingLatency(store, context.metrics, context.log);
    let source: ClusterSource | undefined;
    context.readiness.register('kubernetes', () => store.synced);
    context.readiness.registerNote('kubernetes', () => interruptionNote(store));
    context.lifecycle.onStart(async () => {
      source = await makeSource(options, context);
      await source.start(store);
      await waitForSync(store, options.startupTimeoutMs, context.log);
    });
    context.lifecycle.onShutdown(() => source?.stop());
    offerSearchPaths(store, options, context);
    const zones = clusterZones(store, options, context);
    context.offers.zoneSources.push(...zoneSources(store, zones));
    return new KubernetesPlugin(zones, options.fallthrough);
  },
};

/** Zones that can be had as a whole: a reverse zone is a view of addresses, of which only questions are answered. */
function zoneSources(store: ClusterStore, zones: readonly ClusterZone[]): ZoneSource[] {
  return zones
    .filter(({ origin }) => !isReverse(origin))
    .map((zone) => ({
      origin: zone.origin,
      soa: () => (store.synced ? zone.soa(zone.origin) : undefined),
      records: () => zone.records(),
    }));
}

function clusterZones(store: ClusterStore, options: KubernetesOptions, context: SetupContext): ClusterZone[] {
  let addresses: readonly Uint8Array[] | undefined;
  const own = () => {
    addresses ??= ownAddresses(context.settings.bind);
    return addresses;
  };
  return options.zones.map(
    (origin) =>
      new ClusterZone(store, {
        origin,
        primary: options.primary,
        ttl: options.ttl,
        pods: options.pods,
        namespaces: options.namespaces,
        endpointPodNames: options.endpointPodNames,
        ignoreEmptyService: options.ignoreEmptyService,
        zonal: options.zonal,
        multicluster: options.multiclusterZones.some((zone) => zone.equals(origin)),
        ownAddresses: own,
      }),
  );
}
