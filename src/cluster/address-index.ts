import { keyOfBytes } from './address.ts';
import type { AddressKey } from './objects.ts';

/**
 * Objects by IP address, those of one address in the order of namespace and name: an answer must not depend on the
 * order in which objects came. Most addresses have one object, so one costs no array.
 */
export class AddressIndex<T extends Named> {
  readonly #byAddress = new Map<AddressKey, T | T[]>();

  add(key: AddressKey, object: T): void {
    const present = this.#byAddress.get(key);
    if (present === undefined) this.#byAddress.set(key, object);
    else if (!Array.isArray(present)) {
      if (present !== object) this.#byAddress.set(key, [present, object].sort(byName));
    } else if (!present.includes(object)) {
      present.push(object);
      present.sort(byName);
    }
  }

  remove(key: AddressKey, object: T): void {
    const present = this.#byAddress.get(key);
    if (present === object) this.#byAddress.delete(key);
    else if (Array.isArray(present)) {
      const rest = present.filter((other) => other !== object);
      const [only] = rest;
      if (only === undefined) this.#byAddress.delete(key);
      else this.#byAddress.set(key, rest.length === 1 ? only : rest);
    }
  }

  /** The place of one object is taken by another of its name. */
  replace(key: AddressKey, before: T, after: T): void {
    if (this.#byAddress.get(key) === before) this.#byAddress.set(key, after);
    else {
      this.remove(key, before);
      this.add(key, after);
    }
  }

  /** @param address 4 or 16 octets */
  get(address: Uint8Array): readonly T[] {
    const present = this.#byAddress.get(keyOfBytes(address));
    if (present === undefined) return NONE;
    return Array.isArray(present) ? present : [present];
  }
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

const NONE: readonly never[] = [];

function byName(a: Named, b: Named): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
