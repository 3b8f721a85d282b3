/** UDP sockets, however they are read: any datagram, both families, and their end. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { EchoHandler } from './echo-handler.ts';
import { setLimits } from './set-limits.ts';
import { listen, makeClient, send, type UdpKind, udpKinds } from './udp-kinds.ts';

const hasIpv6Loopback = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe.each<UdpKind>(udpKinds)('$what', (kind) => {
  test('each datagram is answered on its own, in whatever order the answers come', async () => {
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler);
    const { socket, replies } = makeClient();
    for (const text of ['slow 1', 'fast 2', 'fast 3']) await send(socket, text, port);
    await until('the fast ones are answered', () => replies.length === 2);
    expect(replies).toEqual(['fast 2', 'fast 3']);
    handler.release();
    await until('the slow one is answered', () => replies.length === 3);
    expect(handler.packets[0]).toMatchObject({
      client: { address: '127.0.0.1', port: socket.address().port, family: 4 },
      local: { address: '127.0.0.1', port, family: 4 },
      transport: 'udp',
    });
  });

  test('datagrams of no octets and of as many as there can be', async () => {
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler);
    const { socket, replies } = makeClient();
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.setRecvBufferSize(1 << 20);
    // 65535 octets without the headers of IPv4 and UDP.
    const largest = 'x'.repeat(65_507);
    for (const text of ['', largest, 'end']) await send(socket, text, port);
    await until('all are answered', () => replies.length === 3);
    expect(replies).toEqual(['', largest, 'end']);
    expect(handler.packets.map(({ bytes }) => bytes.length)).toEqual([0, 65_507, 3]);
  });

  test('a client that is gone when its answer comes harms nobody', async () => {
    const handler = new EchoHandler();
    const { port } = await listen(kind, handler);
    for (let i = 0; i < 10; i++) {
      const gone = createSocket('udp4');
      await send(gone, 'slow', port);
      gone.close();
    }
    await until('all have asked', () => handler.packets.length === 10);
    handler.release();
    const { socket, replies } = makeClient();
    await send(socket, 'still there', port);
    await until('it is answered', () => replies.length === 1);
  });

  describe('the wildcard address', () => {
    test('answers IPv4 clients, as IPv4 clients', async () => {
      const handler = new EchoHandler();
      const { port } = await listen(kind, handler, { host: '' });
      const { socket, replies } = makeClient();
      await send(socket, 'four', port);
      await until('it is answered', () => replies.length === 1);
      expect(handler.packets[0]?.client).toMatchObject({ address: '127.0.0.1', family: 4 });
    });

    test.runIf(hasIpv6Loopback)('answers IPv6 clients on the same port', async () => {
      const handler = new EchoHandler();
      const { port } = await listen(kind, handler, { host: '' });
      const { socket, replies } = makeClient('udp6');
      await send(socket, 'six', port, '::1');
      await until('it is answered', () => replies.length === 1);
      expect(handler.packets[0]?.client).toMatchObject({ address: '::1', family: 6 });
    });
  });

  describe('closing', () => {
    test('waits for the answers under way', async () => {
      const handler = new EchoHandler();
      const listener = await listen(kind, handler);
      const { socket, replies } = makeClient();
      await send(socket, 'slow', listener.port);
      await until('it is asked', () => handler.packets.length === 1);
      let isClosed = false;
      const closed = listener.close().then(() => {
        isClosed = true;
      });
      // Still open: it answers.
      await send(socket, 'fast', listener.port);
      await until('a later one is answered', () => replies.length === 1);
      expect(isClosed).toBe(false);
      handler.release();
      await closed;
      await until('the first is answered', () => replies.length === 2);
      expect(replies).toEqual(['fast', 'slow']);
    });

    test('what the kernel holds already is answered', async () => {
      const handler = new EchoHandler();
      const listener = await listen(kind, handler);
      const { socket, replies } = makeClient();
      await Promise.all(Array.from({ length: 50 }, (_, i) => send(socket, `fast ${i}`, listener.port)));
      await listener.close();
      await until('all are answered', () => replies.length === 50);
    });

    test('an answer that comes after the end is counted as lost', async () => {
      setLimits({ drainMs: 20 });
      const handler = new EchoHandler();
      const listener = await listen(kind, handler);
      const { socket } = makeClient();
      await send(socket, 'slow', listener.port);
      await until('it is asked', () => handler.packets.length === 1);
      await listener.close();
      handler.release();
      await until('it is counted', () => handler.drops.length === 1);
      expect(handler.drops).toEqual(['udp-unsent']);
    });
  });
});
