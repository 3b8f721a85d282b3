/** Rules in front of an upstream, or of `hosts`: what is asked there, and what the client gets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { RrType } from '../../../src/dns/types.ts';
import { bufsizePlugin } from '../../../src/plugins/bufsize/index.ts';
import { cachePlugin } from '../../../src/plugins/cache/index.ts';
import { errorsPlugin } from '../../../src/plugins/errors/index.ts';
import { forwardPlugin } from '../../../src/plugins/forward/index.ts';
import { headerPlugin } from '../../../src/plugins/header/index.ts';
import { hostsPlugin } from '../../../src/plugins/hosts/index.ts';
import type { Query } from '../../../src/plugins/plugin.ts';
import { makeReply, NEVER, type Reply, type Validity } from '../../../src/plugins/reply.ts';
import { rewritePlugin } from '../../../src/plugins/rewrite/index.ts';
import { startChain } from '../../support/chain.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';
import type { Upstream } from '../forward/upstreams.ts';
import { askFor, blockOf, type Case, parseQuestion } from './asking.ts';
import { ednsCases } from './edns-cases.ts';
import { nameCases } from './name-cases.ts';
import { replyCases } from './reply-cases.ts';
import { a, cname, startUpstream } from './upstream.ts';

const factories = [errorsPlugin, rewritePlugin, hostsPlugin, forwardPlugin];

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});

afterAll(() => upstream[Symbol.asyncDispose]());

async function check({ rules, asks }: Case): Promise<void> {
  await using running = await startChain(factories, blockOf(rules, upstream.to));
  for (const [question, reply] of asks) expect(await askFor(running.port, question), question).toBe(reply);
}

describe('as CoreDNS', () => {
  test.each(nameCases)('$rules', check);
  test.each(replyCases)('$rules', check);
  test.each(ednsCases)('$rules', check);
});

describe('where CoreDNS does otherwise', () => {
  const cases: readonly Case[] = [
    {
      // There the letter case of the upstream decides.
      rules: 'rewrite name www.old.example www.new.example',
      asks: [['www.old.example A', 'NOERROR rd ra / www.old.example. 60 IN A 192.0.2.2']],
    },
    {
      // There the client gets the other question.
      rules: 'rewrite continue type ANY A',
      asks: [['new.example ANY', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1']],
    },
    {
      // There no reply comes.
      rules: 'rewrite cname regex (.*)\\.cdn\\.example.* y..example',
      asks: [['alias.new.example A', 'SERVFAIL rd']],
    },
    {
      rules: 'rewrite name suffix .old.example .new.example answer value (.*)\\.new\\.example y..example',
      asks: [['_sip._tcp.old.example SRV', 'SERVFAIL rd']],
    },
    {
      rules: 'rewrite rcode regex .* NXDOMAIN BADCOOKIE',
      asks: [
        [
          'gone.new.example A',
          'SERVFAIL rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
        ],
      ],
    },
    {
      // There a client without EDNS gets an OPT record.
      rules: 'rewrite edns0 local set 0xffee abcd',
      asks: [
        ['tell.example TXT', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 4096 65518=61626364"'],
      ],
    },
    {
      // There what is asked for has EDNS from then on.
      rules: 'rewrite edns0 local replace 0xffee abcd',
      asks: [['tell.example TXT', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd"']],
    },
  ];
  test.each(cases)('$rules: $asks', check);
});

test('a name that is none is logged with the question that it was made for', async () => {
  await using running = await startChain(
    factories,
    blockOf('rewrite name x.example y..example', upstream.to),
  );
  await askFor(running.port, 'x.example A');
  expect(running.lines).toContainEqual(
    expect.stringContaining('2 x.example. A: invalid name after rewrite: y..example.'),
  );
});

test('what plugins before have changed of a query stays changed', async () => {
  const plugins = [bufsizePlugin, errorsPlugin, rewritePlugin, cachePlugin, headerPlugin, forwardPlugin];
  const rules = 'bufsize 600\nrewrite edns0 local set 7 x revert\ncache\nheader {\nquery clear rd\n}';
  await using running = await startChain(plugins, blockOf(rules, upstream.to));
  expect(await askFor(running.port, 'tell.example TXT edns')).toContain('"IN TXT edns 600 7=78"');
});

/** What the next plugin is asked, and what comes of its reply. */
async function pass(
  rules: string,
  asked: QueryParts,
  answer: Partial<Reply> = {},
): Promise<{ query: Query | undefined; reply: Reply }> {
  let query: Query | undefined;
  const next = (passed: Query) => {
    query = passed;
    return makeReply({ plugin: 'next', ...answer });
  };
  const reply = await setUp(rewritePlugin, rules, makeSetup())?.serve(makeQuery(asked), next);
  if (reply === undefined) throw new Error('no plugin');
  return { query, reply };
}

test('what no rule is for passes untouched, at once', () => {
  const plugin = setUp(rewritePlugin, 'rewrite name a.example b.example\nrewrite type ANY A', makeSetup());
  const query = makeQuery();
  const reply = makeReply({});
  expect(plugin?.serve(query, (passed) => (passed === query ? reply : makeReply({})))).toBe(reply);
});

