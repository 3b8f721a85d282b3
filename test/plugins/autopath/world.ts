/** An `autopath` whose client, path, clock and next plugins are the test's. */
import { Name } from '../../../src/dns/name.ts';
import { record } from '../../../src/dns/record.ts';
import { formatRecord, parseRecord } from '../../../src/dns/text/record.ts';
import { Rcode, typeName, typeNumber } from '../../../src/dns/types.ts';
import { makeAutopathPlugin } from '../../../src/plugins/autopath/index.ts';
import type { Plugin, Query } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

export const POD = '10.1.0.7';
export const PATH = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example', '.'];

/** What is at a name: an rcode, nothing of the type (with a SOA or bare), no reply, an error, or records. */
export type Answer =
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'REFUSED'
  | 'NODATA'
  | 'BARE'
  | 'DROPPED'
  | 'ERROR'
  | readonly string[];

const SOA = {
  kind: 'SOA',
  mname: Name.fromText('ns.example.'),
  rname: Name.fromText('root.example.'),
  ...{ serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
} as const;

function replyOf(answer: Answer, name: Name): Reply {
  const authority = [record(name.suffix(name.labelCount - 1), 30, SOA)];
  const until = { validity: { kind: 'until', ms: 1 }, plugin: 'next' } as const;
  switch (answer) {
    case 'NXDOMAIN':
      return makeReply({ rcode: Rcode.NXDOMAIN, authority, ...until });
    case 'NODATA':
      return makeReply({ authority, ...until });
    case 'BARE':
      return makeReply(until);
    case 'SERVFAIL':
    case 'REFUSED':
      return makeReply({ rcode: Rcode[answer], ...until });
    case 'DROPPED':
      return makeReply({ dropped: true, ...until });
    case 'ERROR':
      return makeReply({ rcode: Rcode.SERVFAIL, error: 'no upstream', ...until });
    default:
      return makeReply({ answer: answer.map((text) => parseRecord(text)), ...until });
  }
}

export interface WorldOptions {
  /** Search path of POD; nobody else has one. */
  readonly path?: readonly string[];
  readonly zones?: string;
}

export class World {
  readonly #plugin: Plugin;
  readonly metrics = new PromMetrics();
  /** `name TYPE`: what the next plugins were asked. */
  readonly asked: string[] = [];
  /** By `name TYPE`, or by name for every type; elsewhere NXDOMAIN. Names in small letters. */
  readonly answers = new Map<string, Answer>();
  /** Whether replies come later: at the next turn, or when `release` is called for their question. */
  pace: 'at once' | 'later' | 'when released' = 'at once';
  readonly #held = new Map<string, () => void>();
  nowMs = 1_000;

  constructor(answers: Readonly<Record<string, Answer>> = {}, options: WorldOptions = {}) {
    for (const [question, answer] of Object.entries(answers)) this.answers.set(question, answer);
    const path = (options.path ?? PATH).map((domain) => Name.fromText(domain));
    const setup = makeSetup({ metrics: this.metrics, directives: ['kubernetes'] });
    const plugin = setUp(
      makeAutopathPlugin(() => this.nowMs),
      `autopath ${options.zones ?? ''} @kubernetes`,
      setup,
    );
    if (plugin === undefined) throw new Error('no plugin');
    setup.context.offers.searchPaths.set('kubernetes', {
      concerns: (name) => path[0] === undefined || name.isWithin(Name.fromText('svc.cluster.local')),
      searchPathOf: ({ client }) => (client.address === POD ? path : undefined),
    });
    void setup.start();
    this.#plugin = plugin;
  }

  /** @param question `name TYPE` */
  serve(question: string, parts: QueryParts = {}): Reply | Promise<Reply> {
    const [name = '', type = ''] = question.split(' ');
    const asked = { name, type: typeNumber(type) ?? 0, client: { address: POD }, ...parts };
    return this.#plugin.serve(makeQuery(asked), (query) => this.#answer(query));
  }

  /** What is answered at once. */
  ask(question: string, parts: QueryParts = {}): string {
    const reply = this.serve(question, parts);
    if (reply instanceof Promise) throw new Error('there is no reply yet');
    return show(reply);
  }

  /** Lets a slow question have its answer. */
  release(question: string): void {
    const release = this.#held.get(question);
    if (release === undefined) throw new Error(`nobody has asked ${question}`);
    this.#held.delete(question);
    release();
  }

  /** Questions that wait for their answers. */
  get held(): string[] {
    return [...this.#held.keys()];
  }

  #answer({ name, type }: Query): Reply | Promise<Reply> {
    const text = name.toString();
    const question = `${text.toLowerCase()} ${typeName(type)}`;
    this.asked.push(`${text} ${typeName(type)}`);
    // Read when the reply leaves: it may have changed while it was waited for.
    const reply = () => {
      const answer = this.answers.get(question) ?? this.answers.get(text.toLowerCase());
      return replyOf(answer ?? 'NXDOMAIN', name);
    };
    if (this.pace === 'at once') return reply();
    if (this.pace === 'later') return Promise.resolve().then(reply);
    return new Promise((resolve) => this.#held.set(question, () => resolve(reply())));
  }
}

const RCODES = new Map<number, string>(Object.entries(Rcode).map(([name, code]) => [code, name]));

/** `NOERROR a.example. 60 A 192.0.2.1 | ...`, or the rcode and the owner of the SOA. */
export function show(reply: Reply): string {
  if (reply.dropped) return 'DROPPED';
  const texts = reply.answer.map((one) => formatRecord(one).replaceAll(/\s+IN\s+|\s+/g, ' '));
  const soa = reply.authority.map(({ owner }) => `SOA ${owner}`);
  return [RCODES.get(reply.rcode), ...texts, ...soa].join(' | ');
}
