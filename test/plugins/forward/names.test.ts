import { expect, test } from 'vitest';
import { parseRecord } from '../../../src/dns/index.ts';
import { Rcode, RrType } from '../../../src/dns/types.ts';
import { startServer } from '../../support/server.ts';
import { addressUpstream, startForward, texts } from './plugin.ts';
import { answerTo, deadUpstream, tcpUpstream, type Upstream, udpUpstream } from './upstreams.ts';

/** Knows these records, as a zone file has them, and nothing else. */
function scriptedResolver(...lines: string[]): Promise<Upstream> {
  const records = lines.map((line) => parseRecord(line));
  return udpUpstream(({ message, send }) => {
    const [question] = message.questions;
    const named = records.filter(({ type }) => type === question?.type || type === RrType.CNAME);
    send(answerTo(message, { answer: named }));
  });
}

test('a name among the TOs is looked up at the start with the resolver, A and AAAA', async () => {
  await using upstream = await addressUpstream('192.0.2.1');
  await using resolver = await scriptedResolver(
    'dns.example. 60 CNAME a.example.',
    'a.example. 60 A 127.0.0.1',
    'a.example. 60 AAAA ::1',
  );
  const line = `forward . dns.example:${upstream.port} {\npolicy sequential\nresolver ${resolver.to}\n}`;
  await using forward = await startForward(line);
  expect(
    resolver.requests.map(({ questions: [question] }) => `${question?.name} ${question?.type}`).sort(),
  ).toEqual(['dns.example. 1', 'dns.example. 28']);
  expect(texts(await forward.ask())).toEqual(['example.org. 60 IN A 192.0.2.1']);
  expect(forward.setup.context.offers.upstreamGates.map(({ description }) => description)).toEqual([
    `forward . dns.example:${upstream.port}`,
  ]);
});

test('the second resolver is asked where the first does not answer or does not know', async () => {
  await using upstream = await addressUpstream('192.0.2.1');
  await using ignorant = await scriptedResolver();
  await using resolver = await scriptedResolver('dns.example. 60 A 127.0.0.1');
  const resolvers = `${await deadUpstream()} ${ignorant.to} ${resolver.to}`;
  await using forward = await startForward(
    `forward . dns.example:${upstream.port} {\nresolver ${resolvers}\n}`,
  );
  expect((await forward.ask()).rcode).toBe(Rcode.NOERROR);
  expect(ignorant.requests).toHaveLength(2);
});

test('an answer that is cut is asked for again over TCP', async () => {
  await using upstream = await addressUpstream('192.0.2.1');
  await using tcp = await tcpUpstream((message, socket) => {
    const answer =
      message.questions[0]?.type === RrType.A ? [parseRecord('dns.example. 60 A 127.0.0.1')] : [];
    const bytes = answerTo(message, { answer });
    socket.write(Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]));
  });
  await using udp = await udpUpstream(({ message, send }) => send(answerTo(message, { tc: true })), {
    port: tcp.port,
  });
  await using forward = await startForward(`forward . dns.example:${upstream.port} {\nresolver ${udp.to}\n}`);
  expect((await forward.ask()).rcode).toBe(Rcode.NOERROR);
});

test('the system knows localhost', async () => {
  await using upstream = await addressUpstream('192.0.2.1');
  await using forward = await startForward(`forward . localhost:${upstream.port}`);
  expect((await forward.ask()).rcode).toBe(Rcode.NOERROR);
});

test('a name without an address ends the start with one line', async () => {
  await using resolver = await scriptedResolver();
  await using alive = await addressUpstream('192.0.2.1');
  const corefile = `.:0 {\nbind 127.0.0.1\nforward . ${alive.to} dns.example {\nresolver ${resolver.to}\n}\n}\n`;
  await expect(startServer(corefile)).rejects.toThrow(
    /^Corefile:3 - plugin\/forward: failed to resolve "dns.example": no addresses found for "dns.example"$/,
  );
});

test('so does a name that the system does not know', async () => {
  await expect(startForward('forward . tls://no-such-host.invalid')).rejects.toThrow(
    /^Corefile:2 - plugin\/forward: failed to resolve "no-such-host.invalid": lookup no-such-host.invalid: /,
  );
});

test('why a resolver did not answer is said', async () => {
  const dead = await deadUpstream();
  await expect(startForward(`forward . dns.example {\nresolver ${dead}\n}`)).rejects.toThrow(
    /^Corefile:2 - plugin\/forward: failed to resolve "dns.example": no addresses found for "dns.example": .*connection refused$/,
  );
});

test('more addresses than upstreams may be are refused', async () => {
  const lines = Array.from({ length: 16 }, (_, i) => `dns.example. 60 A 127.0.0.${i + 1}`);
  await using resolver = await scriptedResolver(...lines);
  await expect(startForward(`forward . dns.example {\nresolver ${resolver.to}\n}`)).rejects.toThrow(
    'plugin/forward: more than 15 TOs configured: 16',
  );
});
