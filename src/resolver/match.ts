/** Queries as octets, and the test that a reply must pass. */
import {
  decodeMessage,
  decodeQuestion,
  type Edns,
  encodeMessage,
  HEADER_BYTES,
  type Message,
  Opcode,
  type Question,
  Rcode,
  readHeader,
  WireError,
  type WireHeader,
} from '../dns/index.ts';
import { limits } from '../limits.ts';

/** What the libraries put into a query beside the question. */
export interface QueryOptions {
  /** The AD bit (RFC 6840 §5.7). */
  readonly ad: boolean;
  /** UDP payload size of an OPT; undefined for none. */
  readonly udpSize: number | undefined;
}

export function queryBytes(id: number, question: Question, { ad, udpSize }: QueryOptions): Uint8Array {
  const edns: Edns | undefined =
    udpSize === undefined ? undefined : { udpSize, version: 0, do: false, z: 0, options: [] };
  const message: Message = {
    id,
    qr: false,
    opcode: Opcode.QUERY,
    aa: false,
    tc: false,
    rd: true,
    ra: false,
    z: false,
    ad,
    cd: false,
    rcode: Rcode.NOERROR,
    questions: [question],
    answer: [],
    authority: [],
    additional: [],
    edns,
  };
  return encodeMessage(message, { limitBytes: limits.messageBytes });
}

/** The ID, where the octets may be a reply. */
export function replyId(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const header = readHeader(bytes);
  return header.qr ? header.id : undefined;
}

/** The reply, if it answers the question; undefined for anything else. */
export function readReply(bytes: Uint8Array, question: Question): Message | undefined {
  const header = readHeader(bytes);
  const reply = decode(bytes, header);
  if (reply === undefined) return undefined;
  if (isBareError(bytes, header)) return reply;
  const [echoed, second] = reply.questions;
  if (echoed === undefined || second !== undefined) return undefined;
  const matches = echoed.type === question.type && echoed.class === question.class;
  return matches && echoed.name.equals(question.name) ? reply : undefined;
}

const BARE_ERRORS: ReadonlySet<number> = new Set([Rcode.SERVFAIL, Rcode.NOTIMP, Rcode.REFUSED]);

/** Some servers refuse with nothing but a header: both libraries take that. */
function isBareError(bytes: Uint8Array, { questionCount, rcode }: WireHeader): boolean {
  return bytes.length === HEADER_BYTES && questionCount === 0 && BARE_ERRORS.has(rcode);
}

/** Undefined where the octets are no message; old servers cut one within a record: of those the header and question. */
function decode(bytes: Uint8Array, header: WireHeader): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const question = header.tc && header.questionCount === 1 ? decodeQuestion(bytes) : undefined;
    return question && { ...header, questions: [question], answer: [], authority: [], additional: [] };
  }
}
