/** What is known of one namespace, and of each Service in it. */
import { type ServedEndpoint, servedEndpoints } from './endpoints.ts';
import { GenerationCounter } from './generation.ts';
import type { Service, ServiceImport } from './objects.ts';
import type { KeptSlice } from './packed-endpoints.ts';

/** A Service or ServiceImport with the EndpointSlices that carry its label; either may be there before the other. */
export class ServiceState<S extends Service | ServiceImport> {
  object: S | undefined;
  /** By name. Most Services have one, and a list of one takes a third of a table of one. */
  #slices: readonly KeptSlice[] = [];
  #podNames = false;
  #served: readonly ServedEndpoint[] | undefined;
  #byHostname: ReadonlyMap<string, readonly ServedEndpoint[]> | undefined;

  get isEmpty(): boolean {
    return this.object === undefined && this.#slices.length === 0;
  }

  setSlice(slice: KeptSlice): void {
    const others = this.#slices.filter(({ name }) => name !== slice.name);
    this.#slices = others.length === 0 ? [slice] : [...others, slice].sort(byName);
    this.#forget();
  }

  deleteSlice(name: string): void {
    this.#slices = this.#slices.filter((slice) => slice.name !== name);
    this.#forget();
  }

  /** Ready endpoints over all slices, in the order of the slices' names; worked out at the first question after a change. */
  endpoints(podNames: boolean): readonly ServedEndpoint[] {
    if (podNames !== this.#podNames) this.#forget();
    this.#podNames = podNames;
    this.#served ??= servedEndpoints(this.#slices, podNames);
    return this.#served;
  }

  endpointsNamed(hostname: string, podNames: boolean): readonly ServedEndpoint[] {
    const endpoints = this.endpoints(podNames);
    this.#byHostname ??= Map.groupBy(endpoints, (endpoint) => endpoint.hostname);
    return this.#byHostname.get(hostname) ?? [];
  }

  hasEndpoints(): boolean {
    return this.#slices.some(({ endpoints }) => endpoints.keys.length > 0);
  }

  /** What is known now: later changes do not reach it. */
  copy(): ServiceState<S> {
    const copy = new ServiceState<S>();
    copy.object = this.object;
    copy.#slices = this.#slices;
    return copy;
  }

  #forget(): void {
    this.#served = undefined;
    this.#byHostname = undefined;
  }
}

export class NamespaceState {
  readonly name: string;
  /** Whether a Namespace object (that matches `namespace_labels`) is there. */
  exists = false;
  readonly generation = new GenerationCounter();
  readonly services = new Map<string, ServiceState<Service>>();
  readonly imports = new Map<string, ServiceState<ServiceImport>>();

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return !this.exists && this.services.size === 0 && this.imports.size === 0;
  }
}

function byName(a: KeptSlice, b: KeptSlice): number {
  return a.name < b.name ? -1 : 1;
}

/** The state of a Service in a table, made where it is missing. */
export function stateOf<S extends Service | ServiceImport>(
  table: Map<string, ServiceState<S>>,
  name: string,
): ServiceState<S> {
  let state = table.get(name);
  if (state === undefined) {
    state = new ServiceState<S>();
    table.set(name, state);
  }
  return state;
}

/** Drops the state of a Service of which nothing is left. */
export function dropIfEmpty<S extends Service | ServiceImport>(
  table: Map<string, ServiceState<S>>,
  name: string,
): void {
  if (table.get(name)?.isEmpty) table.delete(name);
}
