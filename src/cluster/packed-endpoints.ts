/**
 * The endpoints of a kept EndpointSlice in as little room as they take: a hundred thousand are kept, of which few are asked for.
 * One object and one text less for each endpoint is 10 MB less for all.
 */
import { addressOf } from './address.ts';
import type { AddressKey, ClusterObject, Endpoint, EndpointSlice } from './objects.ts';

export interface KeptSlice extends EndpointSlice {
  readonly endpoints: PackedEndpoints;
}

/** An object as the store has it. */
export type KeptObject = Exclude<ClusterObject, EndpointSlice> | KeptSlice;

/** One text for each address; undefined where all are empty. */
type Column = readonly string[] | undefined;

/** Each address is an endpoint of its own when they are read again: nothing in DNS depends on which were one. */
export class PackedEndpoints implements Iterable<Endpoint> {
  readonly keys: readonly AddressKey[];
  readonly #hostnames: Column;
  readonly #podNames: Column;
  readonly #zones: Column;

  private constructor(keys: readonly AddressKey[], hostnames: Column, podNames: Column, zones: Column) {
    this.keys = keys;
    this.#hostnames = hostnames;
    this.#podNames = podNames;
    this.#zones = zones;
  }

  /** @param podNames whether the names of pods are kept */
  static of(endpoints: Iterable<Endpoint>, podNames: boolean): PackedEndpoints {
    const rows = [...endpoints].flatMap((endpoint) =>
      endpoint.addresses.map(({ key }) => ({ endpoint, key })),
    );
    const column = (textOf: (endpoint: Endpoint) => string): Column =>
      rows.some(({ endpoint }) => textOf(endpoint) !== '')
        ? rows.map(({ endpoint }) => textOf(endpoint))
        : undefined;
    return new PackedEndpoints(
      rows.map(({ key }) => key),
      column(({ hostname }) => hostname),
      podNames ? column(({ podName }) => podName) : undefined,
      column(({ zone }) => zone),
    );
  }

  equals(other: PackedEndpoints): boolean {
    return (
      isSame(this.keys, other.keys) &&
      isSame(this.#hostnames, other.#hostnames) &&
      isSame(this.#podNames, other.#podNames) &&
      isSame(this.#zones, other.#zones)
    );
  }

  *[Symbol.iterator](): Generator<Endpoint> {
    for (const [at, key] of this.keys.entries()) {
      yield {
        addresses: [addressOf(key)],
        hostname: this.#hostnames?.[at] ?? '',
        podName: this.#podNames?.[at] ?? '',
        zone: this.#zones?.[at] ?? '',
      };
    }
  }
}

function isSame<T>(one: readonly T[] | undefined, other: readonly T[] | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
