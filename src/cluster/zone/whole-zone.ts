/** All records of a cluster zone, for a transfer: those that queries for the same names are answered with. */
import type { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { RrType } from '../../dns/types.ts';
import type { ServiceState } from '../namespace-state.ts';
import type { Service, ServiceImport } from '../objects.ts';
import type { ClusterStore } from '../store.ts';
import { aliasTarget } from './alias.ts';
import { nameBelow } from './name-below.ts';
import { type NameServer, nameServerRecords } from './nameservers.ts';
import type { ServicePart } from './parse.ts';
import { addressRecords, srvRecords } from './records.ts';
import { type Selected, type SelectRules, select } from './select.ts';

/** A Service and a copy of what was known of it. */
export interface CapturedService {
  readonly namespace: string;
  readonly name: string;
  readonly state: ServiceState<Service | ServiceImport>;
}

export interface WholeZone {
  readonly origin: Name;
  readonly ttl: number;
  readonly rules: SelectRules;
  readonly nameServers: readonly NameServer[];
  /** By name, then namespace. */
  readonly services: readonly CapturedService[];
}

/** Sorted copies of what is known of the Services, or ServiceImports, of exposed namespaces: 2 ms for 1 000 of them. */
export function captureServices(
  store: ClusterStore,
  multicluster: boolean,
  isExposed: (namespace: string) => boolean,
): CapturedService[] {
  const captured: CapturedService[] = [];
  for (const { name: namespace, imports, services } of store.namespaces()) {
    if (!isExposed(namespace)) continue;
    const table = multicluster ? imports : services;
    for (const [name, state] of table) captured.push({ namespace, name, state: state.copy() });
  }
  return captured.sort((a, b) => compare(a.name, b.name) || compare(a.namespace, b.namespace));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const WHOLE: ServicePart = { kind: 'whole' };

/** Name servers, then Service by Service; without the SOA. A Service's records are made when they are asked for. */
export function* zoneRecords(zone: WholeZone): Generator<ResourceRecord> {
  const servers = nameServerRecords(zone.origin, zone.ttl, zone.nameServers);
  yield* servers.answer;
  yield* servers.additional;
  // Name servers are Services mostly: their addresses stand in the zone once.
  const sent = new Set(servers.additional.map(addressKey));
  for (const service of zone.services) {
    for (const made of serviceRecords(zone, service)) if (!sent.has(addressKey(made))) yield made;
  }
}

function addressKey({ owner, data }: ResourceRecord): string {
  return 'address' in data ? `${owner.key}/${data.address.join('.')}` : '';
}

function* serviceRecords(zone: WholeZone, { namespace, name, state }: CapturedService) {
  const whole = nameBelow([name, namespace, 'svc'], zone.origin);
  if (whole === undefined) return;
  const selection = select(state, WHOLE, zone.rules);
  if (selection.kind === 'none') return;
  if (selection.kind === 'alias') {
    const alias = aliasTarget(selection.externalName);
    if (alias.kind === 'name') yield record(whole, zone.ttl, { kind: 'CNAME', target: alias.name });
    return;
  }
  const { selected } = selection;
  yield* bothFamilies(whole, zone.ttl, selected);
  if (state.object?.type === 'Headless') yield* endpointRecords(whole, zone.ttl, selected);
  else yield* srvRecords(whole, whole, zone.ttl, selected).answer;
  for (const part of namedPorts(selected)) yield* portRecords(zone, state, whole, part);
}

function bothFamilies(owner: Name, ttl: number, selected: readonly Selected[]): ResourceRecord[] {
  return [
    ...addressRecords(owner, RrType.A, ttl, selected),
    ...addressRecords(owner, RrType.AAAA, ttl, selected),
  ];
}

function* endpointRecords(whole: Name, ttl: number, selected: readonly Selected[]) {
  // Host names have no slash: different names have different keys.
  for (const [key, endpoints] of Map.groupBy(selected, ({ targetLabels }) => targetLabels.join('/'))) {
    const owner = nameBelow(key.split('/'), whole);
    if (owner !== undefined) yield* bothFamilies(owner, ttl, endpoints);
  }
}

type PortPart = Extract<ServicePart, { kind: 'port' }>;

/** Ports without a name have no name in DNS either (Kubernetes DNS spec 1.1.0 §2.3.2). */
function namedPorts(selected: readonly Selected[]): PortPart[] {
  const parts = new Map<string, PortPart>();
  for (const { name, protocol } of selected.flatMap(({ ports }) => ports)) {
    if (name === '' || protocol === '') continue;
    const part: PortPart = { kind: 'port', port: name.toLowerCase(), protocol: protocol.toLowerCase() };
    parts.set(`${part.port}/${part.protocol}`, part);
  }
  return [...parts.values()];
}

function portRecords(
  { ttl, rules }: WholeZone,
  state: ServiceState<Service | ServiceImport>,
  whole: Name,
  part: PortPart,
): readonly ResourceRecord[] {
  const owner = nameBelow([`_${part.port}`, `_${part.protocol}`], whole);
  const selection = select(state, part, rules);
  if (owner === undefined || selection.kind !== 'selected') return [];
  return srvRecords(owner, whole, ttl, selection.selected).answer;
}
