/** What a reply says to a question. */
import { type Message, type Question, Rcode, type ResourceRecord, RrType } from '../dns/index.ts';
import type { Libc } from './conf.ts';
import type { Verdict } from './rules.ts';

export type ReplyVerdict = Exclude<Verdict, 'timeout' | 'unreachable' | 'impossible' | 'malformed'>;

const BY_RCODE: ReadonlyMap<number, ReplyVerdict> = new Map([
  [Rcode.NXDOMAIN, 'nxdomain'],
  [Rcode.SERVFAIL, 'servfail'],
  [Rcode.REFUSED, 'refused'],
  [Rcode.NOTIMP, 'notimp'],
]);

/** Neither library looks at the upper bits, which an OPT has. */
export function headerRcode({ rcode }: Message): number {
  return rcode & 15;
}

export function verdictOf(reply: Message, question: Question, libc: Libc): ReplyVerdict {
  const rcode = headerRcode(reply);
  if (rcode !== Rcode.NOERROR) return BY_RCODE.get(rcode) ?? 'error';
  if (reply.answer.length === 0) return libc === 'glibc' && isLame(reply) ? 'lame' : 'nodata';
  return recordsFor(reply, question, libc).some(({ type }) => type === question.type)
    ? 'answer'
    : 'alias-only';
}

/** From a server that was asked by mistake: glibc asks the next one, musl takes it for NODATA. */
function isLame({ aa, ra, additional, edns }: Message): boolean {
  return !aa && !ra && additional.length === 0 && edns === undefined;
}

/**
 * The records that answer the question, with the CNAMEs on the way. glibc wants each record to be of the name that the CNAMEs
 * before it lead to; musl takes every record of the type.
 */
export function recordsFor(reply: Message, { name, type }: Question, libc: Libc): ResourceRecord[] {
  let expected = name;
  return reply.answer.filter(({ owner, type: recordType, data }) => {
    if (data.kind === 'CNAME' && type !== RrType.CNAME) {
      expected = data.target;
      return true;
    }
    return recordType === type && (libc === 'musl' || owner.equals(expected));
  });
}
