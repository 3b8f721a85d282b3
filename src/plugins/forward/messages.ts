/** From a client's query to the request of an upstream, and from its reply to the client's. */
import type { Message, Question } from '../../dns/message.ts';
import type { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { Opcode, Rcode, RrClass, RrType } from '../../dns/types.ts';
import type { Query } from '../plugin.ts';
import { makeReply, type Reply } from '../reply.ts';

/** The client's question, flags and EDNS; IXFR has an SOA record too (RFC 1995 §3). The ID is not for others. */
export function requestOf(query: Query): Message {
  const { message, name, type, class: rrClass } = query;
  if (isRequest(query)) return message;
  const { opcode, rd, ad, cd, answer, authority, additional, edns } = message;
  return {
    id: 0,
    qr: false,
    opcode,
    aa: false,
    tc: false,
    rd,
    ra: false,
    z: false,
    ad,
    cd,
    rcode: 0,
    questions: [{ name, type, class: rrClass }],
    answer,
    authority,
    additional,
    edns,
  };
}

/** Whether the message is what an upstream is asked, as it is: nearly all are. */
function isRequest({ message, name, type, class: rrClass }: Query): boolean {
  const { qr, aa, tc, ra, z, rcode, questions } = message;
  if (qr || aa || tc || ra || z || rcode !== 0 || questions.length !== 1) return false;
  const question = questions[0] as Question;
  return question.name === name && question.type === type && question.class === rrClass;
}

/** A question of this program's own. */
export function questionMessage(name: Name, type: number, recursionDesired: boolean): Message {
  return {
    ...{ id: 0, qr: false, opcode: Opcode.QUERY, aa: false, tc: false, rd: recursionDesired, ra: false },
    ...{ z: false, ad: false, cd: false, rcode: 0, answer: [], authority: [], additional: [] },
    questions: [{ name, type, class: RrClass.IN }],
  };
}

/** Equal for queries that an upstream answers alike; undefined for one that is asked for itself alone. */
export function sharedKey(query: Query): string | undefined {
  const { message, name, type, class: rrClass, transport } = query;
  const { edns, opcode, rd, ad, cd, answer, authority, additional } = message;
  // `loop` counts how often its HINFO question comes round: it must not be held up by itself.
  if (type === RrType.HINFO) return undefined;
  if (answer.length + authority.length + additional.length > 0) return undefined;
  if (edns !== undefined && edns.options.length > 0) return undefined;
  const flags =
    (rd ? 1 : 0) |
    (ad ? 2 : 0) |
    (cd ? 4 : 0) |
    (transport === 'udp' ? 8 : 0) |
    (edns === undefined ? 0 : 16) |
    (edns?.do ? 32 : 0) |
    (opcode << 8);
  const { udpSize = 0, version = 0, z = 0 } = edns ?? {};
  return name.key + String.fromCharCode(type, rrClass, flags, udpSize, version, z);
}

/** @param asked the name as the upstream was asked for it: another client may have written it in other letters */
export function replyOf(query: Query, message: Message, asked: Name): Reply {
  const { rcode, edns } = message;
  const { name } = query;
  return {
    ...EMPTY,
    // RFC 6891 §6.1.3: without EDNS there is no room for more than four bits.
    rcode: rcode > 0xf && query.message.edns === undefined ? Rcode.SERVFAIL : rcode,
    aa: message.aa,
    tc: message.tc,
    ra: message.ra,
    ad: message.ad,
    answer: inLettersOf(name, asked, message.answer),
    authority: inLettersOf(name, asked, message.authority),
    additional: inLettersOf(name, asked, message.additional),
    ednsOptions: edns?.options ?? EMPTY.ednsOptions,
  };
}

const EMPTY = makeReply({ plugin: 'forward' });

/** Owner names that repeat the question as it was asked repeat it as this client has written it. */
function inLettersOf(name: Name, asked: Name, records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  if (records.length === 0 || isSameText(name, asked)) return records;
  return records.map((record) => (isSameText(record.owner, asked) ? { ...record, owner: name } : record));
}

function isSameText(a: Name, b: Name): boolean {
  return a === b || Buffer.compare(a.wire, b.wire) === 0;
}
