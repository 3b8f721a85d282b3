/** What kind of reply came back: it decides whether it is kept, where, and for how long. */
import type { Question } from '../../dns/message.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { Rcode, RrType } from '../../dns/types.ts';
import type { Reply } from '../reply.ts';
import { answersQuestion } from './answers.ts';
import type { CacheOptions, StoreOptions } from './options.ts';

export type StoreKind = 'success' | 'denial';

export type ReplyKind =
  /** NOERROR with what was asked for. */
  | 'answer'
  /** NOERROR with aliases that lead to no such record, and no SOA to say for how long that holds (RFC 2308 §5). */
  | 'incomplete'
  /** NOERROR without answer and without SOA: data may be in the other sections. */
  | 'empty'
  /** NOERROR without answer, with NS: ask over there. */
  | 'delegation'
  /** NODATA or NXDOMAIN, with SOA. */
  | 'denial'
  /** NXDOMAIN without SOA. */
  | 'unbounded-denial'
  /** SERVFAIL or NOTIMP. */
  | 'failure'
  | 'other';

/** The store of each kind that is kept. */
export const storeOf: Readonly<Record<ReplyKind, StoreKind | undefined>> = {
  answer: 'success',
  incomplete: undefined,
  empty: 'success',
  delegation: 'success',
  denial: 'denial',
  'unbounded-denial': undefined,
  failure: 'denial',
  other: undefined,
};

/** Seconds for replies that have no TTL to go by. */
const FALLBACK_TTL = 5;

/**
 * @param signed whether DO was asked for: then signatures count
 * @param nowSeconds since 1970
 */
export function classify(question: Question, reply: Reply, signed: boolean, nowSeconds: number): ReplyKind {
  const { rcode, answer } = reply;
  if (signed && hasExpiredSignature(reply, nowSeconds)) return 'other';
  const hasSoa = reply.authority.some(({ type }) => type === RrType.SOA);
  switch (rcode) {
    case Rcode.NOERROR:
      if (answer.length > 0 && answersQuestion(question, answer)) return 'answer';
      if (hasSoa) return 'denial';
      if (answer.length > 0) return 'incomplete';
      return reply.authority.some(({ type }) => type === RrType.NS) ? 'delegation' : 'empty';
    case Rcode.NXDOMAIN:
      if (answer.length > 0) return 'other';
      return hasSoa ? 'denial' : 'unbounded-denial';
    case Rcode.SERVFAIL:
    case Rcode.NOTIMP:
      return 'failure';
    default:
      return 'other';
  }
}

/** Seconds for which a reply of this kind is kept, and which all of its records get, kept or not. */
export function lifetimeOf(kind: ReplyKind, reply: Reply, options: CacheOptions): number {
  switch (kind) {
    case 'failure':
      return options.servfailTtl;
    case 'denial':
    case 'unbounded-denial':
      return clamp(leastTtl(reply), options.denial);
    case 'delegation':
    case 'other':
      return clamp(FALLBACK_TTL, options.success);
    default:
      return clamp(leastTtl(reply), options.success);
  }
}

function clamp(ttl: number, { minTtl, maxTtl }: StoreOptions): number {
  return Math.min(Math.max(ttl, minTtl), maxTtl);
}

function leastTtl({ answer, authority, additional }: Reply): number {
  const least = Math.min(leastOf(answer), leastOf(authority), leastOf(additional));
  return least === Number.POSITIVE_INFINITY ? FALLBACK_TTL : least;
}

function leastOf(records: readonly ResourceRecord[]): number {
  return records.reduce((least, { ttl }) => Math.min(least, ttl), Number.POSITIVE_INFINITY);
}

function hasExpiredSignature({ answer, authority, additional }: Reply, nowSeconds: number): boolean {
  const isExpired = ({ data }: ResourceRecord) =>
    data.kind === 'RRSIG' && (isBefore(nowSeconds, data.inception) || isBefore(data.expiration, nowSeconds));
  return answer.some(isExpired) || authority.some(isExpired) || additional.some(isExpired);
}

/** RFC 4034 §3.1.5: times are compared as serial numbers. */
function isBefore(a: number, b: number): boolean {
  return (a - b) << 0 < 0;
}
