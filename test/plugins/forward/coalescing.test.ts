import { describe, expect, test } from 'vitest';
import { Name, parseRecord } from '../../../src/dns/index.ts';
import { Rcode, RrClass, RrType } from '../../../src/dns/types.ts';
import { ask } from '../../support/ask.ts';
import type { QueryParts } from '../../support/query.ts';
import { startServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { startForward } from './plugin.ts';
import { answerTo, deadUpstream, queriesAt, tcpUpstream, type Upstream, udpUpstream } from './upstreams.ts';

interface HeldUpstream {
  readonly upstream: Upstream;
  /** Answers all that wait. */
  release(): void;
}

/** Answers nothing until it is told to; the owner names are the question's, in its letters. */
async function heldUpstream(): Promise<HeldUpstream> {
  const held: (() => void)[] = [];
  const upstream = await udpUpstream(({ message, send }) => {
    const owner = message.questions[0]?.name ?? Name.root;
    const alias = { ...parseRecord('x. 60 CNAME target.example.net.'), owner };
    const answer = [alias, parseRecord('target.example.net. 60 A 192.0.2.1')];
    held.push(() => send(answerTo(message, { answer })));
  });
  return { upstream, release: () => held.splice(0).forEach((answer) => void answer()) };
}

test('identical queries in flight are one for the upstream; each client has its own letters', async () => {
  const { upstream, release } = await heldUpstream();
  await using _ = upstream;
  await using forward = await startForward(`forward . ${upstream.to} {\nread_timeout 20s\n}`);
  const names = ['example.org', 'EXAMPLE.org', 'eXaMpLe.OrG', 'example.org'];
  const replies = names.map((name, id) => forward.ask({ name, message: { id } }));
  await until('the upstream is asked', () => upstream.requests.length > 0);
  release();
  const owners = (await Promise.all(replies)).map(({ answer }) =>
    answer.map(({ owner }) => owner.toString()),
  );
  expect(owners).toEqual(names.map((name) => [`${name}.`, 'target.example.net.']));
  expect(upstream.requests).toHaveLength(1);
  expect(await forward.metric('corvidns_forward_coalesced_total')).toBe(3);

  const later = forward.ask({ name: 'example.org' });
  await until('the upstream is asked again', () => upstream.requests.length === 2);
  release();
  expect((await later).rcode).toBe(Rcode.NOERROR);
});

describe('apart are queries that differ in', () => {
  const differing: [string, QueryParts][] = [
    ['name', { name: 'www.example.org' }],
    ['type', { type: RrType.AAAA }],
    ['class', { class: RrClass.CH }],
    ['RD', { message: { rd: false } }],
    ['CD', { message: { cd: true } }],
    ['AD', { message: { ad: true } }],
    ['EDNS', { edns: {} }],
    ['DO', { edns: { do: true } }],
    ['EDNS size', { edns: { udpSize: 4096 } }],
  ];

  test('each of these', async () => {
    const { upstream, release } = await heldUpstream();
    await using _ = upstream;
    await using forward = await startForward(`forward . ${upstream.to} {\nread_timeout 20s\n}`);
    const queries = [{}, ...differing.map(([, parts]) => parts)];
    const replies = queries.map((parts) => forward.ask(parts));
    await until('all are at the upstream', () => upstream.requests.length === queries.length);
    release();
    await Promise.all(replies);
    expect(await forward.metric('corvidns_forward_coalesced_total')).toBe(0);
  });

  test('their transport', async () => {
    await using tcp = await tcpUpstream((message, socket) => {
      const bytes = answerTo(message);
      socket.write(Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]));
    });
    await using udp = await udpUpstream(({ message, send }) => send(answerTo(message)), { port: tcp.port });
    await using forward = await startForward(`forward . ${udp.to}`);
    await Promise.all([forward.ask({ transport: 'udp' }), forward.ask({ transport: 'tcp' })]);
    expect([queriesAt(udp).length, queriesAt(tcp).length]).toEqual([1, 1]);
  });

  test.each<[string, QueryParts]>([
    [
      'EDNS options: each may be the client’s own',
      { edns: { options: [{ code: 10, data: new Uint8Array(8) }] } },
    ],
    ['records of their own, as IXFR', { message: { authority: [parseRecord('a. 0 SOA a. a. 1 1 1 1 1')] } }],
    ['the type HINFO: `loop` counts how often its probe comes round', { type: RrType.HINFO }],
  ])('nothing, but have %s', async (_, parts) => {
    const { upstream, release } = await heldUpstream();
    await using _upstream = upstream;
    await using forward = await startForward(`forward . ${upstream.to} {\nread_timeout 20s\n}`);
    const replies = [forward.ask(parts), forward.ask(parts)];
    await until('both are at the upstream', () => upstream.requests.length === 2);
    release();
    await Promise.all(replies);
  });
});

test('max_concurrent counts clients, not questions', async () => {
  const { upstream, release } = await heldUpstream();
  await using _ = upstream;
  await using forward = await startForward(
    `forward . ${upstream.to} {\nread_timeout 20s\nmax_concurrent 2\n}`,
  );
  const waiting = [forward.ask(), forward.ask()];
  expect((await forward.ask()).rcode).toBe(Rcode.REFUSED);
  await until('the upstream is asked', () => upstream.requests.length > 0);
  release();
  expect((await Promise.all(waiting)).map(({ rcode }) => rcode)).toEqual([0, 0]);
});

test('a failure is every client’s', async () => {
  await using silent = await udpUpstream(() => {});
  await using forward = await startForward(
    `forward . ${silent.to} {\nread_timeout 20ms\nmax_connect_attempts 1\n}`,
  );
  const replies = await Promise.all([forward.ask(), forward.ask()]);
  expect(replies.map(({ rcode }) => rcode)).toEqual([Rcode.SERVFAIL, Rcode.SERVFAIL]);
  expect(queriesAt(silent)).toHaveLength(1);
});

test('over the wire each client has its own ID and its own letters, in the question and in the owner', async () => {
  const { upstream, release } = await heldUpstream();
  await using _ = upstream;
  await using server = await startServer(
    `.:0 {\nbind 127.0.0.1\nforward . ${upstream.to} {\nread_timeout 20s\n}\n}\n`,
  );
  const names = ['wWw.example.org', 'WWW.EXAMPLE.ORG', 'www.example.org'];
  const replies = names.map((name) => ask(server.port, name, 'A'));
  const coalesced = async () => (await server.metrics.exposition()).includes('coalesced_total 2');
  await until('two wait for the first', async () => upstream.requests.length > 0 && (await coalesced()));
  release();
  for (const [i, reply] of (await Promise.all(replies)).entries()) {
    expect(reply.question).toEqual([`${names[i]}. 1`]);
    expect(reply.answer[0]).toBe(`${names[i]}. 60 IN CNAME target.example.net.`);
  }
  expect(upstream.requests).toHaveLength(1);
});

test('a question that comes back here waits for itself no longer than the upstream may take', async () => {
  const port = Number((await deadUpstream()).split(':')[1]);
  await using server = await startServer(
    `.:${port} {\nbind 127.0.0.1\nforward . 127.0.0.1:${port} {\nread_timeout 50ms\nmax_fails 0\n}\n}\n`,
  );
  expect((await ask(port, 'example.org', 'A')).rcode).toBe(Rcode.SERVFAIL);
  expect(server.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
});
