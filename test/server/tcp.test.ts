/** TCP connections: pipelining, the bounds of what a client may hold, and their end. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { TcpListener } from '../../src/server/tcp.ts';
import type { PacketHandler } from '../../src/server/udp.ts';
import { until } from '../support/until.ts';
import { EchoHandler } from './echo-handler.ts';
import { setLimits } from './set-limits.ts';
import { isRefused, TcpClient, untilServed } from './tcp-client.ts';

async function listen(handler: PacketHandler): Promise<TcpListener> {
  const listener = await TcpListener.listen({ transport: 'dns', host: '127.0.0.1', port: 0 }, handler);
  const close = listener.close.bind(listener);
  let closing: Promise<void> | undefined;
  listener.close = () => {
    closing ??= close();
    return closing;
  };
  onTestFinished(async () => {
    if (handler instanceof EchoHandler) handler.release();
    await listener.close();
  });
  return listener;
}

const LONG_MS = 600_000;

describe('pipelining', () => {
  test('each message is answered, and is given with both ends of the connection', async () => {
    const handler = new EchoHandler();
    const { port } = await listen(handler);
    using client = await TcpClient.connect(port);
    client.send('a', 'b', 'c');
    expect(await client.received(3)).toEqual(['a', 'b', 'c']);
    expect(handler.packets[0]).toMatchObject({
      client: { address: '127.0.0.1', port: client.socket.localPort, family: 4 },
      local: { address: '127.0.0.1', port, family: 4 },
      transport: 'tcp',
    });
  });

  test('a slow answer does not hold back a later one', async () => {
    const handler = new EchoHandler();
    using client = await TcpClient.connect((await listen(handler)).port);
    client.send('slow 1', 'fast 2', 'slow 3', 'fast 4');
    expect(await client.received(2)).toEqual(['fast 2', 'fast 4']);
    handler.release();
    expect(await client.received(4)).toEqual(['fast 2', 'fast 4', 'slow 1', 'slow 3']);
  });

  test('messages of no octets and of 65535', async () => {
    const handler = new EchoHandler();
    using client = await TcpClient.connect((await listen(handler)).port);
    client.send('', 'x'.repeat(65_535), 'y');
    const replies = await client.received(3);
    expect(replies.map(({ length }) => length)).toEqual([0, 65_535, 1]);
  });

  test('a message without an answer does not stop those behind it', async () => {
    const listener = await listen({
      handle: ({ bytes }) =>
        bytes.length === 1 ? undefined : bytes.length === 2 ? Promise.resolve(undefined) : bytes,
      dropped() {},
    });
    using client = await TcpClient.connect(listener.port);
    client.send('1', '22', '333');
    expect(await client.received(1)).toEqual(['333']);
  });

  test('beyond the bound nothing is read until an answer is sent', async () => {
    setLimits({ tcpPipelinedQueries: 4 });
    const handler = new EchoHandler();
    const { port } = await listen(handler);
    using client = await TcpClient.connect(port);
    client.send(...Array.from({ length: 10 }, (_, i) => `slow ${i}`));
    // More than the buffers of two sockets hold: it stays with the client.
    client.send(...Array.from({ length: 600 }, () => `fast ${'x'.repeat(60_000)}`));
    await until('the first queries are handed over', () => handler.packets.length === 4);
    using other = await TcpClient.connect(port);
    other.send('meanwhile');
    await other.received(1);
    expect(handler.packets.length).toBe(5);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    handler.release(1);
    expect(await client.received(1)).toEqual(['slow 0']);
    await until('one more is handed over', () => handler.packets.length === 6);
    await until('all are answered', () => {
      handler.release();
      return client.replies.length === 610;
    });
  });
});

describe('time', () => {
  test('a client that asks nothing is ended, one that has asked is not', async () => {
    setLimits({ tcpFirstQueryMs: 300 });
    const { port } = await listen(new EchoHandler());
    using asking = await TcpClient.connect(port);
    asking.send('first');
    await asking.received(1);
    using silent = await TcpClient.connect(port);
    await silent.ended();
    asking.send('second');
    expect(await asking.received(2)).toEqual(['first', 'second']);
  });

  test('octets that dribble are no query', async () => {
    setLimits({ tcpFirstQueryMs: 40 });
    using client = await TcpClient.connect((await listen(new EchoHandler())).port);
    await client.dribble();
  });

  test('a client that is idle after a query is ended', async () => {
    setLimits({ tcpIdleMs: 40 });
    using client = await TcpClient.connect((await listen(new EchoHandler())).port);
    client.send('first');
    await client.ended();
    expect(client.replies).toEqual(['first']);
  });

  test('octets that dribble behind a query do not keep the connection', async () => {
    setLimits({ tcpIdleMs: 40 });
    using client = await TcpClient.connect((await listen(new EchoHandler())).port);
    client.send('first');
    await client.received(1);
    await client.dribble();
  });

  test('a client that waits for an answer is not idle', async () => {
    setLimits({ tcpIdleMs: 40, tcpFirstQueryMs: LONG_MS });
    const handler = new EchoHandler();
    const { port } = await listen(handler);
    using waiting = await TcpClient.connect(port);
    waiting.send('slow');
    await until('it is asked', () => handler.packets.length === 1);
    using idle = await TcpClient.connect(port);
    idle.send('fast');
    await idle.ended();
    handler.release();
    expect(await waiting.received(1)).toEqual(['slow']);
    await waiting.ended();
  });

  test('a connection ends after its time, however busy, with the answers that are due', async () => {
    setLimits({ tcpConnectionMs: 300 });
    const handler = new EchoHandler();
    const { port } = await listen(handler);
    using waiting = await TcpClient.connect(port);
    waiting.send('slow');
    using busy = await TcpClient.connect(port);
    await until('the busy connection ends', () => {
      if (!busy.isEnded) busy.send('fast');
      return busy.isEnded;
    });
    expect(busy.replies.length).toBeGreaterThan(0);
    expect(waiting.isEnded).toBe(false);
    handler.release();
    expect(await waiting.received(1)).toEqual(['slow']);
    await waiting.ended();
  });

  test('a client that never takes its replies is ended, and not read from in the meantime', async () => {
    setLimits({ tcpWriteMs: 60, tcpIdleMs: LONG_MS, tcpFirstQueryMs: LONG_MS, tcpConnections: 1 });
    const handler = new EchoHandler();
    const { port } = await listen(handler);
    using deaf = await TcpClient.connect(port);
    deaf.socket.pause();
    deaf.send(...Array.from({ length: 1000 }, () => 'x'.repeat(60_000)));
    await untilServed(port);
    expect(handler.packets.length).toBeLessThan(1000);
  });
});

describe('the bound of connections', () => {
  test('the newest is refused and counted; a place that becomes free is given away', async () => {
    setLimits({ tcpConnections: 2 });
    const handler = new EchoHandler();
    const { port } = await listen(handler);
    using first = await TcpClient.connect(port);
    using second = await TcpClient.connect(port);
    second.send('b');
    await second.received(1);
    using third = await TcpClient.connect(port);
    await third.ended();
    expect(handler.drops).toEqual(['tcp-connections']);
    first.send('a');
    expect(await first.received(1)).toEqual(['a']);
    second[Symbol.dispose]();
    await untilServed(port);
  });
});

describe('a client that closes its side', () => {
  test('still gets its answers, then the connection ends', async () => {
    const handler = new EchoHandler();
    using client = await TcpClient.connect((await listen(handler)).port);
    client.send('slow', 'fast');
    client.socket.end();
    expect(await client.received(1)).toEqual(['fast']);
    expect(client.isEnded).toBe(false);
    handler.release();
    expect(await client.received(2)).toEqual(['fast', 'slow']);
    await client.ended();
  });

  test('also those to queries beyond the pipelined bound', async () => {
    setLimits({ tcpPipelinedQueries: 4 });
    const handler = new EchoHandler();
    using client = await TcpClient.connect((await listen(handler)).port);
    client.send(...Array.from({ length: 50 }, (_, i) => `slow ${i}`));
    client.socket.end();
    await until('all are answered', () => {
      handler.release();
      return client.isEnded;
    });
    expect(client.replies).toHaveLength(50);
  });

  test('a message that is cut short is no query', async () => {
    const handler = new EchoHandler();
    using client = await TcpClient.connect((await listen(handler)).port);
    client.send('whole');
    client.socket.end(Buffer.from([0, 9, 1, 2]));
    await client.ended();
    expect(client.replies).toEqual(['whole']);
    expect(handler.packets).toHaveLength(1);
  });
});

describe('closing', () => {
  test('answers under way are sent, then every connection ends; new ones are refused', async () => {
    const handler = new EchoHandler();
    const listener = await listen(handler);
    const { port } = listener;
    using waiting = await TcpClient.connect(port);
    waiting.send('slow');
    using idle = await TcpClient.connect(port);
    idle.send('fast');
    await until('both have asked', () => handler.packets.length === 2);
    const closed = listener.close();
    await idle.ended();
    idle.socket.destroy();
    expect(await isRefused(port)).toBe(true);
    expect(waiting.isEnded).toBe(false);
    handler.release();
    expect(await waiting.received(1)).toEqual(['slow']);
    await waiting.ended();
    waiting.socket.destroy();
    await closed;
  });

  test('what is not answered in time is cut', async () => {
    setLimits({ drainMs: 30 });
    const handler = new EchoHandler();
    const listener = await listen(handler);
    using client = await TcpClient.connect(listener.port);
    client.send('slow');
    await until('it is asked', () => handler.packets.length === 1);
    await listener.close();
    await client.ended();
    expect(client.replies).toEqual([]);
    // An answer that comes now harms nobody.
    handler.release();
  });
});
