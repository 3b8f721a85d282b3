/** The format of query log lines, compiled once into functions that each print one token. */
import { className, rcodeName, typeName } from '../../dns/types.ts';
import type { Query, Sent } from '../plugin.ts';
import type { Reply } from '../reply.ts';

/** One answered query. */
export interface Entry {
  readonly query: Query;
  readonly reply: Reply;
  readonly sent: Sent;
  /** Between arrival and sending. */
  readonly milliseconds: number;
}

export type LineWriter = (entry: Entry) => string;

export const COMMON_FORMAT =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
const COMBINED_FORMAT = `${COMMON_FORMAT} "{>opcode}"`;

const ABSENT = '-';

const tokens: ReadonlyMap<string, LineWriter> = new Map<string, LineWriter>([
  ['type', ({ query }) => typeName(query.type)],
  ['class', ({ query }) => className(query.class)],
  ['name', ({ query }) => query.name.toString().toLowerCase()],
  ['proto', ({ query }) => query.transport],
  ['size', ({ query }) => String(query.size)],
  ['remote', ({ sent }) => bracketed(sent.to.client.address)],
  ['port', ({ sent }) => String(sent.to.client.port)],
  ['local', ({ sent }) => bracketed(sent.to.local.address)],
  ['>id', ({ sent }) => String(sent.to.id)],
  ['>opcode', ({ query }) => String(query.message.opcode)],
  ['>do', ({ query }) => String(query.message.edns?.do ?? false)],
  ['>bufsize', ({ query }) => String(query.replyLimit)],
  ['>rflags', flags],
  ['rcode', ({ sent }) => rcodeName(sent.rcode)],
  ['rsize', ({ sent }) => String(sent.bytes)],
  ['duration', ({ milliseconds }) => duration(milliseconds)],
  ['/corvidns/reason', ({ reply }) => reply.reason?.code ?? ABSENT],
]);

/** Compiles a format; what is no token stays as it is written. */
export function compileFormat(format: string): LineWriter {
  const whole = format.replaceAll('{common}', COMMON_FORMAT).replaceAll('{combined}', COMBINED_FORMAT);
  const parts = whole.split(/(\{[^{}]*\})/).filter((part) => part !== '');
  const writers = parts.map(compilePart);
  return (entry) => {
    let line = '';
    for (const writer of writers) line += typeof writer === 'string' ? writer : writer(entry);
    return line;
  };
}

function compilePart(part: string): LineWriter | string {
  if (!part.startsWith('{') || !part.endsWith('}')) return part;
  const name = part.slice(1, -1);
  const writer = tokens.get(name);
  if (writer !== undefined) return writer;
  // A metadata label that nobody sets.
  return name.startsWith('/') ? ABSENT : part;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** As the chain made them: whether the reply had to be cut to the client's size is decided after it. */
function flags({ query, reply }: Entry): string {
  let text = 'qr';
  if (reply.aa) text += ',aa';
  if (reply.tc) text += ',tc';
  if (reply.rd ?? query.message.rd) text += ',rd';
  if (reply.ra) text += ',ra';
  if (reply.ad) text += ',ad';
  if (query.message.cd) text += ',cd';
  return text;
}

/** Seconds to the nanosecond, without trailing zeros and without an exponent. */
function duration(milliseconds: number): string {
  const seconds = (Math.round(milliseconds * 1e6) / 1e9).toFixed(9);
  return `${seconds.replace(/\.?0+$/, '')}s`;
}
