/** The upstream that the tables ask: a small zone, and names that tell what they were asked with. */
import type { EdnsOption, Message } from '../../../src/dns/message.ts';
import { Name } from '../../../src/dns/name.ts';
import { type ResourceRecord, record } from '../../../src/dns/record.ts';
import { className, Rcode, typeName } from '../../../src/dns/types.ts';
import { answerTo, type Upstream, udpUpstream } from '../forward/upstreams.ts';

const TTL = 60;

export function name(text: string): Name {
  return Name.fromText(text);
}

export function a(owner: string, last: number, ttl = TTL): ResourceRecord {
  return record(name(owner), ttl, { kind: 'A', address: Uint8Array.of(192, 0, 2, last) });
}

export function cname(owner: string, target: string): ResourceRecord {
  return record(name(owner), TTL, { kind: 'CNAME', target: name(target) });
}

function txt(owner: string, text: string): ResourceRecord {
  return record(name(owner), 0, { kind: 'TXT', strings: [Buffer.from(text)] });
}

const SOA = record(name('new.example'), TTL, {
  kind: 'SOA',
  mname: name('ns.new.example'),
  rname: name('root.new.example'),
  serial: 1,
  refresh: 2,
  retry: 3,
  expire: 4,
  minimum: 5,
});

type Parts = Partial<Pick<Message, 'rcode' | 'answer' | 'authority' | 'additional' | 'edns'>>;

/** By name and type. */
const ZONE: Readonly<Record<string, Parts>> = {
  'new.example. A': { answer: [a('new.example', 1)] },
  'new.example. AAAA': { authority: [SOA] },
  'new.example. MX': {
    answer: [
      record(name('new.example'), TTL, { kind: 'MX', preference: 10, exchange: name('mail.new.example') }),
    ],
    additional: [a('mail.new.example', 3)],
  },
  'new.example. NS': {
    answer: [record(name('new.example'), TTL, { kind: 'NS', target: name('ns.new.example') })],
  },
  'www.new.example. A': { answer: [a('WWW.new.example', 2)] },
  'alias.new.example. A': {
    answer: [
      cname('alias.new.example', 'edge.new.example'),
      cname('edge.new.example', 'target.cdn.example'),
      a('target.cdn.example', 9),
    ],
  },
  'target.other.example. A': { answer: [a('target.other.example', 10, 7)] },
  '_sip._tcp.new.example. SRV': {
    answer: [
      record(name('_sip._tcp.new.example'), TTL, {
        kind: 'SRV',
        priority: 1,
        weight: 2,
        port: 5060,
        target: name('sip.new.example'),
      }),
    ],
  },
  '4.3.2.1.in-addr.arpa. PTR': {
    answer: [record(name('4.3.2.1.in-addr.arpa'), TTL, { kind: 'PTR', target: name('host.new.example') })],
  },
  'broken.new.example. A': { rcode: Rcode.SERVFAIL },
  'refused.new.example. A': { rcode: Rcode.REFUSED },
  'options.new.example. A': {
    answer: [a('options.new.example', 4)],
    edns: {
      udpSize: 1232,
      version: 0,
      do: false,
      z: 0,
      options: [option(0xffee, 'up'), option(0xffef, 'keep')],
    },
  },
};

export function option(code: number, data: string): EdnsOption {
  return { code, data: Buffer.from(data) };
}

/** The upstream of the tables. `tell.*` answers any question with a TXT record of what it was asked with. */
export function startUpstream(): Promise<Upstream> {
  return udpUpstream(({ message, send }) => {
    const [question] = message.questions;
    if (question === undefined) return;
    const owner = question.name.toString();
    if (owner.startsWith('tell.')) send(answerTo(message, { answer: [txt(owner, told(message))] }));
    else {
      const found = ZONE[`${owner} ${typeName(question.type)}`];
      send(answerTo(message, found ?? { rcode: Rcode.NXDOMAIN, authority: [SOA] }));
    }
  });
}

function told({ questions: [question], edns, rd }: Message): string {
  const options = edns?.options.map(({ code, data }) => `${code}=${Buffer.from(data).toString('hex')}`);
  const what = question === undefined ? '' : `${className(question.class)} ${typeName(question.type)}`;
  return `${what}${rd ? ' rd' : ''}${options === undefined ? '' : ` edns ${edns?.udpSize} ${options.join(' ')}`}`.trim();
}
