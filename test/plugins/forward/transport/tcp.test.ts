import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Message, parseRecord } from '../../../../src/dns/index.ts';
import { FrameReader, frame } from '../../../../src/dns/wire/frames.ts';
import { makeQuery } from '../../../support/query.ts';
import { answerTo, deadUpstream, fillingRecord, tcpUpstream } from '../upstreams.ts';
import { transportTo } from './transport-to.ts';

const right = [parseRecord('example.org. 60 A 192.0.2.1')];
const wrong = [parseRecord('example.org. 60 A 192.0.2.66')];
const { message: request } = makeQuery({ name: 'example.org' });

async function exchange(port: number, timeoutMs = 20_000, host = '127.0.0.1'): Promise<Message> {
  await using asker = transportTo({ protocol: 'tcp', port, host });
  return await asker.exchange(request, timeoutMs);
}

/** Gives the pieces one after the other, each as a segment of its own. */
async function drip(socket: Socket, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('over TCP', () => {
  test('gives the answer', async () => {
    await using upstream = await tcpUpstream((message, socket) =>
      socket.write(frame(answerTo(message, { answer: right }))),
    );
    expect((await exchange(upstream.port)).answer).toEqual(right);
  });

  test('asks over IPv6', async () => {
    await using upstream = await tcpUpstream((message, socket) => socket.end(frame(answerTo(message))), {
      host: '::1',
    });
    expect((await exchange(upstream.port, 20_000, '::1')).ra).toBe(true);
  });

  test('an answer may come octet by octet', async () => {
    await using upstream = await tcpUpstream((message, socket) => {
      const bytes = frame(answerTo(message, { answer: right }));
      socket.setNoDelay(true);
      void drip(
        socket,
        Array.from(bytes, (octet) => Uint8Array.of(octet)),
      );
    });
    expect((await exchange(upstream.port)).answer).toEqual(right);
  });

  test('an answer may have 65535 octets', async () => {
    const answer = [fillingRecord(request)];
    await using upstream = await tcpUpstream((message, socket) => {
      const bytes = answerTo(message, { answer });
      expect(bytes).toHaveLength(65_535);
      socket.write(frame(bytes));
    });
    expect((await exchange(upstream.port)).answer).toEqual(answer);
  });

  test('what answers another question is passed over', async () => {
    await using upstream = await tcpUpstream((message, socket) => {
      socket.write(frame(answerTo({ ...message, id: message.id ^ 1 }, { answer: wrong })));
      socket.write(frame(new Uint8Array(0)));
      socket.write(frame(answerTo(message).subarray(0, 5)));
      socket.write(frame(answerTo(message, { answer: right })));
    });
    expect((await exchange(upstream.port)).answer).toEqual(right);
  });

  test.each([
    ['before the answer', (_: Message, socket: Socket) => socket.end()],
    ['in the length', (_: Message, socket: Socket) => socket.end(Uint8Array.of(0))],
    [
      'within the answer',
      (message: Message, socket: Socket) => {
        const bytes = frame(answerTo(message, { answer: right }));
        socket.end(bytes.subarray(0, bytes.length - 1));
      },
    ],
  ])('an upstream that hangs up %s is an error', async (_, script) => {
    await using upstream = await tcpUpstream(script);
    const error = await exchange(upstream.port).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ExchangeError', timedOut: false });
    expect(error.message).toMatch(
      new RegExp(`^read tcp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${upstream.port}: EOF$`),
    );
  });

  test('so is one that resets the connection', async () => {
    await using upstream = await tcpUpstream((_, socket) => socket.resetAndDestroy());
    await expect(exchange(upstream.port)).rejects.toThrow(
      /^read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection reset by peer$/,
    );
  });

  test('silence ends with the time-out', async () => {
    await using upstream = await tcpUpstream(() => {});
    const error = await exchange(upstream.port, 300).catch((reason) => reason);
    expect(error).toMatchObject({ timedOut: true });
    expect(error.message).toMatch(/^read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: i\/o timeout$/);
  });

  test('a closed port fails at once', async () => {
    const [host = '', port] = (await deadUpstream()).split(':');
    await expect(exchange(Number(port), 20_000, host)).rejects.toThrow(
      `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });
});

describe('FrameReader', () => {
  test('finds the same messages however the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(messages, cuts, (sent, sizes) => {
        const stream = Buffer.concat(sent.map(frame));
        const reader = new FrameReader();
        const found: Uint8Array[] = [];
        let at = 0;
        for (const size of [...sizes, stream.length]) {
          found.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(found.map((message) => [...message])).toEqual(sent.map((message) => [...message]));
      }),
    );
  });
});
