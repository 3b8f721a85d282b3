/** The two bounded stores, for answers and for denials: which entry serves, and which goes when another comes. */
import { LRUCache } from 'lru-cache';
import type { Name } from '../../dns/name.ts';
import { Rcode } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import type { StoreKind } from './classify.ts';
import type { Entry } from './entry.ts';
import type { CacheOptions, StoreOptions } from './options.ts';

export class Stores {
  readonly #success: Store;
  readonly #denial: Store;
  readonly #preferPositive: boolean;
  readonly #staleSeconds: number;

  constructor({ success, denial, stale, preferPositive }: CacheOptions) {
    this.#success = new Store(success);
    this.#denial = new Store(denial);
    this.#staleSeconds = stale?.seconds ?? 0;
    this.#preferPositive = preferPositive && stale !== undefined;
  }

  size(kind: StoreKind): number {
    return this.#of(kind).size;
  }

  /** The entry to serve, fresh or within the time for stale ones. */
  find(key: string, now: number): Entry | undefined {
    if (this.#preferPositive) {
      const positive = this.#usable(this.#success, key, now);
      if (positive?.answers) return positive;
    }
    const denied = this.#usable(this.#denial, key, now);
    if (denied === undefined) return this.#usable(this.#success, key, now);
    // A failure passes: an answer from before it is better.
    if (denied.rcode !== Rcode.SERVFAIL) return denied;
    return this.#usable(this.#success, key, now) ?? denied;
  }

  /** Keeps an entry, unless its store is disabled for the name. @returns how many had to go for want of room */
  put(key: string, name: Name, entry: Entry, bytes: number): number {
    if (this.#preferPositive && !entry.answers) {
      // What is no answer does not take the place of one.
      if (entry.store === 'success' && this.#usable(this.#success, key, entry.storedAt)?.answers) return 0;
    } else if (entry.store === 'success') {
      // The newest reply is the state of the name.
      this.#denial.delete(key);
    } else if (entry.rcode === Rcode.NOERROR || entry.rcode === Rcode.NXDOMAIN) {
      // A failure says nothing of it.
      this.#success.delete(key);
    }
    const store = this.#of(entry.store);
    return store.isDisabledFor(name) ? 0 : store.set(key, entry, bytes);
  }

  /** Forgets what is kept under a key. */
  drop(key: string): void {
    this.#success.delete(key);
    this.#denial.delete(key);
  }

  #of(kind: StoreKind): Store {
    return kind === 'success' ? this.#success : this.#denial;
  }

  #usable(store: Store, key: string, now: number): Entry | undefined {
    const entry = store.get(key);
    return entry !== undefined && entry.ttl(now) > -this.#staleSeconds ? entry : undefined;
  }
}

/** Entries by key; what was not used for the longest time goes first. */
class Store {
  /** Undefined where nothing is to be kept. */
  readonly #entries: LRUCache<string, Entry> | undefined;
  readonly #disabled: readonly Name[];
  #evicted = 0;

  constructor({ capacity, disabled }: StoreOptions) {
    this.#disabled = disabled;
    if (capacity === 0) return;
    const max = Math.min(capacity, limits.cacheEntries);
    this.#entries = new LRUCache({
      max,
      maxSize: Math.max(max * limits.cacheEntryBytes, limits.cacheStoreMinBytes),
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.#evicted++;
      },
    });
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  isDisabledFor(name: Name): boolean {
    return this.#disabled.some((zone) => name.isWithin(zone));
  }

  get(key: string): Entry | undefined {
    return this.#entries?.get(key);
  }

  set(key: string, entry: Entry, bytes: number): number {
    this.#evicted = 0;
    this.#entries?.set(key, entry, { size: bytes });
    return this.#evicted;
  }

  delete(key: string): void {
    this.#entries?.delete(key);
  }
}
