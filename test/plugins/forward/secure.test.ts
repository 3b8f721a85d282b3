import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../../src/dns/index.ts';
import { RrType } from '../../../src/dns/types.ts';
import { frame } from '../../../src/dns/wire/frames.ts';
import { reasons } from '../../../src/reasons.ts';
import { startServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { startForward, texts } from './plugin.ts';
import { dohUpstream, dotUpstream } from './transport/tls-upstream.ts';
import { answerTo, udpUpstream } from './upstreams.ts';

const run = promisify(execFile);
const CA = fileURLToPath(new URL('../../fixtures/tls/ca.pem', import.meta.url));
const answer = [parseRecord('example.org. 60 A 192.0.2.1')];

const dot = () => dotUpstream((message, socket) => socket.write(frame(answerTo(message, { answer }))));
const doh = () => dohUpstream(({ message, send }) => send(answerTo(message, { answer })));

/** What `dig +short` prints of a server that forwards with these lines. */
async function dig(forward: string, ...options: string[]): Promise<string> {
  await using server = await startServer(`.:0 {\nbind 127.0.0.1\nerrors\n${forward}\n}\n`);
  const args = ['@127.0.0.1', '-p', `${server.port}`, '+tries=1', '+time=10', ...options];
  const { stdout } = await run('dig', [...args, '+short', 'example.org', 'A']);
  return stdout.trim();
}

describe('dig asks a server that forwards over', () => {
  test.each([
    ['TLS, the certificate for the address', 'tls://127.0.0.1', dot],
    ['TLS, the certificate for a name', 'tls://127.0.0.1%localhost', dot],
    ['TLS to a host name', 'tls://localhost', dot],
    ['HTTPS', 'https://127.0.0.1', doh],
    ['HTTPS to a host name', 'https://localhost', doh],
  ])('%s', async (_, to, upstream) => {
    await using running = await upstream();
    const line = `forward . ${to}:${running.port} {\ntls ${CA}\npolicy sequential\n}`;
    expect(await dig(line)).toBe('192.0.2.1');
    expect(await dig(line, '+tcp')).toBe('192.0.2.1');
  });

  test.each(['GET', 'POST'])('HTTPS with %s; the authority is the name', async (method) => {
    const seen: string[] = [];
    await using running = await dohUpstream(({ message, request, send }) => {
      seen.push(
        `${request.method} ${request.authority ?? request.headers.host} ${request.url.split('?')[0]}`,
      );
      send(answerTo(message, { answer }));
    });
    const line = `forward . https://127.0.0.1:${running.port} {\ntls ${CA}\ntls_servername localhost\ndoh_method ${method}\n}`;
    expect(await dig(line)).toBe('192.0.2.1');
    expect(seen).toEqual([`${method} localhost:${running.port} /dns-query`]);
  });
});

test.each([
  ['no authority that the system trusts', ''],
  ['another name', `tls ${CA}\ntls_servername dns.example`],
])('a certificate of %s is SERVFAIL with its reason', async (_, lines) => {
  await using running = await dot();
  await using forward = await startForward(
    `forward . tls://127.0.0.1:${running.port} {\n${lines}\nmax_connect_attempts 1\n}`,
  );
  const reply = await forward.ask();
  expect(reply).toMatchObject({ rcode: 2, reason: reasons.upstreamCertificate });
  expect(reply.error).toMatch(/^tls: failed to verify certificate: /);
  expect(running.requests).toEqual([]);
});

test.each([
  ['tls', dot, 'tcp-tls'],
  ['https', doh, 'https'],
])('%s: connections are kept and counted', async (scheme, upstream, proto) => {
  await using running = await upstream();
  const to = `127.0.0.1:${running.port}`;
  await using forward = await startForward(`forward . ${scheme}://${to} {\ntls ${CA}\n}`);
  for (const name of ['example.org', 'a.example.org', 'b.example.org']) await forward.ask({ name });
  const labels = `{proxy_name="forward",to="${to}",proto="${proto}"}`;
  expect(await forward.metric(`coredns_proxy_conn_cache_misses_total${labels}`)).toBe(1);
  expect(await forward.metric(`coredns_proxy_conn_cache_hits_total${labels}`)).toBe(2);
  expect(running.connections()).toBe(1);
});

test('the health check of a TLS upstream goes over TLS', async () => {
  await using running = await dotUpstream((message, socket) => {
    const isCheck = message.questions[0]?.type === RrType.NS;
    if (isCheck) socket.write(frame(answerTo(message)));
  });
  await using forward = await startForward(
    `forward . tls://127.0.0.1:${running.port} {\ntls ${CA}\nread_timeout 200ms\nmax_connect_attempts 1\n}`,
  );
  await forward.ask();
  await until('the check', () =>
    running.requests.some(({ questions: [asked] }) => asked?.type === RrType.NS),
  );
});

test('source_address: upstreams see it', async () => {
  const clients: string[] = [];
  await using upstream = await udpUpstream(({ message, client, send }) => {
    clients.push(client.address);
    send(answerTo(message, { answer }));
  });
  await using forward = await startForward(`forward . ${upstream.to} {\nsource_address 127.0.0.2\n}`);
  expect(texts(await forward.ask())).toEqual(['example.org. 60 IN A 192.0.2.1']);
  expect(clients).toEqual(['127.0.0.2']);
});
