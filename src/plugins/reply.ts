/** What a plugin answers, before the server gives it an ID, the question, EDNS and a size. */
import type { Generation } from '../cluster/generation.ts';
import type { EdnsOption } from '../dns/message.ts';
import type { ResourceRecord } from '../dns/record.ts';
import { Rcode } from '../dns/types.ts';
import type { Reason } from '../reasons.ts';

/** What the generations of `while` are sums of, for who repeats replies on other threads. */
export { generationCounts } from '../cluster/generation.ts';

/** For how long the bytes of a reply may be repeated to others. Wrapping plugins can only narrow it. */
export type Validity =
  /** It depended on who asked, on chance or on the moment. */
  | { readonly kind: 'never' }
  /** Until this moment, in milliseconds of `performance.now()`. */
  | { readonly kind: 'until'; readonly ms: number }
  /** While `of.current` still is `generation`. */
  | { readonly kind: 'while'; readonly of: Generation; readonly generation: number };

export const NEVER: Validity = { kind: 'never' };

/** EDNS options of a query that come back where a reply has none: NSID, EXPIRE, COOKIE, TCP-KEEPALIVE and PADDING, as CoreDNS. */
export const echoedOptions: ReadonlySet<number> = new Set([3, 9, 10, 11, 12]);

export interface Reply {
  readonly rcode: number;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly ra: boolean;
  /** Recursion desired; undefined: as the query has it (RFC 1035 §4.1.1). */
  readonly rd: boolean | undefined;
  readonly ad: boolean;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  /** A zone transfer: records for as many messages as they need, read as the client takes them; `answer` is empty then. */
  readonly transfer: Iterable<ResourceRecord> | undefined;
  /** EDNS options of the plugin's own; sent only to clients that use EDNS. */
  readonly ednsOptions: readonly EdnsOption[];
  /**
   * Octets of UDP payload that bound the reply and stand in its OPT, where that is less than the client's own
   * (`bufsize`).
   */
  readonly udpSize: number | undefined;
  /** Nothing is sent: the client waits in vain (`acl drop`). */
  readonly dropped: boolean;
  /** Why there are no records. */
  readonly reason: Reason | undefined;
  /** Set where something went wrong: the line that `errors` logs. */
  readonly error: string | undefined;
  readonly validity: Validity;
  /** Addresses and mail servers stand in an order by chance: who repeats the reply gives each client one of its own. */
  readonly isShuffled: boolean;
  /** Directive of the plugin that made the reply; empty for the server's own. */
  readonly plugin: string;
}

const NOTHING: readonly never[] = [];

/** A reply with the given parts; the rest is an empty, not authoritative NOERROR that must not be repeated. */
export function makeReply(parts: Partial<Reply>): Reply {
  return {
    rcode: parts.rcode ?? Rcode.NOERROR,
    aa: parts.aa ?? false,
    tc: parts.tc ?? false,
    ra: parts.ra ?? false,
    rd: parts.rd,
    ad: parts.ad ?? false,
    answer: parts.answer ?? NOTHING,
    authority: parts.authority ?? NOTHING,
    additional: parts.additional ?? NOTHING,
    transfer: parts.transfer,
    ednsOptions: parts.ednsOptions ?? NOTHING,
    udpSize: parts.udpSize,
    dropped: parts.dropped ?? false,
    reason: parts.reason,
    error: parts.error,
    validity: parts.validity ?? NEVER,
    isShuffled: parts.isShuffled ?? false,
    plugin: parts.plugin ?? '',
  };
}

/** The same reply, not to be repeated to others. */
export function forThisClient(reply: Reply): Reply {
  return reply.validity === NEVER ? reply : { ...reply, validity: NEVER };
}

/** An empty reply that says that something failed: what CoreDNS's core writes when no plugin has. */
export function failure(rcode: number, reason: Reason, error?: string): Reply {
  return makeReply({ rcode, reason, error });
}

/** Applies `then` to a reply at once where it is there already: cluster answers never wait for a promise. */
export function whenReplied<T>(
  reply: Reply | Promise<Reply>,
  then: (reply: Reply) => T,
): T | Promise<Awaited<T>> {
  return reply instanceof Promise ? (reply.then(then) as Promise<Awaited<T>>) : then(reply);
}
