/**
 * The cluster as DNS sees it: objects from a source, indexed for the questions that are asked, with a generation
 * per namespace that says when an answer may have changed. One store belongs to one `kubernetes` directive.
 */
import { AddressIndex } from './address-index.ts';
import { GenerationCounter } from './generation.ts';
import { dropIfEmpty, NamespaceState, stateOf } from './namespace-state.ts';
import type { ClusterObject, Kind, Pod, Service } from './objects.ts';
import { type KeptObject, type KeptSlice, PackedEndpoints } from './packed-endpoints.ts';
import { sameForDns, samePorts, sameTexts } from './same-for-dns.ts';
import { SerialClock, type Serials } from './serial.ts';
import type { ClusterSink, ListInProgress, ObjectKey } from './source.ts';

export interface StoreOptions {
  /** Kinds that the source will list; the store is synced when each of them is. */
  readonly kinds: readonly Kind[];
  /** Whether the names of endpoints' pods are asked for (`endpoint_pod_names`): else they are not kept. Default: true. */
  readonly podNames?: boolean;
  /** Wall clock in milliseconds, for the serials. */
  readonly nowMs?: () => number;
  /** Milliseconds that are never set back, for the age of what is known. Default: `performance.now()`. */
  readonly elapsedMs?: () => number;
}

/** Told of every applied change, after the indexes have it. `removed` objects are as they were. */
export type ChangeListener = (object: ClusterObject, change: 'added' | 'updated' | 'removed') => void;

export class ClusterStore implements ClusterSink {
  readonly serials: Serials;
  /** Advances with every change of any object, and when the state is complete. */
  readonly anything = new GenerationCounter();
  /** Advances when a namespace comes or goes. */
  readonly namespaceSet = new GenerationCounter();
  readonly serviceByAddress = new AddressIndex<Service>();
  readonly slicesByAddress = new AddressIndex<KeptSlice>();
  readonly podsByAddress = new AddressIndex<Pod>();

