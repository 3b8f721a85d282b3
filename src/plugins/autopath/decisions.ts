/**
 * What was found out about the names that clients search for: kept for a few seconds, so that queries of all types end at the
 * same name, though the cluster changes or an upstream fails between them.
 */
import { LRUCache } from 'lru-cache';
import type { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import type { Query } from '../plugin.ts';

/** The client's path: it begins with a domain that the name is below. */
export type Path = readonly [Name, ...Name[]];

/** Shared by all queries of one client for one name, those under way included: the first reply at each place decides. */
export interface Decision {
  readonly path: Path;
  /** Place in the path of which it is known that nothing exists at those before it. */
  place: number;
  /** Whether the search ends there. */
  isFinal: boolean;
  /** Whether what was found there is gone: the next query begins anew. */
  isOutdated: boolean;
}

export class Decisions {
  readonly #kept: LRUCache<string, Decision>;

  /** @param nowMs milliseconds that are never set back */
  constructor(nowMs: () => number) {
    this.#kept = new LRUCache({
      max: limits.autopathDecisions,
      ttl: limits.autopathDecisionMs,
      // The clock is read at each use, without a timer.
      ttlResolution: 0,
      perf: { now: nowMs },
    });
  }

  /** What is known; begun where nothing is. */
  of({ client, name }: Query, path: Path): Decision {
    const key = `${client.address} ${name.key}`;
    const known = this.#kept.get(key);
    if (known !== undefined && !known.isOutdated) return known;
    const begun: Decision = { path, place: 0, isFinal: false, isOutdated: false };
    this.#kept.set(key, begun);
    return begun;
  }
}
