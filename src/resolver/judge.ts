/** From the replies for a candidate to the verdict on it, as each library comes to it. */
import { Rcode, type ResourceRecord, RrType } from '../dns/index.ts';
import type { Libc } from './conf.ts';
import type { Answered, Findings } from './inquiry.ts';
import { headerRcode, recordsFor, verdictOf } from './reply.ts';
import type { HostError, Verdict } from './rules.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** h_errno; undefined where the library reports success. */
  readonly error: HostError | undefined;
  /** What the answer sections hold for the questions. */
  readonly records: readonly ResourceRecord[];
}

export const impossible: Judgement = { verdict: 'impossible', error: 'NO_RECOVERY', records: [] };
export const malformed: Judgement = { verdict: 'malformed', error: 'TRY_AGAIN', records: [] };
/** AAAA under `no-aaaa`: answered without asking. */
export const suppressed: Judgement = { verdict: 'nodata', error: 'NO_DATA', records: [] };

/** Whether `getaddrinfo` asks it; other types are a program's own, by `res_query` or `res_search`. */
export function isAddressType(type: number): boolean {
  return type === RrType.A || type === RrType.AAAA;
}

export function judge(findings: Findings, libc: Libc): Judgement {
  return libc === 'glibc' ? judgeGlibc(findings) : judgeMusl(findings);
}

/** resolv/res_query.c: one good reply is enough; of two errors the first one's rcode decides. */
function judgeGlibc({ replies, failure }: Findings): Judgement {
  const [first, second] = replies;
  if (first === undefined) return { verdict: failure ?? 'timeout', error: 'TRY_AGAIN', records: [] };
  if (replies.some(({ reply }) => headerRcode(reply) === Rcode.NOERROR && reply.answer.length > 0)) {
    return judgeAnswers(replies, 'glibc');
  }
  const decisive = headerRcode(first.reply) === Rcode.NOERROR ? (second ?? first) : first;
  const verdict = verdictOf(decisive.reply, decisive.question, 'glibc');
  return { verdict: verdict === 'lame' ? 'nodata' : verdict, error: hostError(verdict), records: [] };
}

function hostError(verdict: Verdict): HostError {
  if (verdict === 'nxdomain') return 'HOST_NOT_FOUND';
  if (verdict === 'servfail') return 'TRY_AGAIN';
  return verdict === 'nodata' || verdict === 'lame' ? 'NO_DATA' : 'NO_RECOVERY';
}

/** src/network/lookup_name.c: the replies in the order of the questions; the first that is none, or NXDOMAIN, decides. */
function judgeMusl({ replies, failure }: Findings): Judgement {
  if (replies.some(({ reply }) => headerRcode(reply) === Rcode.NXDOMAIN)) {
    return { verdict: 'nxdomain', error: 'HOST_NOT_FOUND', records: [] };
  }
  if (failure !== undefined) return { verdict: failure, error: 'TRY_AGAIN', records: [] };
  if (replies.some(({ reply }) => reply.answer.length > 0)) return judgeAnswers(replies, 'musl');
  return { verdict: 'nodata', error: 'NO_DATA', records: [] };
}

function judgeAnswers(replies: readonly Answered[], libc: Libc): Judgement {
  const records = replies.flatMap(({ question, reply }) => recordsFor(reply, question, libc));
  const questions = replies.map(({ question }) => question);
  if (records.some(({ type }) => questions.some((question) => question.type === type))) {
    return { verdict: 'answer', error: undefined, records: withoutRepeats(records) };
  }
  const isForAddresses = questions.every(({ type }) => isAddressType(type));
  return { verdict: 'alias-only', error: isForAddresses ? aliasError(libc) : undefined, records };
}

/** `getaddrinfo` finds nothing in it; `res_query` hands it over as it is. */
function aliasError(libc: Libc): HostError {
  return libc === 'glibc' ? 'HOST_NOT_FOUND' : 'NO_DATA';
}

/** The CNAMEs of A and AAAA are the same. */
function withoutRepeats(records: readonly ResourceRecord[]): ResourceRecord[] {
  const seen = new Set<string>();
  return records.filter(({ owner, data }) => {
    if (data.kind !== 'CNAME') return true;
    const key = `${owner.key} ${data.target.key}`;
    return !seen.has(key) && seen.add(key);
  });
}
