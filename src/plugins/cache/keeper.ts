/** Decides about replies that come back: what is kept, and how they look to the client. */
import { reasons } from '../../reasons.ts';
import type { Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';
import { classify, lifetimeOf, type ReplyKind, storeOf } from './classify.ts';
import type { Clock } from './clock.ts';
import { Entry, withTtl } from './entry.ts';
import type { Meters } from './metrics.ts';
import type { CacheOptions } from './options.ts';
import type { Stores } from './stores.ts';
import { weigh } from './weight.ts';

/** What was asked, and where the reply to it is kept. */
export interface Asked {
  /** The client's own. */
  readonly query: Query;
  readonly key: string;
  readonly meters: Meters;
}

/** A reply with the one TTL that all its records get. */
interface Judged {
  readonly kind: ReplyKind;
  readonly reply: Reply;
  readonly lifetime: number;
}

export class Keeper {
  readonly #options: CacheOptions;
  readonly #stores: Stores;
  readonly #clock: Clock;

  constructor(options: CacheOptions, stores: Stores, clock: Clock) {
    this.#options = options;
    this.#stores = stores;
    this.#clock = clock;
  }

  /** Keeps a reply if it may be kept. @returns the reply for the client */
  take(asked: Asked, reply: Reply): Reply {
    if (isLeftAlone(reply)) return reply;
    const judged = this.#judge(asked.query, reply);
    this.#keep(asked, judged);
    return forClient(asked.query, judged.reply);
  }

  /**
   * Takes a reply that was asked for although there is an entry. A failure does not replace it (RFC 8767 §4), nor does
   * what is cut off.
   * @returns the reply for the client; undefined where the entry is still the best there is
   */
  renew(asked: Asked, reply: Reply, old: Entry): Reply | undefined {
    // The name is answered from memory now: nothing may stand before that.
    if (reply.validity.kind === 'while') this.#stores.drop(asked.key);
    if (isLeftAlone(reply)) return reply.validity.kind === 'while' ? reply : undefined;
    const judged = this.#judge(asked.query, reply);
    if (reply.tc || judged.kind === 'failure' || judged.kind === 'other') return undefined;
    this.#keep(asked, judged)?.inheritHits(old, this.#clock.now());
    if (this.#options.preferPositive && judged.kind !== 'answer') return undefined;
    return forClient(asked.query, judged.reply);
  }

  #judge(query: Query, reply: Reply): Judged {
    const kind = classify(query, reply, isSigned(query), this.#clock.unixSeconds());
    const lifetime = lifetimeOf(kind, reply, this.#options);
    return { kind, lifetime, reply: withLifetime(reply, lifetime) };
  }

  #keep({ query, key, meters }: Asked, { kind, reply, lifetime }: Judged): Entry | undefined {
    const store = storeOf[kind];
    if (store === undefined || reply.tc || lifetime === 0) return undefined;
    const storedAt = this.#clock.now();
    const entry = new Entry({ store, reply, lifetime, storedAt, answers: kind === 'answer' });
    const evicted = this.#stores.put(key, query.name, entry, weigh(reply));
    if (evicted > 0) meters.evictions[store].inc(evicted);
    meters.entries.success.set(this.#stores.size('success'));
    meters.entries.denial.set(this.#stores.size('denial'));
    return entry;
  }
}

/** Replies that are no business of the cache go on as they are. */
function isLeftAlone({ validity, dropped, plugin, reason }: Reply): boolean {
  // In memory already, and gone from there the moment it is no longer true.
  if (validity.kind === 'while') return true;
  // The server's own words for "nobody answered".
  if (dropped || plugin === '') return true;
  // The cluster may be known a moment later.
  return reason === reasons.notSynced;
}

/** EDNS is between neighbours (RFC 6891 §6.1.1): the options of an upstream end here. */
function withLifetime(reply: Reply, lifetime: number): Reply {
  return {
    ...reply,
    answer: withTtl(reply.answer, lifetime),
    authority: withTtl(reply.authority, lifetime),
    additional: withTtl(reply.additional, lifetime),
    ednsOptions: [],
  };
}

function forClient(query: Query, reply: Reply): Reply {
  return reply.ad && !wantsAd(query) ? { ...reply, ad: false } : reply;
}

/** RFC 6840 §5.7 and §5.8: AD is for those who ask for it, with DO or with AD itself. */
export function wantsAd({ message }: Query): boolean {
  return message.ad || message.edns?.do === true;
}

function isSigned({ message }: Query): boolean {
  return message.edns?.do === true;
}

/** Name, type, class, DO and CD (RFC 4035 §4.7): what makes two questions have different replies. */
export function keyOf(query: Query): string {
  const { name, type, class: rrClass, message } = query;
  const flags = (isSigned(query) ? 1 : 0) | (message.cd ? 2 : 0);
  return name.key + String.fromCharCode(type, rrClass, flags);
}
