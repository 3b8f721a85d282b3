/** What servers say to names, in a few words: read by servers of a test, and by functions in their place. */
import {
  encodeMessage,
  type Message,
  type Name,
  parseRecord,
  type Question,
  typeName,
} from '../../src/dns/index.ts';

/**
 * By `server name type`, `server name`, `server`, `name type` or `name` (the first that is there counts), one of: `nxdomain`, `nodata`,
 * `servfail`, `refused`, `notimp`, `formerr`, `lame`, `silent`, `dead` (nobody there), `tc` (whole over TCP: 192.0.2.99), `tc-then-silent`, or records as in
 * `A 192.0.2.1, A 192.0.2.2`, given to questions of their type, and the others NODATA; `CNAME target` is given to all.
 */
export type Script = Readonly<Record<string, string>>;

const RCODES: Readonly<Record<string, number>> = {
  formerr: 1,
  servfail: 2,
  nxdomain: 3,
  notimp: 4,
  refused: 5,
};

export function wordFor(script: Script, server: string, { name, type }: Question): string {
  const named = `${name}`;
  const byType = `${named} ${typeName(type)}`;
  const keys = [`${server} ${byType}`, `${server} ${named}`, server, byType, named];
  return keys.map((key) => script[key]).find((word) => word !== undefined) ?? script['*'] ?? 'nxdomain';
}

/** The reply; undefined for silence. */
export function replyTo(query: Message, word: string, transport: 'udp' | 'tcp'): Message | undefined {
  const [question] = query.questions;
  if (question === undefined || word === 'silent') return undefined;
  const reply = { ...query, qr: true, ra: word !== 'lame', ad: false, edns: undefined };
  if (word === 'nodata' || word === 'lame') return reply;
  if (word.startsWith('tc') && transport === 'udp') return { ...reply, tc: true };
  if (word === 'tc-then-silent') return undefined;
  const rcode = RCODES[word];
  if (rcode !== undefined) return { ...reply, rcode };
  const records = word === 'tc' ? 'A 192.0.2.99, AAAA 2001:db8::99' : word;
  return { ...reply, answer: records.split(', ').flatMap((text) => recordOf(text, question)) };
}

function recordOf(text: string, { name, type }: Question) {
  const record = parseRecord(`${name} 30 ${text}`);
  return record.type === type || record.data.kind === 'CNAME' ? [record] : [];
}

/** A query as decoded octets would be. */
export function queryFor(name: Name, type: number): Message {
  const flags = { qr: false, aa: false, tc: false, rd: true, ra: false, z: false, ad: false, cd: false };
  const sections = { answer: [], authority: [], additional: [] };
  return { id: 0, opcode: 0, rcode: 0, ...flags, ...sections, questions: [{ name, type, class: 1 }] };
}

export function bytesOf(message: Message): Uint8Array {
  return encodeMessage(message, { limitBytes: 65_535 });
}
