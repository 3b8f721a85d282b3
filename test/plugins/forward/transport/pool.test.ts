import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { frame } from '../../../../src/dns/wire/frames.ts';
import { limits } from '../../../../src/limits.ts';
import { makeQuery } from '../../../support/query.ts';
import { until } from '../../../support/until.ts';
import { answerTo, tcpUpstream, udpUpstream } from '../upstreams.ts';
import { transportTo } from './transport-to.ts';
import { udpWays } from './udp-ways.ts';

const { message: request } = makeQuery({ name: 'example.org' });

/** Answers, and keeps the connections that it was asked on. */
async function keeper(script = (socket: Socket, reply: Uint8Array): void => void socket.write(reply)) {
  const sockets = new Set<Socket>();
  const upstream = await tcpUpstream((message, socket) => {
    sockets.add(socket);
    script(socket, frame(answerTo(message)));
  });
  const open = () => [...sockets].filter(({ closed }) => !closed).length;
  return { ...upstream, sockets, open, [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() };
}

describe('connections over TCP', () => {
  test('are used again, and closed with the transport', async () => {
    await using upstream = await keeper();
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port });
    for (let i = 0; i < 4; i++) await asker.exchange(request, 20_000);
    expect(asker.taken).toEqual(['miss', 'hit', 'hit', 'hit']);
    expect(upstream.sockets.size).toBe(1);
    asker.close();
    await until('the connection is closed', () => upstream.open() === 0);
    await asker.exchange(request, 20_000);
    await until('a later one is closed too', () => upstream.open() === 0);
  });

  test('carry one question at a time; no more than the bound stay', async () => {
    await using upstream = await keeper();
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port, maxIdleConnections: 2 });
    await Promise.all(Array.from({ length: 5 }, () => asker.exchange(request, 20_000)));
    expect(asker.taken).toEqual(Array.from({ length: 5 }, () => 'miss'));
    await until('three are closed', () => upstream.open() === 2);
  });

  test('that are idle for too long are closed', async () => {
    await using upstream = await keeper();
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port, expireMs: 30 });
    await asker.exchange(request, 20_000);
    await until('it is closed', () => upstream.open() === 0);
    await asker.exchange(request, 20_000);
    expect(asker.taken).toEqual(['miss', 'miss']);
  });

  test('that are too old are not used again', async () => {
    await using upstream = await keeper((socket, reply) => setTimeout(() => socket.write(reply), 5));
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port, maxAgeMs: 1 });
    for (let i = 0; i < 2; i++) await asker.exchange(request, 20_000);
    expect(asker.taken).toEqual(['miss', 'miss']);
    await until('both are closed', () => upstream.open() === 0);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
  ])('that the upstream %s at the second question: it is asked again on another', async (_, end) => {
    let questions = 0;
    await using upstream = await keeper((socket, reply) => {
      if (++questions === 2) end(socket);
      else socket.write(reply);
    });
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port });
    for (let i = 0; i < 2; i++) expect((await asker.exchange(request, 20_000)).qr).toBe(true);
    expect(asker.taken).toEqual(['miss', 'hit', 'miss']);
  });

  test('that end within an answer are an error, used before or not', async () => {
    let questions = 0;
    await using upstream = await keeper((socket, reply) => {
      if (++questions === 2) socket.end(reply.subarray(0, 8));
      else socket.write(reply);
    });
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port });
    await asker.exchange(request, 20_000);
    await expect(asker.exchange(request, 20_000)).rejects.toThrow(': EOF');
  });

  test('ask from the given address', async () => {
    await using upstream = await keeper();
    await using asker = transportTo({ protocol: 'tcp', port: upstream.port, sourceAddress: '127.0.0.9' });
    await asker.exchange(request, 20_000);
    expect([...upstream.sockets].map(({ remoteAddress }) => remoteAddress)).toEqual(['127.0.0.9']);
  });
});

describe.each(udpWays)('sockets over UDP, $way', ({ sockets }) => {
  test('are given up after so many questions: the port changes; the ID is another each time', async () => {
    const ports: number[] = [];
    await using upstream = await udpUpstream(({ message, client, send }) => {
      ports.push(client.port);
      send(answerTo(message));
    });
    await using asker = transportTo({ protocol: 'udp', sockets, port: upstream.port });
    const questions = limits.forwardUdpQuestions * 4;
    for (let i = 0; i < questions; i++) await asker.exchange(request, 20_000);
    expect(asker.taken.filter((taken) => taken === 'miss')).toHaveLength(4);
    expect(new Set(ports).size).toBeGreaterThan(1);
    expect(new Set(upstream.requests.map(({ id }) => id)).size).toBeGreaterThan(questions - 4);
  });

  test('on which an answer did not come are not used again', async () => {
    await using upstream = await udpUpstream(({ message, send }) => {
      if (upstream.requests.length !== 1) send(answerTo(message));
    });
    await using asker = transportTo({ protocol: 'udp', sockets, port: upstream.port });
    await expect(asker.exchange(request, 30)).rejects.toThrow('i/o timeout');
    await asker.exchange(request, 20_000);
    expect(asker.taken).toEqual(['miss', 'miss']);
  });

  test('ask from the given address; one that is not of this machine is an error', async () => {
    const from: string[] = [];
    await using upstream = await udpUpstream(({ message, client, send }) => {
      from.push(client.address);
      send(answerTo(message));
    });
    const { port } = upstream;
    await using asker = transportTo({ protocol: 'udp', sockets, port, sourceAddress: '127.0.0.9' });
    await asker.exchange(request, 20_000);
    expect(from).toEqual(['127.0.0.9']);
    await using stranger = transportTo({ protocol: 'udp', sockets, port, sourceAddress: '192.0.2.1' });
    await expect(stranger.exchange(request, 20_000)).rejects.toThrow('address not available');
  });
});
