/** UDP in batches: source addresses, floods, and workers that die. What all listeners do is in test/server/udp.test.ts. */
import { networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startUdpWorker } from '../../../src/server/batched/socket-worker.ts';
import type { UdpWorkerData } from '../../../src/server/batched/udp-worker.ts';
import { UdpListener } from '../../../src/server/udp.ts';
import { until } from '../../support/until.ts';
import { EchoHandler } from '../echo-handler.ts';
import { sendFrom } from '../raw-datagram.ts';
import { setLimits } from '../set-limits.ts';
import {
  batchedKinds,
  closedAtEnd,
  listen,
  makeClient,
  native,
  openBatched,
  send,
  type UdpKind,
} from '../udp-kinds.ts';

const hasIpv6Loopback = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe.each<UdpKind>(batchedKinds)('$what', (kind) => {
  const asked: [bound: string, address: string][] = [
    ['', '127.0.0.1'],
    ['', '127.0.0.2'],
    ['0.0.0.0', '127.0.0.2'],
    ['127.0.0.2', '127.0.0.2'],
    ...(hasIpv6Loopback
      ? ([
          ['', '::1'],
          ['::', '::1'],
          ['::', '127.0.0.2'],
          ['::1', '::1'],
        ] as const)
      : []
    ).map(([bound, address]): [string, string] => [bound, address]),
  ];
  test.each(asked)('bound to %j and asked at %s: that is where the reply is from', async (host, address) => {
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler, { host });
    const family = address.includes(':') ? 6 : 4;
    const { socket, replies, sources } = makeClient(`udp${family}`);
    await send(socket, 'fast', port, address);
    await send(socket, 'slow', port, address);
    await until('both have asked', () => handler.packets.length === 2);
    handler.release();
    await until('both are answered', () => replies.length === 2);
    expect(sources).toEqual([address, address]);
    expect(handler.packets.map(({ local }) => local)).toEqual(
      Array.from({ length: 2 }, () => ({ address, port, family })),
    );
  });

  test('a burst of 5000: each is answered once at most, and who asks then is answered', async () => {
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler);
    const { socket, replies } = makeClient();
    await Promise.all(Array.from({ length: 5000 }, (_, i) => send(socket, `fast ${i}`, port)));
    const later = makeClient();
    await until('a later one is answered', async () => {
      await send(later.socket, 'later', port);
      return later.replies.length > 0;
    });
    expect(new Set(replies).size).toBe(replies.length);
  });

  test('a datagram from port 0 is not answered, and harms nobody', async (context) => {
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler);
    if (!sendFrom({ host: 1, port: 0 }, Buffer.from('spoofed'), port))
      context.skip('a raw socket needs the right to open it');
    const { socket, replies } = makeClient();
    await send(socket, 'after', port);
    await until('the next one is answered', () => replies.length === 1);
    expect(handler.packets.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['after']);
  });

  test('a handler that throws: the process hears of it, and the next datagram is answered', async () => {
    const accidents: unknown[] = [];
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler);
    const real = handler.handle.bind(handler);
    handler.handle = () => {
      handler.handle = real;
      throw new Error('accident');
    };
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => accidents.push(error.message));
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    });
    const { socket, replies } = makeClient();
    await send(socket, 'first', port);
    await send(socket, 'second', port);
    await until('the second is answered', () => replies.length === 1);
    await until('it is told', () => accidents.length === 1);
    expect({ replies, accidents }).toEqual({ replies: ['second'], accidents: ['accident'] });
  });

  test('a port that is taken is a mistake of the operator', async () => {
    const handler = new EchoHandler();
    const dgram = closedAtEnd(
      await UdpListener.listen({ transport: 'dns', host: '127.0.0.1', port: 0 }, handler),
      handler,
    );
    await expect(kind.open(handler, { port: dgram.port })).rejects.toThrow(
      `listen udp 127.0.0.1:${dgram.port}: address already in use`,
    );
  });

  test('an address of another machine too', async () => {
    await expect(kind.open(new EchoHandler(), { host: '192.0.2.1' })).rejects.toThrow(
      'listen udp 192.0.2.1:0: the address is not on this machine',
    );
  });

  test('the port is free again when it is closed', async () => {
    const handler = new EchoHandler();
    const { port, close } = await listen(kind, handler);
    await close();
    const again = await listen(kind, handler, { port });
    expect(again.port).toBe(port);
  });
});

