/** What a query meets that was asked before: the same octets, counted and logged like the first. */
import { expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { parseCorefile } from '../../../src/corefile/index.ts';
import { Name } from '../../../src/dns/name.ts';
import { type ResourceRecord, record } from '../../../src/dns/record.ts';
import { decodeMessage } from '../../../src/dns/wire/decode.ts';
import { limits } from '../../../src/limits.ts';
import { failure, makeReply, type Reply, type Validity } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { ask } from '../../support/ask.ts';
import { startServer } from '../../support/server.ts';
import { makeEngine, packet, seriesValue } from '../engines.ts';

const OWNER = Name.fromText('example.org.');
const ADDRESS = record(OWNER, 5, { kind: 'A', address: Uint8Array.of(192, 0, 2, 1) });
const WORLD = new URL('../../integration/world', import.meta.url).pathname;
const TIMES = 5;

function whileStands(of = new GenerationCounter()): Validity {
  return { kind: 'while', of, generation: of.current };
}

/** How often a chain that gives this reply is asked for five queries. */
function timesAsked(reply: () => Reply, parts: Parameters<typeof packet>[0] = {}): number {
  let asked = 0;
  const { engine } = makeEngine({
    '.': () => {
      asked++;
      return reply();
    },
  });
  for (let i = 0; i < TIMES; i++) engine.handle(packet(parts));
  return asked;
}

test('the chain is asked twice, then no more', () => {
  expect(timesAsked(() => makeReply({ answer: [ADDRESS], validity: whileStands() }))).toBe(2);
});

test('so it is while a reply stands until a moment that is to come', () => {
  const validity = { kind: 'until', ms: performance.now() + 60_000 } as const;
  expect(timesAsked(() => makeReply({ answer: [ADDRESS], validity }))).toBe(2);
});

const addresses = Array.from({ length: 5 }, (_, i) =>
  record(OWNER, 5, { kind: 'A', address: Uint8Array.of(192, 0, 2, i) }),
);

test('addresses in an order by chance: the chain is asked twice, and every client gets an order of its own', () => {
  let asked = 0;
  const { engine } = makeEngine({
    '.': () => {
      asked++;
      return makeReply({ answer: addresses, isShuffled: true, validity: whileStands() });
    },
  });
  const seenFirst = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const { answer } = decodeMessage(engine.handle(packet()) as Uint8Array);
    expect(answer.map(textOf).toSorted()).toEqual(addresses.map(textOf));
    seenFirst.add(textOf(answer[0]));
  }
  expect([asked, seenFirst.size]).toEqual([2, addresses.length]);
});

function textOf(of: ResourceRecord | undefined): string {
  return of?.data.kind === 'A' ? of.data.address.join('.') : '';
}

test('what is cut off by chance is another part for each client: the chain is asked every time', () => {
  const many = Array.from({ length: 40 }, () => ADDRESS);
  const reply = makeReply({ answer: many, isShuffled: true, validity: whileStands() });
  expect(timesAsked(() => reply)).toBe(TIMES);
});

test.each<[what: string, reply: Partial<Reply>]>([
  ['must not be repeated', { validity: { kind: 'never' } }],
  ['stood until a moment ago', { validity: { kind: 'until', ms: 0 } }],
  ['is dropped', { dropped: true }],
  ['is an error to be logged', { error: 'no luck' }],
  ['is large', { answer: Array(limits.answerReplyBytes / 16).fill(ADDRESS) }],
])('a reply that %s is asked for every time', (_what, parts) => {
  const reply = makeReply({ answer: [ADDRESS], validity: whileStands(), ...parts });
  expect(timesAsked(() => reply, { edns: { udpSize: 4096 } })).toBe(TIMES);
});

test('over TCP, and with a name in capitals, the chain is asked every time', () => {
  const reply = makeReply({ answer: [ADDRESS], validity: whileStands() });
  expect(timesAsked(() => reply, { transport: 'tcp' })).toBe(TIMES);
  expect(timesAsked(() => reply, { name: 'Example.org' })).toBe(TIMES);
});

test('what no message can hold is SERVFAIL every time, counted and logged', async () => {
  const unwritable = makeReply({ answer: [{ ...ADDRESS, ttl: -1 }], validity: whileStands() });
  const { engine, lines, count } = makeEngine({ '.': () => unwritable });
  for (let i = 0; i < TIMES; i++) engine.handle(packet());
  expect(lines).toHaveLength(TIMES);
  expect(await count('coredns_panics_total')).toBe(TIMES);
});

