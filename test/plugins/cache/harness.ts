/** A cache before a scripted plugin, with a clock that stands still until a test moves it. */

import { Name } from '../../../src/dns/name.ts';
import type { ResourceRecord } from '../../../src/dns/record.ts';
import { formatRecord, parseRecord } from '../../../src/dns/text/record.ts';
import { Rcode } from '../../../src/dns/types.ts';
import { makeCachePlugin } from '../../../src/plugins/cache/index.ts';
import type { Handler, Query } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { chain } from '../../../src/server/chain.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import type { QueryParts } from '../../support/query.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';

export class TestClock {
  /** 2026-01-01. */
  readonly startSeconds = 1_767_225_600;
  #ms = 5_000;

  now(): number {
    return this.#ms;
  }

  unixSeconds(): number {
    return this.startSeconds + Math.floor(this.#ms / 1000);
  }

  advance(seconds: number): void {
    this.#ms += seconds * 1000;
  }
}

export interface CacheUnderTest {
  readonly clock: TestClock;
  readonly metrics: PromMetrics;
  readonly setup: TestSetup;
  readonly handler: Handler;
  /** What reached the plugin behind the cache. */
  readonly passed: Query[];
  /** What that plugin says from now on. */
  script: Handler;
  /** A reply that is there at once. */
  ask(parts?: QueryParts): Reply;
  askLater(parts?: QueryParts): Promise<Reply>;
  /** Value of a metric of the cache, by the end of its name and some of its labels. */
  metric(name: string, labels?: string): Promise<number>;
}

export function startCache(
  text: string,
  script: Handler = () => positive(),
  zones: readonly string[] = ['.'],
): CacheUnderTest {
  const clock = new TestClock();
  const metrics = new PromMetrics();
  const setup = makeSetup({ plugin: 'cache', zones, metrics });
  const cache = setUp(makeCachePlugin(clock), text, setup);
  if (cache === undefined) throw new Error('no plugin was made');
  const passed: Query[] = [];
  const handler = chain([
    cache,
    {
      name: 'scripted',
      serve: (query) => {
        passed.push(query);
        return started.script(query);
      },
    },
  ]);
  const started: CacheUnderTest = {
    ...{ clock, metrics, setup, handler, passed, script },
    ask: (parts) => {
      const reply = handler(makeQuery(parts));
      if (reply instanceof Promise) throw new Error('the reply is a promise');
      return reply;
    },
    askLater: async (parts) => handler(makeQuery(parts)),
    metric: async (name, labels = '') =>
      metricValue(await metrics.exposition(), `coredns_cache_${name}`, labels),
  };
  return started;
}

function metricValue(exposition: string, name: string, labels: string): number {
  const line = exposition
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes(labels));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

export function records(...lines: readonly string[]): ResourceRecord[] {
  return lines.map((line) => parseRecord(line, { origin: Name.root }));
}

export function texts(section: readonly ResourceRecord[]): string[] {
  return section.map((record) => formatRecord(record).replaceAll('\t', ' '));
}

export interface ReplyText {
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
}

/** A reply as the scripted plugin writes it; sections are lines of text. */
export function reply({
  answer,
  authority,
  additional,
  ...parts
}: ReplyText & Omit<Partial<Reply>, keyof ReplyText>): Reply {
  return makeReply({
    ra: true,
    plugin: 'scripted',
    ...parts,
    answer: records(...(answer ?? [])),
    authority: records(...(authority ?? [])),
    additional: records(...(additional ?? [])),
  });
}

const SOA = 'IN SOA ns.example.org. admin.example.org. 1 7200 1800 86400 30';

export function soa(ttl: number): string {
  return `example.org. ${ttl} ${SOA}`;
}

export function positive(ttl = 300, address = '192.0.2.1'): Reply {
  return reply({ answer: [`example.org. ${ttl} IN A ${address}`] });
}

export function nxdomain(ttl = 300): Reply {
  return reply({ rcode: Rcode.NXDOMAIN, authority: [soa(ttl)] });
}

export function nodata(ttl = 300): Reply {
  return reply({ authority: [soa(ttl)] });
}

export function servfail(): Reply {
  return reply({ rcode: Rcode.SERVFAIL });
}

/** TTLs of all records. */
export function ttls({ answer, authority, additional }: Reply): number[] {
  return [...answer, ...authority, ...additional].map(({ ttl }) => ttl);
}

/** A plugin's replies, given one at a time when a test says so. */
export class Held {
  readonly #waiting: ((reply: Reply) => void)[] = [];

  readonly handler: Handler = () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.push(resolve);
    return promise;
  };

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Answers the query that waits longest. */
  answer(given: Reply): void {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) throw new Error('no query waits');
    resolve(given);
  }
}
