/** Questions with EDNS options, asked over UDP, and their replies as one line of text. */
import { decodeMessage, encodeMessage } from '../../../src/dns/index.ts';
import type { EdnsOption } from '../../../src/dns/message.ts';
import { formatRecord } from '../../../src/dns/text/record.ts';
import { className, classNumber, rcodeName, typeName, typeNumber } from '../../../src/dns/types.ts';
import { exchange } from '../../support/ask.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { option } from './upstream.ts';

/** `www.example A [CH] [nord] [edns [CODE=TEXT ...]]` */
export function parseQuestion(text: string): QueryParts {
  const [name = '', type = '', ...words] = text.split(' ');
  const edns = words.includes('edns')
    ? { options: words.filter((word) => word.includes('=')).map(toOption) }
    : undefined;
  return {
    name,
    type: typeNumber(type) ?? 0,
    class: classNumber(words[0] ?? '') ?? 1,
    message: { rd: !words.includes('nord') },
    ...(edns && { edns }),
  };
}

function toOption(text: string): EdnsOption {
  const [code = '', data = ''] = text.split('=');
  return option(Number(code), data);
}

export async function askFor(port: number, question: string): Promise<string> {
  const { message } = makeQuery(parseQuestion(question));
  const reply = await exchange(port, encodeMessage(message, { limitBytes: 512 }), 'udp');
  if (reply === undefined) throw new Error(`no reply to ${question}`);
  return show(reply, question);
}

/** `RCODE flags: answer / authority / additional / options`, empty parts left out; the question where it changed. */
function show(bytes: Uint8Array, question: string): string {
  const message = decodeMessage(bytes);
  const { aa, rd, ra, rcode, questions, answer, authority, additional, edns } = message;
  const flags = [aa && 'aa', rd && 'rd', ra && 'ra'].filter(Boolean).join(' ');
  const texts = [...answer, ...authority, ...additional].map((rr) => formatRecord(rr).replaceAll('\t', ' '));
  const [asked] = questions;
  const back = `${asked?.name} ${typeName(asked?.type ?? 0)}${asked?.class === 1 ? '' : ` ${className(asked?.class ?? 0)}`}`;
  const isSame = `${question.replace(/^(\S*[^.\s])(?=\s)/, '$1.')} `.startsWith(`${back} `);
  return [
    `${rcodeName(rcode)} ${flags}`.trim(),
    ...texts,
    ...(edns?.options ?? []).map(({ code, data }) => `${code}=${Buffer.from(data).toString('latin1')}`),
    ...(isSame ? [] : [`question ${back}`]),
  ].join(' / ');
}

export interface Case {
  /** Lines of a server block; without a plugin that answers, the upstream does. */
  readonly rules: string;
  readonly asks: readonly (readonly [question: string, reply: string])[];
}

/** The lines with an upstream behind them, where they need one. */
export function blockOf(rules: string, upstream: string): string {
  return `errors\n${rules}${/^hosts /m.test(rules) ? '' : `\nforward . ${upstream}`}`;
}