test('a reply for which the server was asked again is asked for every time: the inner query is counted too', () => {
  let inner = 0;
  const { engine } = makeEngine({
    'example.org': (query) => {
      query.resolve(Name.fromText('inner.example.'), query.type);
      return makeReply({ answer: [ADDRESS], validity: whileStands() });
    },
    'inner.example': () => {
      inner++;
      return failure(0, reasons.noZone);
    },
  });
  for (let i = 0; i < TIMES; i++) engine.handle(packet());
  expect(inner).toBe(TIMES);
});

test('each reply has the ID of its query, and nobody writes into what is kept', () => {
  const reply = makeReply({ answer: [ADDRESS], validity: whileStands() });
  const { engine } = makeEngine({ '.': () => reply });
  const first = engine.handle(packet()) as Uint8Array;
  engine.handle(packet());
  for (const id of [1, 0xfffe]) {
    const octets = engine.handle(packet({ message: { id } })) as Uint8Array;
    expect(Buffer.from(octets).readUInt16BE(0)).toBe(id);
    expect([...octets.subarray(2)]).toEqual([...first.subarray(2)]);
    octets.fill(0);
  }
});

const PLUGINS = `prometheus 127.0.0.1:0
    errors
    log
    local
    acl {
      block type TXT
      allow
    }
    cache
    loadbalance
    kubernetes cluster.local in-addr.arpa {
      manifests ${WORLD}
    }`;
const corefile = `.:0 {\n    bind 127.0.0.1\n    ${PLUGINS}\n}\n`;

const QUESTIONS = [
  ['web.prod.svc.cluster.local', 'A', 'NOERROR'],
  ['missing.prod.svc.cluster.local', 'AAAA', 'NXDOMAIN'],
  ['web.prod.svc.cluster.local', 'TXT', 'REFUSED'],
  ['localhost.cluster.local', 'A', 'NOERROR'],
] as const;

test('lines and metrics are those of as many cold answers', async () => {
  await using running = await startServer(corefile);
  for (const [name, type] of QUESTIONS) {
    const first = await ask(running.port, name, type);
    for (let i = 1; i < TIMES; i++) expect((await ask(running.port, name, type)).bytes).toEqual(first.bytes);
  }
  for (const [name, type, rcode] of QUESTIONS) {
    const line = new RegExp(`"${type} IN ${name}\\. udp \\d+ false 512" ${rcode} `);
    const lines = running.lines.filter((text) => line.test(text));
    expect(lines).toHaveLength(TIMES);
    // Each from the port of its own client.
    expect(new Set(lines.map((text) => /127\.0\.0\.1:(\d+)/.exec(text)?.[1])).size).toBeGreaterThan(1);
  }
  const exposition = await running.metrics.exposition();
  const server = 'server="dns://127.0.0.1:0"';
  const all = QUESTIONS.length * TIMES;
  const expected: [series: string, value: number][] = [
    [`coredns_dns_requests_total{${server},zone=".",view="",proto="udp",family="1",type="A"}`, 2 * TIMES],
    [`coredns_dns_request_duration_seconds_count{${server},zone=".",view=""}`, all],
    [`coredns_dns_response_size_bytes_count{${server},zone=".",view="",proto="udp"}`, all],
    [`coredns_dns_responses_total{${server},zone=".",view="",rcode="NXDOMAIN",plugin="kubernetes"}`, TIMES],
    [`coredns_acl_blocked_requests_total{${server},zone=".",view=""}`, TIMES],
    [`coredns_acl_allowed_requests_total{${server},view=""}`, 2 * TIMES],
    [`coredns_cache_requests_total{${server},zones=".",view=""}`, 2 * TIMES],
    [`coredns_cache_misses_total{${server},zones=".",view=""}`, 2 * TIMES],
    ['coredns_local_localhost_requests_total', TIMES],
  ];
  for (const [series, value] of expected)
    expect([series, seriesValue(exposition, series)]).toEqual([series, value]);
});

test('a new Corefile ends all that was kept', async () => {
  await using running = await startServer(corefile);
  const [name, type] = QUESTIONS[0];
  for (let i = 0; i < TIMES; i++)
    expect((await ask(running.port, name, type)).answer[0]).toContain(' 5 IN A ');
  const changed = corefile.replace('manifests', 'ttl 30\n      manifests');
  await running.server.reload(parseCorefile(changed, 'Corefile').blocks);
  expect((await ask(running.port, name, type)).answer[0]).toContain(' 30 IN A ');
});