  readonly #serials: SerialClock;
  readonly #elapsedMs: () => number;
  readonly #podNames: boolean;
  /** Of pods with an address: when they were first known to have it. */
  readonly #addressedAtMs = new WeakMap<Pod, number>();
  readonly #namespaces = new Map<string, NamespaceState>();
  readonly #objects: Readonly<Record<Kind, Map<string, KeptObject>>> = {
    Namespace: new Map(),
    Service: new Map(),
    EndpointSlice: new Map(),
    Pod: new Map(),
    ServiceImport: new Map(),
  };
  readonly #unsynced: Set<Kind>;
  /** Kinds of which changes arrive as they happen. */
  readonly #followedSinceMs = new Map<Kind, number>();
  /** Kinds of which changes do not arrive, though they should. */
  readonly #interruptedSinceMs = new Map<Kind, number>();
  readonly #listeners: ChangeListener[] = [];

  constructor(options: StoreOptions) {
    this.#unsynced = new Set(options.kinds);
    this.#podNames = options.podNames ?? true;
    this.#serials = new SerialClock(options.nowMs ?? Date.now);
    this.serials = this.#serials;
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now());
  }

  /** Whether every kind has been listed once. Stays true: what was right is served on when the source is gone. */
  get synced(): boolean {
    return this.#unsynced.size === 0;
  }

  /** What is known of a namespace, or undefined where nothing is. */
  namespace(name: string): NamespaceState | undefined {
    return this.#namespaces.get(name);
  }

  namespaces(): IterableIterator<NamespaceState> {
    return this.#namespaces.values();
  }

  /** Number of objects of a kind. */
  count(kind: Kind): number {
    return this.#objects[kind].size;
  }

  /** Milliseconds for which a pod of the store has been known to have its address. */
  addressAgeMs(pod: Pod): number {
    return this.#elapsedMs() - (this.#addressedAtMs.get(pod) ?? Number.POSITIVE_INFINITY);
  }

  /** Milliseconds for which the changes of a kind have arrived as they happen; negative where they do not. */
  followedForMs(kind: Kind): number {
    return this.#elapsedMs() - (this.#followedSinceMs.get(kind) ?? Number.POSITIVE_INFINITY);
  }

  /** Kinds of which changes do not arrive for now, each with the milliseconds since that is so. */
  interruptions(): { readonly kind: Kind; readonly forMs: number }[] {
    const now = this.#elapsedMs();
    return [...this.#interruptedSinceMs].map(([kind, sinceMs]) => ({ kind, forMs: now - sinceMs }));
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  upsert(object: ClusterObject): void {
    const objects = this.#objects[object.kind];
    const key = keyOf(object);
    const before = objects.get(key);
    if (
      before !== undefined &&
      before.resourceVersion !== '' &&
      before.resourceVersion === object.resourceVersion
    ) {
      return;
    }
    if (object.kind === 'Pod' && object.terminating) {
      this.#markTerminating(object, before);
      return;
    }
    if (object.kind === 'Pod') this.#noteAddress(object, before);
    const kept = this.#kept(object);
    objects.set(key, kept);
    if (before === undefined) this.#add(kept);
    else this.#replace(before, kept);
    // An EndpointSlice may be of no Service.
    this.#forgetEmptyNamespace(namespaceOf(kept));
    this.#tell(kept, before === undefined ? 'added' : 'updated');
  }

  #kept(object: ClusterObject): KeptObject {
    if (object.kind !== 'EndpointSlice') return object;
    return { ...object, endpoints: PackedEndpoints.of(object.endpoints, this.#podNames) };
  }

  #add(object: KeptObject): void {
    this.#index(object);
    this.#advance(object);
    this.#touchPresence(object);
  }

  #replace(before: KeptObject, after: KeptObject): void {
    if (before.kind === 'EndpointSlice' && after.kind === 'EndpointSlice') this.#reindexSlice(before, after);
    else {
      this.#unindex(before);
      this.#index(after);
    }
    if (sameForDns(before, after)) return;
    this.#advance(after);
    this.#touchUpdate(before, after);
  }

  remove(key: ObjectKey): void {
    const objects = this.#objects[key.kind];
    const before = objects.get(keyOf(key));
    if (before === undefined) return;
    objects.delete(keyOf(before));
    this.#unindex(before);
    this.#advance(before);
    this.#touchPresence(before);
    this.#forgetEmptyNamespace(namespaceOf(before));
    this.#tell(before, 'removed');
  }

  beginList(kind: Kind): ListInProgress {
    const objects = this.#objects[kind];
    const listed = new Set<string>();
    return {
      holds: (key, version) => {
        const held = version !== '' && objects.get(keyOf(key))?.resourceVersion === version;
        if (held) listed.add(keyOf(key));
        return held;
      },
      upsert: (object) => {
        listed.add(keyOf(object));
        this.upsert(object);
      },
      finish: () => {
        for (const [key, object] of objects) if (!listed.has(key)) this.remove(identify(object));
        if (this.#unsynced.delete(kind) && this.synced) this.anything.advance();
        this.resume(kind);
      },
    };
  }

  interrupt(kind: Kind): void {
    this.#followedSinceMs.delete(kind);
    if (!this.#interruptedSinceMs.has(kind)) this.#interruptedSinceMs.set(kind, this.#elapsedMs());
  }

  resume(kind: Kind): void {
    if (!this.#followedSinceMs.has(kind)) this.#followedSinceMs.set(kind, this.#elapsedMs());
    this.#interruptedSinceMs.delete(kind);
  }

  /** A pod on its way out is served as it was until its delete arrives; one that was not known never is. */
  #markTerminating({ resourceVersion }: Pod, before: KeptObject | undefined): void {
    if (before?.kind !== 'Pod') return;
    const marked: Pod = { ...before, resourceVersion, terminating: true };
    this.#objects.Pod.set(keyOf(marked), marked);
    this.#unindex(before);
    this.#index(marked);
    this.#tell(marked, 'updated');
  }

  /** What comes after a pod on its way out is another pod of that name. */
  #noteAddress(pod: Pod, before: KeptObject | undefined): void {
    const isSame = before?.kind === 'Pod' && !before.terminating && before.ip?.key === pod.ip?.key;
    const knownAt = isSame ? this.#addressedAtMs.get(before) : undefined;
    if (pod.ip !== undefined) this.#addressedAtMs.set(pod, knownAt ?? this.#elapsedMs());
  }

  #index(object: KeptObject): void {
    switch (object.kind) {
      case 'Namespace':
        this.#setExists(object.name, true);
        break;
      case 'Service':
        stateOf(this.#namespaceState(object.namespace).services, object.name).object = object;
        for (const ip of object.clusterIPs) this.serviceByAddress.add(ip.key, object);
        break;
      case 'ServiceImport':
        stateOf(this.#namespaceState(object.namespace).imports, object.name).object = object;
        break;
      case 'EndpointSlice':
        this.#indexSlice(object);
        break;
      case 'Pod':
        if (object.ip !== undefined) this.podsByAddress.add(object.ip.key, object);
        break;
    }
  }

  #indexSlice(slice: KeptSlice): void {
    this.#joinServices(slice);
    for (const key of slice.endpoints.keys) this.slicesByAddress.add(key, slice);
  }

  /** Addresses that stay keep their place: one taken out and put in again makes the table be built anew every so often. */
  #reindexSlice(before: KeptSlice, after: KeptSlice): void {
    if (before.service !== after.service || before.multicluster?.service !== after.multicluster?.service)
      this.#leaveServices(before);
    this.#joinServices(after);
    const gone = new Set(before.endpoints.keys);
    for (const key of after.endpoints.keys) {
      gone.delete(key);
      this.slicesByAddress.replace(key, before, after);
    }
    for (const key of gone) this.slicesByAddress.remove(key, before);
  }

  #joinServices(slice: KeptSlice): void {
    const { service, multicluster } = slice;
    const namespace = this.#namespaceState(slice.namespace);
    if (service !== '') stateOf(namespace.services, service).setSlice(slice);
    if (multicluster !== undefined) stateOf(namespace.imports, multicluster.service).setSlice(slice);
  }

  #unindex(object: KeptObject): void {
    switch (object.kind) {
      case 'Namespace':
        this.#setExists(object.name, false);
        break;
      case 'Service': {
        const { services } = this.#namespaceState(object.namespace);
        stateOf(services, object.name).object = undefined;
        dropIfEmpty(services, object.name);
        for (const ip of object.clusterIPs) this.serviceByAddress.remove(ip.key, object);
        break;
      }
      case 'ServiceImport': {
        const { imports } = this.#namespaceState(object.namespace);
        stateOf(imports, object.name).object = undefined;
        dropIfEmpty(imports, object.name);
        break;
      }
      case 'EndpointSlice':
        this.#unindexSlice(object);
        break;
      case 'Pod':
        if (object.ip !== undefined) this.podsByAddress.remove(object.ip.key, object);
        break;
    }
  }

  #unindexSlice(slice: KeptSlice): void {
    this.#leaveServices(slice);
    for (const key of slice.endpoints.keys) this.slicesByAddress.remove(key, slice);
  }

  #leaveServices({ namespace, name, service, multicluster }: KeptSlice): void {
    const { services, imports } = this.#namespaceState(namespace);
    if (service !== '') {
      stateOf(services, service).deleteSlice(name);
      dropIfEmpty(services, service);
    }
    if (multicluster !== undefined) {
      stateOf(imports, multicluster.service).deleteSlice(name);
      dropIfEmpty(imports, multicluster.service);
    }
  }

  #setExists(name: string, exists: boolean): void {
    this.#namespaceState(name).exists = exists;
  }

  #namespaceState(name: string): NamespaceState {
    let state = this.#namespaces.get(name);
    if (state === undefined) {
      state = new NamespaceState(name);
      this.#namespaces.set(name, state);
      this.namespaceSet.advance();
    }
    return state;
  }

  #forgetEmptyNamespace(name: string): void {
    if (!this.#namespaces.get(name)?.isEmpty) return;
    this.#namespaces.delete(name);
    this.namespaceSet.advance();
  }

  #advance(object: ClusterObject): void {
    this.anything.advance();
    if (object.kind === 'Namespace') this.namespaceSet.advance();
    this.#namespaces.get(namespaceOf(object))?.generation.advance();
  }

  /** Objects that come or go; namespaces have no part in the serial. */
  #touchPresence(object: ClusterObject): void {
    if (object.kind === 'Namespace') return;
    this.#serials.touch('internal');
    if (object.kind === 'Service' && object.externalIPs.length > 0) this.#serials.touch('external');
    if (isImported(object)) this.#serials.touch('multicluster');
  }

  #touchUpdate(before: KeptObject, after: KeptObject): void {
    if (after.kind === 'Namespace') return;
    if (isImported(before) || isImported(after)) this.#serials.touch('multicluster');
    if (after.kind === 'ServiceImport') return;
    if (after.kind === 'Service' && before.kind === 'Service') {
      const externalChanged = !sameTexts(before.externalIPs, after.externalIPs);
      if (externalChanged || !samePorts(before.ports, after.ports)) this.#serials.touch('external');
      if (sameForDns({ ...before, externalIPs: after.externalIPs }, after)) return;
    }
    this.#serials.touch('internal');
  }

  #tell(object: ClusterObject, change: 'added' | 'updated' | 'removed'): void {
    for (const listener of this.#listeners) listener(object, change);
  }
}

function isImported(object: ClusterObject): boolean {
  return (
    object.kind === 'ServiceImport' || (object.kind === 'EndpointSlice' && object.multicluster !== undefined)
  );
}

function namespaceOf(object: ClusterObject): string {
  return object.kind === 'Namespace' ? object.name : object.namespace;
}

function identify(object: ClusterObject): ObjectKey {
  return {
    kind: object.kind,
    namespace: object.kind === 'Namespace' ? '' : object.namespace,
    name: object.name,
  };
}

function keyOf(object: ClusterObject | ObjectKey): string {
  return 'namespace' in object && object.kind !== 'Namespace'
    ? `${object.namespace}/${object.name}`
    : object.name;
}
