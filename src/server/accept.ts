/** What to do with a message before it is decoded: the tests that its header alone decides. */

import type { Message, Question } from '../dns/message.ts';
import { Opcode, Rcode } from '../dns/types.ts';
import { HEADER_BYTES, readHeader, type WireHeader } from '../dns/wire/header.ts';

export type Acceptance =
  /** Not answered: too short for a header, or itself a response (answering those makes loops). */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'reject'; readonly reply: Message }
  | { readonly kind: 'decode'; readonly header: WireHeader };

const IGNORE: Acceptance = { kind: 'ignore' };
const NONE: readonly never[] = [];

export function accept(bytes: Uint8Array): Acceptance {
  if (bytes.length < HEADER_BYTES) return IGNORE;
  const header = readHeader(bytes);
  if (header.qr) return IGNORE;
  if (header.opcode !== Opcode.QUERY && header.opcode !== Opcode.NOTIFY) {
    return { kind: 'reject', reply: bareReply(header, Rcode.NOTIMP, header.opcode) };
  }
  const { questionCount, answerCount, authorityCount, additionalCount } = header;
  // A NOTIFY may carry one SOA (RFC 1996 §3.7), an IXFR one in authority, TSIG and OPT are two additional records.
  if (questionCount !== 1 || answerCount > 1 || authorityCount > 1 || additionalCount > 2) {
    return { kind: 'reject', reply: formatError(header, undefined) };
  }
  return { kind: 'decode', header };
}

/** FORMERR without OPT: the question is echoed where it could be read. */
export function formatError(header: WireHeader, question: Question | undefined): Message {
  const reply = bareReply(header, Rcode.FORMERR, Opcode.QUERY);
  return question === undefined ? reply : { ...reply, questions: [question] };
}

function bareReply(header: WireHeader, rcode: number, opcode: number): Message {
  return {
    id: header.id,
    qr: true,
    opcode,
    aa: false,
    tc: header.tc,
    rd: header.rd,
    ra: header.ra,
    z: false,
    ad: header.ad,
    cd: header.cd,
    rcode,
    questions: NONE,
    answer: NONE,
    authority: NONE,
    additional: NONE,
  };
}
