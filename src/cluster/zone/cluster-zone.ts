/**
 * One zone of the cluster - `cluster.local.`, a reverse zone, a clusterset zone - as a pure function over the store:
 * no sockets, no promises, and no state but records that it would make again the same. Implements the Kubernetes DNS specification 1.1.0 with CoreDNS's answers.
 */
import type { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { addressOfReverseName } from '../../dns/reverse.ts';
import { RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { type Reason, reasons } from '../../reasons.ts';
import type { ServedEndpoint } from '../endpoints.ts';
import { CONSTANT, EitherGeneration, type Generation } from '../generation.ts';
import type { NamespaceState } from '../namespace-state.ts';
import type { ClusterStore } from '../store.ts';
import { aliasTarget } from './alias.ts';
import { KeptRecords } from './kept-records.ts';
import type { Lookup, Outcome } from './lookup.ts';
import { nameServerRecords, nameServers } from './nameservers.ts';
import { type ClusterName, parseClusterName, type ServiceName } from './parse.ts';
import { podAddress } from './pod-name.ts';
import { addressRecord, addressRecords, type ServiceRecords, srvRecords } from './records.ts';
import { pointerTargets } from './reverse.ts';
import { type Selected, select } from './select.ts';
import { soaRecord, ZoneAuthority } from './soa.ts';
import { captureServices, zoneRecords } from './whole-zone.ts';

export interface ClusterZoneOptions {
  /** The zone's name. */
  readonly origin: Name;
  /** The forward zone that PTR targets are built with. Default: `origin`. */
  readonly primary?: Name;
  /** Seconds, of every record but `dns-version`. Default 5. */
  readonly ttl?: number;
  /** Default `disabled`. */
  readonly pods?: 'disabled' | 'insecure' | 'verified';
  /** Namespaces that are exposed. Default: all. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  /** Name endpoints after their pods. Default off. */
  readonly endpointPodNames?: boolean;
  /** A ClusterIP Service without ready endpoints does not exist. Default off. */
  readonly ignoreEmptyService?: boolean;
  /** Answer `<zone>.<pin|prefer>._zone.<headless service>`. Default off. */
  readonly zonal?: boolean;
  /** Answer from ServiceImports. Default off. */
  readonly multicluster?: boolean;
  /** Octets of the server's own addresses: who the zone's name server is. Default: none. */
  readonly ownAddresses?: () => readonly Uint8Array[];
}

/** DNS schema version (Kubernetes DNS spec 1.1.0 §2.2) and its TTL in seconds. */
const SCHEMA_VERSION = Buffer.from('1.1.0');
const SCHEMA_TTL = 28_800;

const NOTHING: readonly ResourceRecord[] = [];
/** Name, namespace, `svc` or `pod`. */
const WHOLE_LABELS = 3;

export class ClusterZone {
  readonly origin: Name;
  readonly #store: ClusterStore;
  readonly #primary: Name;
  readonly #ttl: number;
  readonly #pods: 'disabled' | 'insecure' | 'verified';
  readonly #namespaces: ReadonlySet<string> | undefined;
  readonly #multicluster: boolean;
  readonly #rules: { podNames: boolean; ignoreEmptyService: boolean; multicluster: boolean; zonal: boolean };
  readonly #ownAddresses: () => readonly Uint8Array[];
  readonly #authority: ZoneAuthority;
  readonly #kept = new KeptRecords();

  constructor(store: ClusterStore, options: ClusterZoneOptions) {
    this.origin = options.origin;
    this.#store = store;
    this.#primary = options.primary ?? options.origin;
    this.#ttl = options.ttl ?? 5;
    this.#pods = options.pods ?? 'disabled';
    this.#namespaces = options.namespaces;
    this.#multicluster = options.multicluster ?? false;
    this.#rules = {
      podNames: options.endpointPodNames ?? false,
      ignoreEmptyService: options.ignoreEmptyService ?? false,
      multicluster: this.#multicluster,
      zonal: options.zonal ?? false,
    };
    this.#ownAddresses = options.ownAddresses ?? (() => []);
    this.#authority = new ZoneAuthority(this.origin, this.#ttl);
  }

  /**
   * Looks a name up. Owner names in the answer are `name` as given; other names of the zone are as the cluster has
   * them, with the zone in the letter case that it has in `name`.
   * @param name the zone's name or one below it
   * @param type an RR type
   * @throws {RangeError} `name` is not in the zone
   */
  lookup(name: Name, type: number): Lookup {
    if (!name.isWithin(this.origin)) throw new RangeError(`${name} is not in zone ${this.origin}`);
    return this.#lookup(name, type, 0);
  }

  /** The zone's SOA record, its name in the letter case that it has in `name`. */
  soa(name: Name): ResourceRecord {
    return soaRecord(name.suffix(this.origin.labelCount), this.#ttl, this.#serial);
  }

  /**
   * All records but the SOA, as they are at the moment of the call: what a transfer of a zone that is no reverse zone
   * consists of. Records are made as they are read.
   */
  records(): Iterable<ResourceRecord> {
    const { origin } = this;
    return zoneRecords({
      origin,
      ttl: this.#ttl,
      rules: this.#rules,
      nameServers: this.#nameServers(origin),
      services: captureServices(this.#store, this.#multicluster, (name) => this.#exposed(name) !== undefined),
    });
  }

  get #serial(): number {
    const { serials } = this.#store;
    return this.#multicluster ? serials.multicluster : serials.internal;
  }

  #lookup(name: Name, type: number, hops: number): Lookup {
    if (type === RrType.AXFR || type === RrType.IXFR) {
      return this.#result('refused', CONSTANT, { reason: reasons.transferRefused });
    }
    const parsed = parseClusterName(name, name.labelCount - this.origin.labelCount, this.#rules);
    switch (parsed.kind) {
      case 'apex':
        return this.#lookupApex(name, type);
      case 'branch':
        return this.#nodata(name, CONSTANT);
      case 'namespace':
        return this.#lookupNamespace(name, parsed);
      case 'dns-version':
        return this.#lookupVersion(name, type);
      case 'nameserver':
        return this.#lookupNameServer(name, type);
      case 'pod':
        return this.#lookupPod(name, type, parsed);
      case 'service':
        return this.#lookupService(name, type, parsed, hops);
      case 'invalid':
        return this.#lookupAddress(name, type);
    }
  }

  #lookupApex(name: Name, type: number): Lookup {
    const { anything, serials } = this.#store;
    if (type === RrType.SOA) return this.#result('answer', serials.generation, { answer: [this.soa(name)] });
    if (type !== RrType.NS) return this.#nodata(name, CONSTANT);
    const records = nameServerRecords(name, this.#ttl, this.#nameServers(name));
    return records.answer.length > 0
      ? this.#result('answer', anything, records)
      : this.#nodata(name, anything);
  }

  #lookupNamespace(name: Name, parsed: Extract<ClusterName, { kind: 'namespace' }>): Lookup {
    if (parsed.branch === 'pod' && this.#pods === 'disabled') {
      return this.#nxdomain(name, CONSTANT, reasons.podsDisabled);
    }
    const namespace = this.#exposed(parsed.namespace);
    if (namespace === undefined)
      return this.#nxdomain(name, this.#store.namespaceSet, reasons.noSuchNamespace);
    return this.#nodata(name, namespace.generation);
  }

  #lookupVersion(name: Name, type: number): Lookup {
    if (type !== RrType.TXT) return this.#nodata(name, CONSTANT);
    return this.#result('answer', CONSTANT, {
      answer: [record(name, SCHEMA_TTL, { kind: 'TXT', strings: [SCHEMA_VERSION] })],
    });
  }

  #lookupNameServer(name: Name, type: number): Lookup {
    const { anything } = this.#store;
    const addresses = this.#nameServers(name).flatMap((server) => server.addresses);
    if (addresses.length === 0) return this.#nxdomain(name, anything, reasons.notAClusterName);
    const length = type === RrType.A ? 4 : type === RrType.AAAA ? 16 : 0;
    const answer = addresses
      .filter((address) => address.length === length)
      .map((address) => addressRecord(name, this.#ttl, address));
    return answer.length > 0 ? this.#result('answer', anything, { answer }) : this.#nodata(name, anything);
  }

  #lookupPod(name: Name, type: number, parsed: Extract<ClusterName, { kind: 'pod' }>): Lookup {
    if (this.#pods === 'disabled') return this.#nxdomain(name, CONSTANT, reasons.podsDisabled);
    const namespace = this.#exposed(parsed.namespace);
    if (namespace === undefined)
      return this.#nxdomain(name, this.#store.namespaceSet, reasons.noSuchNamespace);
    const address = podAddress(parsed.addressText);
    if (address === undefined || (this.#pods === 'verified' && !this.#hasPod(parsed.namespace, address))) {
      return this.#nxdomain(name, namespace.generation, reasons.noSuchPod);
    }
    const selected: Selected = {
      address: { bytes: address, text: parsed.addressText },
      ports: [{ name: '', protocol: '', number: 0 }],
      targetLabels: [],
    };
    return this.#recordsOf(name, type, namespace.generation, [selected]);
  }

  #hasPod(namespace: string, address: Uint8Array): boolean {
    return this.#store.podsByAddress.get(address).some((pod) => pod.namespace === namespace);
  }

  #lookupService(name: Name, type: number, parsed: ServiceName, hops: number): Lookup {
    const namespace = this.#exposed(parsed.namespace);
    if (namespace === undefined)
      return this.#nxdomain(name, this.#store.namespaceSet, reasons.noSuchNamespace);
    const table = this.#multicluster ? namespace.imports : namespace.services;
    const state = table.get(parsed.service);
    if (state === undefined) return this.#nxdomain(name, namespace.generation, reasons.noSuchService);
    const endpoints = state.object?.type === 'Headless' ? state.endpoints(this.#rules.podNames) : undefined;
    const kept = endpoints && this.#kept.find(endpoints, name, type);
    if (kept !== undefined) return this.#result('answer', namespace.generation, kept);
    const selection = select(state, parsed.part, this.#rules);
    switch (selection.kind) {
      case 'none':
        return this.#nxdomain(name, namespace.generation, selection.reason);
      case 'alias':
        return this.#lookupAlias(name, type, selection.externalName, namespace.generation, hops);
      case 'selected':
        return this.#recordsOf(name, type, namespace.generation, selection.selected, endpoints);
    }
  }

  /** @param endpoints what they were selected from, where a headless Service has them */
  #recordsOf(
    name: Name,
    type: number,
    from: Generation,
    selected: readonly Selected[],
    endpoints?: readonly ServedEndpoint[],
  ): Lookup {
    const records = this.#make(name, type, selected);
    if (records === undefined || records.answer.length === 0) return this.#nodata(name, from);
    const kept = endpoints === undefined ? records : this.#kept.keep(endpoints, name, type, records);
    return this.#result('answer', from, kept);
  }

  /** Undefined for types of which no Service or pod has a record. */
  #make(name: Name, type: number, selected: readonly Selected[]): ServiceRecords | undefined {
    if (type === RrType.SRV) return srvRecords(name, this.#wholeOf(name), this.#ttl, selected);
    if (type !== RrType.A && type !== RrType.AAAA) return undefined;
    return { answer: addressRecords(name, type, this.#ttl, selected), additional: NOTHING };
  }

  /** The Service or pod that `name` is or stands below, as the cluster writes it; the zone as the client did. */
  #wholeOf(name: Name): Name {
    return name.suffix(WHOLE_LABELS + this.origin.labelCount).foldedAbove(this.origin);
  }

  #lookupAlias(name: Name, type: number, externalName: string, from: Generation, hops: number): Lookup {
    const alias = aliasTarget(externalName);
    if (alias.kind === 'address') return this.#nxdomain(name, from, reasons.externalNameIsAddress);
    if (alias.kind === 'illegal') return this.#nodata(name, from, reasons.externalNameUnresolved);
    const target = alias.name;
    if (type !== RrType.CNAME && type !== RrType.A && type !== RrType.AAAA) return this.#nodata(name, from);
    const cname = record(name, this.#ttl, { kind: 'CNAME', target });
    if (type === RrType.CNAME) return this.#result('answer', from, { answer: [cname] });
    // A name that leads to itself or below itself, and a chain without end, have no address.
    if (target.isWithin(name) || hops > limits.chaseHops) {
      return this.#nodata(name, from, reasons.externalNameUnresolved);
    }
    if (!target.isWithin(this.origin))
      return this.#result('answer', from, { answer: [cname], chase: target });
    return this.#followAlias(name, cname, this.#lookup(target, type, hops + 1));
  }

  #followAlias(name: Name, cname: ResourceRecord, inner: Lookup): Lookup {
    const { anything } = this.#store;
    if (inner.outcome === 'unsynced') return this.#nxdomain(name, anything, reasons.notSynced);
    if (inner.outcome !== 'answer') return this.#nodata(name, anything, reasons.externalNameUnresolved);
    return this.#result('answer', anything, { answer: [cname, ...inner.answer], chase: inner.chase });
  }

  /** A reverse name: PTR of what has its address. Every other name here is none of the cluster's. */
  #lookupAddress(name: Name, type: number): Lookup {
    const { anything } = this.#store;
    const address = addressOfReverseName(name);
    if (address === undefined) return this.#nxdomain(name, CONSTANT, reasons.notAClusterName);
    const isExposed = (namespace: string) => this.#exposed(namespace) !== undefined;
    const targets = pointerTargets(this.#store, address, this.#primary, this.#rules.podNames, isExposed);
    if (targets.length === 0) return this.#nxdomain(name, anything, reasons.noSuchAddress);
    if (type !== RrType.PTR) return this.#nodata(name, anything);
    const answer = targets.map((target) => record(name, this.#ttl, { kind: 'PTR', target }));
    return this.#result('answer', anything, { answer });
  }

  #nameServers(name: Name) {
    const origin = name.suffix(this.origin.labelCount);
    return nameServers(this.#store, origin, this.#ownAddresses(), this.#rules.podNames);
  }

  /** A namespace that exists and may be seen. */
  #exposed(name: string): NamespaceState | undefined {
    if (this.#namespaces !== undefined && !this.#namespaces.has(name)) return undefined;
    const namespace = this.#store.namespace(name);
    return namespace?.exists ? namespace : undefined;
  }

  #nodata(name: Name, from: Generation, reason: Reason = reasons.noRecordOfType): Lookup {
    return this.#negative('nodata', name, from, reason);
  }

  /** The name does not exist - or, while the state is not complete, nobody knows. */
  #nxdomain(name: Name, from: Generation, reason: Reason): Lookup {
    if (this.#store.synced) return this.#negative('nxdomain', name, from, reason);
    return this.#negative('unsynced', name, this.#store.anything, reasons.notSynced);
  }

  #negative(outcome: Outcome, name: Name, from: Generation, reason: Reason): Lookup {
    // The SOA tells of changes anywhere in the cluster, though once a second at most.
    const either = new EitherGeneration(from, this.#store.serials.generation);
    return this.#result(outcome, either, { authority: this.#authority.of(name, this.#serial), reason });
  }

  #result(outcome: Outcome, from: Generation, parts: Partial<Lookup>): Lookup {
    return {
      outcome,
      answer: parts.answer ?? NOTHING,
      authority: parts.authority ?? NOTHING,
      additional: parts.additional ?? NOTHING,
      chase: parts.chase,
      reason: parts.reason,
      validWhile: { of: from, generation: from.current },
    };
  }
}
