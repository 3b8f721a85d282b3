/** A reply that is kept, and how it looks as it ages. */
import type { ResourceRecord } from '../../dns/record.ts';
import { NEVER, type Reply } from '../reply.ts';
import type { StoreKind } from './classify.ts';

export interface EntryParts {
  readonly store: StoreKind;
  /** As it goes to the first asker; its records have the lifetime as TTL. */
  readonly reply: Reply;
  /** Whole seconds. */
  readonly lifetime: number;
  /** Milliseconds of the cache's clock, as all moments here. */
  readonly storedAt: number;
  /** Whether it has what was asked for. */
  readonly answers: boolean;
}

/** The reply at one age. */
interface Shown {
  readonly ttl: number;
  readonly untilMs: number;
  readonly plain: Reply;
  /** For clients that want to know whether the data is authentic. */
  readonly withAd: Reply;
}

export class Entry {
  readonly store: StoreKind;
  readonly rcode: number;
  readonly lifetime: number;
  readonly storedAt: number;
  readonly answers: boolean;
  readonly #reply: Reply;
  /** Most are asked for once: it is made when somebody asks again. */
  #shown: Shown | undefined;
  #hits = 0;
  #lastHitAt = Number.NEGATIVE_INFINITY;
  #refreshing = false;
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor({ store, reply, lifetime, storedAt, answers }: EntryParts) {
    this.store = store;
    this.rcode = reply.rcode;
    this.lifetime = lifetime;
    this.storedAt = storedAt;
    this.answers = answers;
    this.#reply = reply;
  }

  /** Seconds that are left: none or less once it has ended. */
  ttl(now: number): number {
    return this.lifetime - Math.floor((now - this.storedAt) / 1000);
  }

  /** When this TTL becomes one less, and the octets of the reply others. */
  ttlEndsAt(ttl: number): number {
    return this.storedAt + (this.lifetime - ttl + 1) * 1000;
  }

  /**
   * The reply with this TTL on all records: made once for each age, not for each hit.
   * @param untilMs for how long it may be repeated; 0: it may not
   */
  reply(ttl: number, untilMs: number, wantsAd: boolean): Reply {
    let shown = this.#shown;
    if (shown?.ttl !== ttl || shown.untilMs !== untilMs) {
      shown = show(this.#reply, ttl, untilMs);
      this.#shown = shown;
    }
    return wantsAd ? shown.withAd : shown.plain;
  }

  /** Counts a hit; one after a long gap is the first again. @returns hits so far */
  hit(now: number, gapMs: number): number {
    this.#hits = this.#lastHitAt < now - gapMs ? 1 : this.#hits + 1;
    this.#lastHitAt = now;
    return this.#hits;
  }

  /** A refreshed entry is as popular as the one that it replaces. */
  inheritHits(from: Entry, now: number): void {
    this.#hits = from.#hits;
    this.#lastHitAt = now;
  }

  /** Whether a refresh may begin: none is under way, and the last did not fail a moment ago. */
  beginRefresh(now: number): boolean {
    if (this.#refreshing || now < this.#retryAt) return false;
    this.#refreshing = true;
    return true;
  }

  /** @param retryAt no other refresh begins before */
  endRefresh(retryAt: number): void {
    this.#refreshing = false;
    this.#retryAt = retryAt;
  }
}

function show(reply: Reply, ttl: number, untilMs: number): Shown {
  const plain: Reply = {
    ...reply,
    // Old resolvers drop what is not authoritative: CoreDNS sets it on all that comes from the cache.
    aa: true,
    ad: false,
    // The next client's own.
    rd: undefined,
    answer: withTtl(reply.answer, ttl),
    authority: withTtl(reply.authority, ttl),
    additional: withTtl(reply.additional, ttl),
    // It is logged where it happened, not again.
    error: undefined,
    validity: untilMs === 0 ? NEVER : { kind: 'until', ms: untilMs },
    plugin: 'cache',
  };
  return { ttl, untilMs, plain, withAd: reply.ad ? { ...plain, ad: true } : plain };
}

/** The records with this TTL; the same array where they have it already. */
export function withTtl(records: readonly ResourceRecord[], ttl: number): readonly ResourceRecord[] {
  if (records.every((record) => record.ttl === ttl)) return records;
  return records.map(({ owner, type, class: rrClass, data }) => ({ owner, type, class: rrClass, ttl, data }));
}
