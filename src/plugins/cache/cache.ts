/** Answers from what is kept, at once; asks on for the rest, and ahead of time for what is popular. */
import type { Name } from '../../dns/name.ts';
import { Opcode, RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Handler, Plugin, Query } from '../plugin.ts';
import { type Reply, whenReplied } from '../reply.ts';
import type { Clock } from './clock.ts';
import type { Entry } from './entry.ts';
import { type Asked, Keeper, keyOf, wantsAd } from './keeper.ts';
import type { CacheMetrics } from './metrics.ts';
import { OnwardQuery, RefreshQuery } from './onward-query.ts';
import type { CacheOptions } from './options.ts';
import type { StaleOptions } from './stale-options.ts';
import { Stores } from './stores.ts';

export interface CacheParts {
  readonly options: CacheOptions;
  readonly zones: readonly Name[];
  readonly metrics: CacheMetrics;
  readonly log: Logger;
  readonly clock: Clock;
}

export class Cache implements Plugin {
  readonly name = 'cache';
  readonly #options: CacheOptions;
  readonly #zones: readonly Name[];
  readonly #metrics: CacheMetrics;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #stores: Stores;
  readonly #keeper: Keeper;
  #refreshes = 0;

  constructor({ options, zones, metrics, log, clock }: CacheParts) {
    this.#options = options;
    this.#zones = zones;
    this.#metrics = metrics;
    this.#log = log;
    this.#clock = clock;
    this.#stores = new Stores(options);
    this.#keeper = new Keeper(options, this.#stores, clock);
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    if (!this.#isFor(query)) return next(query);
    const meters = this.#metrics.at(query.server);
    meters.requests.count(query);
    const key = keyOf(query);
    const now = this.#clock.now();
    const entry = this.#stores.find(key, now);
    if (entry === undefined) {
      meters.misses.count(query);
      const reply = next(query.message.ad ? query : new OnwardQuery(query));
      return whenReplied(reply, (settled) => this.#keeper.take({ query, key, meters }, settled));
    }
    meters.hits[entry.store].count(query);
    const { stale, keepTtl } = this.#options;
    const ttl = entry.ttl(now);
    if (ttl <= 0 && stale !== undefined) {
      return this.#serveStale({ query, key, meters }, next, entry, now, stale);
    }
    const popularity = this.#popularityOf(entry, now, ttl);
    if (popularity === 'due') this.#refreshBehind({ query, key, meters }, next, entry, now);
    // Hits that are not seen here do not count.
    const untilMs = popularity === 'settled' ? entry.ttlEndsAt(ttl) : 0;
    return entry.reply(keepTtl ? entry.lifetime : ttl, untilMs, wantsAd(query));
  }

  /** A transfer is a stream with TTLs of its own, a NOTIFY is no question. */
  #isFor({ message, name, type }: Query): boolean {
    if (message.opcode !== Opcode.QUERY || type === RrType.AXFR || type === RrType.IXFR) return false;
    return this.#zones.some((zone) => name.isWithin(zone));
  }

  /** Counts a hit. `settled`: nothing depends on how often it is hit now; `due`: it should be refreshed. */
  #popularityOf(entry: Entry, now: number, ttl: number): 'settled' | 'rising' | 'due' {
    const { prefetch } = this.#options;
    if (prefetch === undefined) return 'settled';
    if (entry.hit(now, prefetch.gapMs) < prefetch.amount) return 'rising';
    return ttl <= Math.ceil((prefetch.percent * entry.lifetime) / 100) ? 'due' : 'settled';
  }

  #serveStale(
    asked: Asked,
    next: Handler,
    entry: Entry,
    now: number,
    stale: StaleOptions,
  ): Reply | Promise<Reply> {
    if (stale.mode === 'immediate') {
      this.#refreshBehind(asked, next, entry, now, stale.recheckMs);
      return this.#staleReply(asked, entry, stale);
    }
    if (stale.timeoutMs > 0 && this.#refreshes >= limits.cacheRefreshes) {
      return this.#staleReply(asked, entry, stale);
    }
    // Without a time to recheck everybody asks.
    if (stale.recheckMs > 0 && !entry.beginRefresh(now)) return this.#staleReply(asked, entry, stale);
    const renewed = this.#renew(asked, next, new OnwardQuery(asked.query), entry, stale.recheckMs);
    const inTime = stale.timeoutMs > 0 ? before(stale.timeoutMs, renewed) : renewed;
    return inTime.then((reply) => reply ?? this.#staleReply(asked, entry, stale));
  }

  #staleReply({ query, meters }: Asked, entry: Entry, stale: StaleOptions): Reply {
    meters.servedStale.inc();
    const ttl = stale.ttl === 0 && this.#options.keepTtl ? entry.lifetime : stale.ttl;
    return entry.reply(ttl, 0, wantsAd(query));
  }

  /** Refreshes an entry while its askers have their answers: one at a time. */
  #refreshBehind(asked: Asked, next: Handler, entry: Entry, now: number, recheckMs = 0): void {
    if (this.#refreshes >= limits.cacheRefreshes || !entry.beginRefresh(now)) return;
    asked.meters.prefetches.inc();
    void this.#renew(asked, next, new RefreshQuery(asked.query), entry, recheckMs);
  }

  /** Never rejects: where asking fails, the entry is served on. */
  async #renew(
    asked: Asked,
    next: Handler,
    query: Query,
    entry: Entry,
    recheckMs: number,
  ): Promise<Reply | undefined> {
    let renewed: Reply | undefined;
    this.#refreshes++;
    try {
      renewed = this.#keeper.renew(asked, await next(query), entry);
    } catch (error) {
      this.#log.error(`Failed to refresh ${query.name}: ${(error as Error).message}`);
    }
    this.#refreshes--;
    const isFailed = renewed === undefined && recheckMs > 0;
    entry.endRefresh(isFailed ? this.#clock.now() + recheckMs : Number.NEGATIVE_INFINITY);
    return renewed;
  }
}

/** What a promise gives within a time; undefined once that has passed. */
async function before<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), timeoutMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
