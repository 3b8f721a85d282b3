/** Which addresses and ports of a Service a name stands for. */
import { type Reason, reasons } from '../../reasons.ts';
import { NO_PORTS, type ServedEndpoint } from '../endpoints.ts';
import type { ServiceState } from '../namespace-state.ts';
import type { Address, Port, Service, ServiceImport } from '../objects.ts';
import type { ServicePart } from './parse.ts';

/** One address with the ports that a name selects on it. */
export interface Selected {
  readonly address: Address;
  readonly ports: readonly Port[];
  /** Labels of the SRV target left of `<service>.<namespace>.svc.Z`; empty for the Service itself. */
  readonly targetLabels: readonly string[];
}

export type Selection =
  | { readonly kind: 'selected'; readonly selected: readonly Selected[] }
  | { readonly kind: 'alias'; readonly externalName: string }
  | { readonly kind: 'none'; readonly reason: Reason };

export interface SelectRules {
  readonly podNames: boolean;
  readonly ignoreEmptyService: boolean;
}

type AnyService = Service | ServiceImport;

export function select(state: ServiceState<AnyService>, part: ServicePart, rules: SelectRules): Selection {
  const service = state.object;
  if (service === undefined) return none(reasons.noSuchService);
  if (service.type === 'ExternalName') {
    return part.kind === 'whole'
      ? { kind: 'alias', externalName: service.externalName }
      : none(part.kind === 'port' ? reasons.noSuchPort : reasons.noSuchEndpoint);
  }
  const headless = service.type === 'Headless';
  if (rules.ignoreEmptyService && !headless && !state.hasEndpoints()) return none(reasons.emptyService);
  if (part.kind === 'zonal') {
    return headless ? selectZonal(state, part, rules) : none(reasons.noSuchEndpoint);
  }
  if (part.kind === 'endpoint') return selectEndpoint(state, part, rules);
  return headless ? selectHeadless(state, part, rules) : selectClusterIP(service, part);
}

function selectClusterIP(service: AnyService, part: ServicePart): Selection {
  const declared = service.ports.length > 0 ? service.ports : NO_PORTS;
  const ports = matchingPorts(declared, part);
  if (ports.length === 0) return none(reasons.noSuchPort);
  const addresses = service.kind === 'Service' ? service.clusterIPs : service.ips;
  return { kind: 'selected', selected: addresses.map((address) => ({ address, ports, targetLabels: [] })) };
}

function selectHeadless(state: ServiceState<AnyService>, part: ServicePart, rules: SelectRules): Selection {
  const endpoints = state.endpoints(rules.podNames);
  if (endpoints.length === 0) return none(reasons.noReadyEndpoints);
  const selected = withPorts(state, endpoints, part);
  return selected.length === 0 ? none(reasons.noSuchPort) : { kind: 'selected', selected };
}

function selectEndpoint(
  state: ServiceState<AnyService>,
  part: Extract<ServicePart, { kind: 'endpoint' }>,
  rules: SelectRules,
): Selection {
  // Imported endpoints are named with their cluster, and only with it (multicluster DNS spec).
  const imported = isImported(state);
  const endpoints = state
    .endpointsNamed(part.hostname, rules.podNames)
    .filter((endpoint) => !imported || endpoint.cluster.toLowerCase() === part.cluster);
  if (endpoints.length === 0) return none(reasons.noSuchEndpoint);
  return { kind: 'selected', selected: withPorts(state, endpoints, part) };
}

/** A topology zone without endpoints still has its name: as CoreDNS, even where the Service has none at all. */
function selectZonal(
  state: ServiceState<AnyService>,
  part: Extract<ServicePart, { kind: 'zonal' }>,
  rules: SelectRules,
): Selection {
  const endpoints = state.endpoints(rules.podNames);
  const inZone = endpoints.filter((endpoint) => endpoint.zone === part.topologyZone);
  const chosen = inZone.length === 0 && part.directive === 'prefer' ? endpoints : inZone;
  return { kind: 'selected', selected: withPorts(state, chosen, part) };
}

function withPorts(
  state: ServiceState<AnyService>,
  endpoints: readonly ServedEndpoint[],
  part: ServicePart,
): Selected[] {
  const imported = isImported(state);
  const selected: Selected[] = [];
  for (const { address, ports: declared, hostname, cluster } of endpoints) {
    const ports = matchingPorts(declared, part);
    if (ports.length === 0) continue;
    const targetLabels = imported ? [hostname, cluster.toLowerCase()] : [hostname];
    selected.push({ address, ports, targetLabels });
  }
  return selected;
}

function isImported(state: ServiceState<AnyService>): boolean {
  return state.object?.kind === 'ServiceImport';
}

/** Port name and protocol are matched ignoring case; an empty label matches all. */
function matchingPorts(ports: readonly Port[], part: ServicePart): readonly Port[] {
  if (part.kind !== 'port') return ports;
  return ports.filter(
    (port) =>
      (part.port === '' || port.name.toLowerCase() === part.port) &&
      (part.protocol === '' || port.protocol.toLowerCase() === part.protocol),
  );
}

function none(reason: Reason): Selection {
  return { kind: 'none', reason };
}
