import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../../../src/dns/index.ts';
import { makeQuery } from '../../../support/query.ts';
import { until } from '../../../support/until.ts';
import { answerTo, fillingRecord } from '../upstreams.ts';
import { dohUpstream, type HttpExchange } from './tls-upstream.ts';
import { fixture, transportTo } from './transport-to.ts';

const right = [parseRecord('example.org. 60 A 192.0.2.1')];
const { message: request } = makeQuery({ name: 'example.org' });
const honest = ({ message, send }: HttpExchange) => send(answerTo(message, { answer: right }));

describe.each([2, 1] as const)('over HTTP/%i', (http) => {
  test.each(['POST', 'GET'] as const)('%s gives the answer; the ID is 0', async (method) => {
    const seen: unknown[] = [];
    await using upstream = await dohUpstream(
      (exchange) => {
        const { request: asked } = exchange;
        seen.push(asked.method, asked.url.split('?')[0], asked.headers.accept);
        expect(asked.url).not.toMatch(/[=+/]$/);
        honest(exchange);
      },
      { http },
    );
    await using asker = transportTo({ protocol: 'https', port: upstream.port, method });
    expect((await asker.exchange(request, 20_000)).answer).toEqual(right);
    expect(seen).toEqual([method, '/dns-query', 'application/dns-message']);
    expect(upstream.requests[0]?.id).toBe(0);
  });

  test.each<[string, (exchange: HttpExchange) => void, string]>([
    ['404', ({ send }) => send(new Uint8Array(0), {}, 404), 'unexpected HTTP status 404'],
    ['500', ({ send }) => send(new Uint8Array(0), {}, 500), 'unexpected HTTP status 500'],
    [
      'another type',
      ({ send }) => send(Buffer.from('hi'), { 'content-type': 'text/html' }),
      'unexpected content type "text/html"',
    ],
    ['too long a body', ({ send }) => send(new Uint8Array(70_000)), 'body of more than 65535 octets'],
    ['noise', ({ send }) => send(new Uint8Array(600).fill(0xff)), 'the body is no answer to the question'],
    [
      'another question',
      ({ message, send }) => send(answerTo(message, { questions: [] })),
      'the body is no answer to the question',
    ],
    [
      'another ID',
      ({ message, send }) => send(answerTo({ ...message, id: 7 })),
      'the body is no answer to the question',
    ],
  ])('%s is an error', async (_, script, text) => {
    await using upstream = await dohUpstream(script, { http });
    await using asker = transportTo({ protocol: 'https', port: upstream.port });
    await expect(asker.exchange(request, 20_000)).rejects.toMatchObject({
      ...{ name: 'ExchangeError', timedOut: false },
      message: `Post "https://127.0.0.1:${upstream.port}/dns-query": ${text}`,
    });
  });

  test.each<[string, (exchange: HttpExchange) => void]>([
    ['silence', () => {}],
    [
      'a body that does not end',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/dns-message' });
        response.write(Uint8Array.of(0));
      },
    ],
  ])('%s ends with the time-out', async (_, script) => {
    await using upstream = await dohUpstream(script, { http });
    await using asker = transportTo({ protocol: 'https', port: upstream.port });
    await expect(asker.exchange(request, 300)).rejects.toMatchObject({
      ...{ timedOut: true, message: `Post "https://127.0.0.1:${upstream.port}/dns-query": i/o timeout` },
    });
    await until('the connection is gone', () => upstream.open() === 0);
  });

  test('an answer may have 65535 octets', async () => {
    const answer = [fillingRecord(request)];
    await using upstream = await dohUpstream(({ message, send }) => send(answerTo(message, { answer })), {
      http,
    });
    await using asker = transportTo({ protocol: 'https', port: upstream.port });
    expect((await asker.exchange(request, 20_000)).answer).toEqual(answer);
  });

  test('a certificate for another name is refused', async () => {
    await using upstream = await dohUpstream(honest, { http });
    const tls = { serverName: 'dns.example' };
    await using asker = transportTo({ protocol: 'https', port: upstream.port, tls });
    await expect(asker.exchange(request, 20_000)).rejects.toThrow(/^tls: failed to verify certificate: /);
    expect(upstream.requests).toHaveLength(0);
  });

  test('the age of the reply shortens its life', async () => {
    await using upstream = await dohUpstream(
      ({ message, send }) => send(answerTo(message, { answer: right }), { age: '45' }),
      { http },
    );
    await using asker = transportTo({ protocol: 'https', port: upstream.port });
    expect((await asker.exchange(request, 20_000)).answer.map(({ ttl }) => ttl)).toEqual([15]);
  });
});

test('questions share one session', async () => {
  await using upstream = await dohUpstream(honest);
  await using asker = transportTo({ protocol: 'https', port: upstream.port });
  await Promise.all(Array.from({ length: 50 }, () => asker.exchange(request, 20_000)));
  expect(upstream.connections()).toBe(1);
  expect(asker.taken.filter((taken) => taken === 'miss')).toHaveLength(1);
  asker.close();
  await until('the session is gone', () => upstream.open() === 0);
});

test.each<[string, (exchange: HttpExchange) => void]>([
  ['GOAWAY', ({ session }) => session?.goaway(constants.NGHTTP2_NO_ERROR, 1)],
  ['a reset session', ({ session }) => session?.destroy()],
  ['a reset stream', ({ request: { stream } }) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
])('after %s a session that was there before is made anew', async (_, end) => {
  await using upstream = await dohUpstream((exchange) => {
    if (upstream.requests.length !== 2) return honest(exchange);
    end(exchange);
  });
  await using asker = transportTo({ protocol: 'https', port: upstream.port });
  for (let i = 0; i < 3; i++) expect((await asker.exchange(request, 20_000)).answer).toEqual(right);
  expect(upstream.connections()).toBe(2);
});

test('an idle session expires', async () => {
  await using upstream = await dohUpstream(honest);
  await using asker = transportTo({ protocol: 'https', port: upstream.port, expireMs: 30 });
  await asker.exchange(request, 20_000);
  await until('the session is gone', () => upstream.open() === 0);
  expect((await asker.exchange(request, 20_000)).answer).toEqual(right);
  expect(asker.taken).toEqual(['miss', 'miss']);
});

test('an expired certificate is refused', async () => {
  const expired = { cert: fixture('expired.pem'), key: fixture('expired.key') };
  await using upstream = await dohUpstream(honest, expired);
  await using asker = transportTo({ protocol: 'https', port: upstream.port, tls: { ca: expired.cert } });
  await expect(asker.exchange(request, 20_000)).rejects.toThrow(
    `tls: failed to verify certificate: certificate has expired (127.0.0.1:${upstream.port})`,
  );
});
