/** What the exchanges over all protocols have in common: the request, and which reply counts. */
import { randomInt } from 'node:crypto';
import { getSystemErrorMessage } from 'node:util';
import { WireError } from '../../dns/errors.ts';
import type { Message, Question } from '../../dns/message.ts';
import { Rcode } from '../../dns/types.ts';
import { decodeMessage, decodeQuestion } from '../../dns/wire/decode.ts';
import { encodeMessage } from '../../dns/wire/encode.ts';
import { HEADER_BYTES, readHeader } from '../../dns/wire/header.ts';
import { limits } from '../../limits.ts';

/** In the third octet of a reply. */
const QR = 0x80;

/** An upstream did not answer: one line in the words that Go's net package has for it. */
export class ExchangeError extends Error {
  readonly timedOut: boolean;

  constructor(message: string, timedOut = false) {
    super(message);
    this.name = 'ExchangeError';
    this.timedOut = timedOut;
  }
}

/** The peer let the connection go before any octet of an answer: where it was idle before, another one may do. */
export class HungUp extends ExchangeError {}

/** The upstream's certificate is not trusted, or is not for its name. */
export class CertificateError extends ExchangeError {}

const ENCODING = { limitBytes: limits.messageBytes };

/** The octets to send, and the test that an answer to them must pass. */
export class Request {
  readonly bytes: Uint8Array;
  readonly #message: Message;
  readonly #id: number;

  /**
   * The ID is one that nobody can foresee (RFC 5452 §9.2), unless it is given.
   * @throws {WireError} the message is not legal DNS
   */
  constructor(message: Message, id = randomInt(0x1_0000)) {
    this.bytes = encodeMessage(message, ENCODING);
    this.bytes[0] = id >> 8;
    this.bytes[1] = id;
    this.#message = message;
    this.#id = id;
  }

  /** The message, if it answers the request; undefined for anything else that may come in. */
  read(bytes: Uint8Array): Message | undefined {
    // What has another ID, or is no reply, is not worth decoding.
    if (bytes.length < HEADER_BYTES || ((bytes[2] ?? 0) & QR) === 0) return undefined;
    if ((((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) !== this.#id) return undefined;
    const reply = decode(bytes);
    return reply !== undefined && answers(reply, this.#message) ? reply : undefined;
  }
}

/** Undefined where the octets are no message; old servers cut one within a record: of those the header and question. */
function decode(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const header = readHeader(bytes);
    const question = header.tc && header.questionCount === 1 ? decodeQuestion(bytes) : undefined;
    return question && { ...header, questions: [question], answer: [], authority: [], additional: [] };
  }
}

/** To the question, or a bare refusal: servers that do not read a query far enough send a header alone (RFC 6891 §7). */
function answers(reply: Message, request: Message): boolean {
  if (isSameQuestion(request.questions, reply.questions)) return true;
  const { questions, answer, authority, additional, rcode } = reply;
  const isBare = questions.length + answer.length + authority.length + additional.length === 0;
  return isBare && rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN;
}

function isSameQuestion([asked]: readonly Question[], [echoed, second]: readonly Question[]): boolean {
  if (asked === undefined || echoed === undefined || second !== undefined) return false;
  return echoed.type === asked.type && echoed.class === asked.class && echoed.name.equals(asked.name);
}

/** What the system says of a failed call, without the call: `connection refused`. */
export function systemText(error: Error): string {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? error.message : getSystemErrorMessage(errno);
}
