/** `timeouts`: what a block says of TCP clients holds for new connections; what it does not say stays as it is. */
import { expect, onTestFinished, test } from 'vitest';
import { TcpListener } from '../../src/server/tcp.ts';
import { framed, queryBytes } from '../support/ask.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { EchoHandler } from './echo-handler.ts';
import { reload } from './probe-server.ts';
import { setLimits } from './set-limits.ts';
import { TcpClient, untilServed } from './tcp-client.ts';

const LONG_MS = 600_000;
const SHORT_MS = 40;
type Settings = Parameters<typeof TcpListener.listen>[2];

async function listen(handler: EchoHandler, settings: Settings): Promise<number> {
  const listener = await TcpListener.listen(
    { transport: 'dns', host: '127.0.0.1', port: 0 },
    handler,
    settings,
  );
  onTestFinished(async () => {
    handler.release();
    await listener.close();
  });
  return listener.port;
}

/** Whoever connects next and asks is answered: what the other client has to wait for is not that the server is slow. */
async function isAnswered(port: number): Promise<void> {
  using client = await TcpClient.connect(port);
  client.send('hello');
  expect(await client.received(1)).toEqual(['hello']);
}

test('read: the time to the first query', async () => {
  setLimits({ tcpFirstQueryMs: LONG_MS });
  const port = await listen(new EchoHandler(), () => ({ readMs: SHORT_MS }));
  using silent = await TcpClient.connect(port);
  using asking = await TcpClient.connect(port);
  asking.send('first');
  await silent.ended();
  asking.send('second');
  expect(await asking.received(2)).toEqual(['first', 'second']);
});

test('read: longer than the default', async () => {
  setLimits({ tcpFirstQueryMs: SHORT_MS });
  let settings: ReturnType<NonNullable<Settings>> = { readMs: LONG_MS };
  const port = await listen(new EchoHandler(), () => settings);
  using patient = await TcpClient.connect(port);
  await isAnswered(port);
  settings = {};
  using silent = await TcpClient.connect(port);
  await silent.ended();
  expect(patient.isEnded).toBe(false);
});

test('idle: the time between queries', async () => {
  setLimits({ tcpIdleMs: LONG_MS });
  using client = await TcpClient.connect(await listen(new EchoHandler(), () => ({ idleMs: SHORT_MS })));
  client.send('first');
  await client.ended();
  expect(client.replies).toEqual(['first']);
});

test('write: the time in which a client takes its replies', async () => {
  setLimits({ tcpWriteMs: LONG_MS, tcpIdleMs: LONG_MS, tcpFirstQueryMs: LONG_MS, tcpConnections: 1 });
  const port = await listen(new EchoHandler(), () => ({ writeMs: 60 }));
  using deaf = await TcpClient.connect(port);
  deaf.socket.pause();
  deaf.send(...Array.from({ length: 1000 }, () => 'x'.repeat(60_000)));
  await untilServed(port);
});

test('maxtcpqueries: the connection ends with the answer to the last one', async () => {
  const handler = new EchoHandler();
  using client = await TcpClient.connect(await listen(handler, () => ({ queries: 3 })));
  client.send('1');
  await client.received(1);
  client.send('2', 'slow 3', '4', '5');
  expect(await client.received(2)).toEqual(['1', '2']);
  await until('the third is asked', () => handler.packets.length === 3);
  expect(client.isEnded).toBe(false);
  handler.release();
  await client.ended();
  expect(client.replies).toEqual(['1', '2', 'slow 3']);
  expect(handler.packets).toHaveLength(3);
});

function corefile(...blocks: readonly (readonly [zone: string, timeouts: string])[]): string {
  return blocks
    .map(([zone, timeouts]) => `${zone}:0 {\n bind 127.0.0.1\n ${timeouts}\n whoami\n}\n`)
    .join('');
}

const bound = (queries: number) => `timeouts {\n maxtcpqueries ${queries}\n}`;

/** How many of ten queries in one write are answered on a connection of their own. */
async function answeredOfTen({ port }: RunningServer): Promise<number> {
  using client = await TcpClient.connect(port);
  client.socket.write(Buffer.concat(Array.from({ length: 10 }, () => framed(queryBytes('a.test', 'A')))));
  await until('all are answered, or the end', () => client.replies.length === 10 || client.isEnded);
  return client.replies.length;
}

async function serverFor(text: string): Promise<RunningServer> {
  const running = await startServer(text);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

test.each<[string, string, number]>([
  ['no block says anything', corefile(['a.test', ''], ['b.test', '']), 10],
  ['one says something: it holds for the listener', corefile(['a.test', bound(3)], ['b.test', '']), 3],
  ['several do: the last one counts', corefile(['a.test', bound(3)], ['b.test', bound(5)]), 5],
  ['what the last one leaves out', corefile(['a.test', bound(3)], ['b.test', 'timeouts {\n idle 5s\n}']), 3],
  ['without a bound', corefile(['a.test', bound(3)], ['b.test', bound(-1)]), 10],
])('blocks on one listener: %s', async (_what, text, expected) => {
  expect(await answeredOfTen(await serverFor(text))).toBe(expected);
});

test('a reload changes it for new connections', async () => {
  const running = await serverFor(corefile(['a.test', bound(3)]));
  using old = await TcpClient.connect(running.port);
  old.socket.write(framed(queryBytes('a.test', 'A')));
  await old.received(1);
  await reload(running.server, corefile(['a.test', bound(5)]));
  expect(await answeredOfTen(running)).toBe(5);
  old.socket.write(Buffer.concat([framed(queryBytes('a.test', 'A')), framed(queryBytes('a.test', 'A'))]));
  await old.ended();
  expect(old.replies).toHaveLength(3);
  await reload(running.server, corefile(['a.test', '']));
  expect(await answeredOfTen(running)).toBe(10);
});
