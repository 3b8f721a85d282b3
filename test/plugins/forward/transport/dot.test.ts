import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type Message, parseRecord } from '../../../../src/dns/index.ts';
import { frame } from '../../../../src/dns/wire/frames.ts';
import { makeQuery } from '../../../support/query.ts';
import { answerTo, fillingRecord, tcpUpstream } from '../upstreams.ts';
import { dotUpstream } from './tls-upstream.ts';
import { fixture, transportTo } from './transport-to.ts';

const right = [parseRecord('example.org. 60 A 192.0.2.1')];
const wrong = [parseRecord('example.org. 60 A 192.0.2.66')];
const { message: request } = makeQuery({ name: 'example.org' });
type Script = Parameters<typeof dotUpstream>[0];
const honest: Script = (message, socket) => socket.write(frame(answerTo(message, { answer: right })));

type Tls = NonNullable<Parameters<typeof transportTo>[0]['tls']>;

async function failure(
  port: number,
  tls: Tls = {},
  timeoutMs = 20_000,
): Promise<Error & { timedOut: boolean }> {
  await using asker = transportTo({ protocol: 'tcp-tls', port, tls });
  return await asker.exchange(request, timeoutMs).then(
    () => expect.unreachable('it answered'),
    (error) => error,
  );
}

test.each([
  ['the address', undefined, false],
  ['the name', 'localhost', 'localhost'],
])('a certificate for %s counts; the connection is used again', async (_, serverName, sni) => {
  const names: unknown[] = [];
  await using upstream = await dotUpstream((message, socket) => {
    names.push(socket.servername, socket.alpnProtocol);
    honest(message, socket);
  });
  await using asker = transportTo({ protocol: 'tcp-tls', port: upstream.port, tls: { serverName } });
  for (let i = 0; i < 3; i++) expect((await asker.exchange(request, 20_000)).answer).toEqual(right);
  expect(asker.taken).toEqual(['miss', 'hit', 'hit']);
  expect(names.slice(0, 2)).toEqual([sni, false]);
  expect(upstream.connections()).toBe(1);
});

test.each<[string, Parameters<typeof dotUpstream>[1], Tls, RegExp]>([
  [
    'has expired',
    { cert: fixture('expired.pem'), key: fixture('expired.key') },
    { ca: fixture('expired.pem') },
    /certificate has expired/,
  ],
  [
    'signed itself',
    { cert: fixture('self-signed.pem'), key: fixture('self-signed.key') },
    {},
    /self-signed certificate/,
  ],
  ['is for another name', {}, { serverName: 'dns.example' }, /does not match certificate's altnames/],
  ['is of a CA that nobody knows', {}, { ca: fixture('expired.pem') }, /unable to/],
])('a certificate that %s is refused, in one line', async (_, options, tls, reason) => {
  await using upstream = await dotUpstream(honest, options);
  const { message } = await failure(upstream.port, tls);
  expect(message).toMatch(/^tls: failed to verify certificate: [^\n]*$/);
  expect(message).toMatch(reason);
  expect(message.endsWith(` (127.0.0.1:${upstream.port})`)).toBe(true);
  expect(upstream.requests).toHaveLength(0);
});

test('plain text where TLS is spoken is told in one line', async () => {
  const plain = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('220 mail.example ESMTP\r\n');
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  try {
    expect((await failure(port)).message).toMatch(/^tls: [^:\n]* \(127\.0\.0\.1:\d+\)$/);
  } finally {
    plain.close();
  }
});

test('a handshake that does not come ends with the time-out', async () => {
  await using silent = await tcpUpstream(() => {});
  expect(await failure(silent.port, {}, 200)).toMatchObject({
    ...{ timedOut: true, message: `dial tcp 127.0.0.1:${silent.port}: i/o timeout` },
  });
});

test('less than TLS 1.2 is refused', async () => {
  await using upstream = await dotUpstream(honest, {
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  });
  expect((await failure(upstream.port)).message).toMatch(/^tls: [^\n]* \(127\.0\.0\.1:\d+\)$/);
});

test('a client certificate is shown', async () => {
  await using upstream = await dotUpstream(honest, {
    ...{ requestCert: true, rejectUnauthorized: true, ca: fixture('ca.pem') },
  });
  const tls = { cert: fixture('client.pem'), key: fixture('client.key') };
  await using asker = transportTo({ protocol: 'tcp-tls', port: upstream.port, tls });
  expect((await asker.exchange(request, 20_000)).answer).toEqual(right);
  expect((await failure(upstream.port)).message).toMatch(/certificate required|EOF|reset/);
});

test('an answer may have 65535 octets', async () => {
  const answer = [fillingRecord(request)];
  await using upstream = await dotUpstream((message, socket) =>
    socket.write(frame(answerTo(message, { answer }))),
  );
  await using asker = transportTo({ protocol: 'tcp-tls', port: upstream.port });
  expect((await asker.exchange(request, 20_000)).answer).toEqual(answer);
});

test('what answers another question is passed over', async () => {
  await using upstream = await dotUpstream((message, socket) => {
    socket.write(frame(answerTo({ ...message, id: message.id ^ 1 } as Message, { answer: wrong })));
    honest(message, socket);
  });
  await using asker = transportTo({ protocol: 'tcp-tls', port: upstream.port });
  expect((await asker.exchange(request, 20_000)).answer).toEqual(right);
});
