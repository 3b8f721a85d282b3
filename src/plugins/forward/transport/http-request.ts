/** A DNS question as an HTTP request, and the HTTP reply as an answer (RFC 8484). */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Message } from '../../../dns/message.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import { limits } from '../../../limits.ts';
import { ExchangeError, type Request } from '../exchange.ts';
import type { DohOptions } from './transport.ts';

const MEDIA_TYPE = 'application/dns-message';

export interface HttpRequest {
  readonly method: 'POST' | 'GET';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for GET. */
  readonly body: Uint8Array | undefined;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export function makeHttpRequest({ bytes }: Request, { method, path }: DohOptions): HttpRequest {
  const accept = { accept: MEDIA_TYPE };
  if (method === 'GET') {
    // RFC 8484 §4.1.1: base64url without padding.
    const encoded = Buffer.from(bytes).toString('base64url');
    return { method, path: `${path}?dns=${encoded}`, headers: accept, body: undefined };
  }
  const headers = { ...accept, 'content-type': MEDIA_TYPE, 'content-length': String(bytes.length) };
  return { method, path, headers, body: bytes };
}

/** @throws {ExchangeError} by rejection: `where` and what is wrong with the reply */
export async function answerOf(request: Request, reply: HttpReply, where: string): Promise<Message> {
  const refuse = (text: string) => {
    reply.body.destroy();
    return new ExchangeError(`${where}: ${text}`);
  };
  // RFC 8484 §4.2.1: only with success there is an answer, whatever its rcode.
  if (reply.status < 200 || reply.status > 299) throw refuse(`unexpected HTTP status ${reply.status}`);
  const type = reply.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== MEDIA_TYPE) throw refuse(`unexpected content type "${type ?? ''}"`);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of reply.body as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > limits.messageBytes) throw refuse(`body of more than ${limits.messageBytes} octets`);
    parts.push(part);
  }
  const answer = request.read(Buffer.concat(parts));
  if (answer === undefined) throw refuse('the body is no answer to the question');
  return aged(answer, Number(reply.headers.age ?? 0));
}

/** RFC 8484 §5.1: what an HTTP cache has kept for a while has so much less to live. */
function aged(answer: Message, seconds: number): Message {
  if (!(seconds > 0)) return answer;
  const older = (records: readonly ResourceRecord[]) =>
    records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - Math.floor(seconds)) }));
  const { authority, additional } = answer;
  return {
    ...answer,
    ...{ answer: older(answer.answer), authority: older(authority), additional: older(additional) },
  };
}