describe.runIf(native !== undefined)('workers', () => {
  /** Starts real workers, but for those that the test makes itself. */
  function recorder(starts: readonly ((data: UdpWorkerData) => Worker)[] = []) {
    const workers: Worker[] = [];
    const deaths: unknown[] = [];
    const startWorker = (data: UdpWorkerData) => {
      const worker = (starts[workers.length] ?? startUdpWorker)(data);
      workers.push(worker);
      return worker;
    };
    return { workers, deaths, events: { startWorker, workerDied: (error: unknown) => deaths.push(error) } };
  }

  const failing = () => new Worker('throw new Error("no engine")', { eval: true });

  test('one that dies is replaced: it is told, and the socket stays', async () => {
    const { workers, deaths, events } = recorder();
    const handler = new EchoHandler();
    const { port } = closedAtEnd(await openBatched(handler, 1, {}, events), handler);
    const { socket, replies } = makeClient();
    await send(socket, 'before', port);
    await until('it is answered', () => replies.length === 1);
    const ended = workers[0]?.terminate();
    // It is blocked in the kernel, and ends with what it reads there.
    await send(socket, 'lost or not', port);
    await ended;
    await until('it is told', () => deaths.length === 1);
    await until('the next one answers', async () => {
      await send(socket, 'after', port);
      return replies.includes('after');
    });
    expect(workers.length).toBe(2);
  });

  test('those after it may fail too', async () => {
    const { workers, deaths, events } = recorder([startUdpWorker, failing, failing]);
    setLimits({ udpWorkerRestartMs: 1 });
    const handler = new EchoHandler();
    const { port } = closedAtEnd(await openBatched(handler, 1, {}, events), handler);
    const ended = workers[0]?.terminate();
    const { socket, replies } = makeClient();
    await send(socket, 'lost or not', port);
    await ended;
    await until('the fourth answers', async () => {
      await send(socket, 'after', port);
      return replies.includes('after');
    });
    expect(deaths.map(String)).toEqual(['undefined', 'Error: no engine', 'Error: no engine']);
  });

  test('where not even the first can be had, there is no listener', async () => {
    const { deaths, events } = recorder([failing]);
    const handler = new EchoHandler();
    await expect(openBatched(handler, 1, {}, events)).rejects.toThrow(
      'listen udp 127.0.0.1:0: Error: no engine',
    );
    expect(deaths.length).toBe(1);
  });

  test('what finds no room on the way to the main thread is dropped, and counted', async () => {
    setLimits({ udpRingBytes: 1024 });
    const handler = new EchoHandler();
    const { port } = closedAtEnd(await openBatched(handler, 1), handler);
    const { socket } = makeClient();
    let asked = 0;
    await until('some are dropped', async () => {
      await Promise.all(Array.from({ length: 100 }, () => send(socket, 'fast', port)));
      asked += 100;
      return handler.drops.length > 0;
    });
    expect(new Set(handler.drops)).toEqual(new Set(['udp-ring-full']));
    await until('each is answered or counted', () => handler.packets.length + handler.drops.length === asked);
  });

  test('two sockets on one port, each with a worker', async () => {
    const { workers, events } = recorder();
    const handler = new EchoHandler();
    const { port } = closedAtEnd(await openBatched(handler, 2, {}, events), handler);
    const clients = Array.from({ length: 32 }, () => makeClient());
    for (const { socket } of clients) await send(socket, 'fast', port);
    await until('all are answered', () => clients.every(({ replies }) => replies.length === 1));
    expect(workers.length).toBe(2);
  });
});