test('a reply that is not sent stays so', async () => {
  const { reply } = await pass('rewrite rcode regex .* NOERROR SERVFAIL', {}, { dropped: true });
  expect(reply).toMatchObject({ dropped: true, rcode: 0 });
});

test('the message that goes on has the question and the options that are asked for', async () => {
  const rules = 'rewrite continue name example.org other.example\nrewrite edns0 local set 7 x';
  const { query } = await pass(rules, { name: 'example.org', type: RrType.MX });
  expect(query?.message).toMatchObject({
    id: 4711,
    rd: true,
    edns: { udpSize: 4096, options: [{ code: 7 }] },
  });
  expect(query?.message.questions.map(({ name, type }) => `${name} ${type}`)).toEqual(['other.example. 15']);
  expect(`${query?.name} ${query?.type}`).toBe('other.example. 15');
});

describe('data of the client', () => {
  const cases: [rule: string, asked: QueryParts, code: number, hex: string][] = [
    ['local set 7 {client_ip}', { client: { address: '10.1.2.3' } }, 7, '0a010203'],
    [
      'local set 7 {client_ip}',
      { client: { address: 'fe80::1%eth0' } },
      7,
      'fe800000000000000000000000000001',
    ],
    ['local set 7 {client_port}', { client: { port: 4660 } }, 7, '1234'],
    ['local set 7 {server_ip}', { local: { address: '::1' } }, 7, '00000000000000000000000000000001'],
    ['local set 7 {server_port}', { local: { port: 53 } }, 7, '0035'],
    ['local set 7 {protocol}', { transport: 'tcp' }, 7, '746370'],
    ['subnet set 12 56', { client: { address: '10.255.2.3' } }, 8, '00010c000af0'],
    ['subnet set 24 33', { client: { address: '2001:db8:ffff::1' } }, 8, '0002210020010db880'],
    ['subnet set 32 0', { client: { address: '2001:db8::1' } }, 8, '00020000'],
  ];
  test.each(cases)('%s of %j', async (rule, asked, code, hex) => {
    const { query, reply } = await pass(`rewrite edns0 ${rule}`, asked, { validity: untilSoon });
    expect(
      query?.message.edns?.options.map((option) => [option.code, Buffer.from(option.data).toString('hex')]),
    ).toEqual([[code, hex]]);
    expect(reply.validity).toBe(NEVER);
  });
});

const counter = new GenerationCounter();
const untilSoon: Validity = { kind: 'until', ms: 1000 };
const whileCounted: Validity = { kind: 'while', of: counter, generation: counter.current };

describe('for how long a reply may be repeated', () => {
  const cases: [rules: string, question: string, kept: boolean][] = [
    ['rewrite name example.org other.example', 'example.org A', true],
    ['rewrite ttl example.org 5', 'example.org A', true],
    ['rewrite edns0 local set 7 x', 'example.org A edns', true],
    ['rewrite edns0 local set 7 {qname}', 'example.org A', true],
    ['rewrite edns0 local replace 7 {client_ip}', 'example.org A', true],
    ['rewrite edns0 local replace 7 x', 'example.org A edns 7=y', false],
    ['rewrite edns0 local replace 7 x', 'example.org A edns 8=y', false],
  ];
  test.each(cases)('%s: %s is as before: %s', async (rules, question, kept) => {
    const { reply } = await pass(rules, parseQuestion(question), { validity: whileCounted });
    expect(reply.validity).toBe(kept ? whileCounted : NEVER);
  });

  const other = new GenerationCounter();
  const whileOther: Validity = { kind: 'while', of: other, generation: other.current };
  const joined: [one: Validity, found: Validity, expected: unknown][] = [
    [untilSoon, { kind: 'until', ms: 500 }, { kind: 'until', ms: 500 }],
    [untilSoon, { kind: 'until', ms: 1500 }, untilSoon],
    [untilSoon, whileOther, NEVER],
    [NEVER, untilSoon, NEVER],
  ];
  test.each(joined)('an alias of %j that leads to %j: %j', async (validity, found, expected) => {
    expect((await redirected(validity, found)).validity).toEqual(expected);
  });

  test('an alias and its target that both stand while nothing changes', async () => {
    const { validity } = await redirected(whileCounted, whileOther);
    const stands = () => validity.kind === 'while' && validity.of.current === validity.generation;
    expect(stands()).toBe(true);
    other.advance();
    expect(stands()).toBe(false);
  });

  async function redirected(validity: Validity, found: Validity): Promise<Reply> {
    const resolve = () => makeReply({ tc: true, answer: [a('b.example', 1)], validity: found });
    const answer = [cname('example.org', 'a.example')];
    const { reply } = await pass('rewrite cname a.example b.example', { resolve }, { answer, validity });
    expect(reply).toMatchObject({ tc: true, answer: [{ data: { kind: 'CNAME' } }, { data: { kind: 'A' } }] });
    return reply;
  }
});
