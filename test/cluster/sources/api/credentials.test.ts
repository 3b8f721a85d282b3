import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { SourceError } from '../../../../src/cluster/source.ts';
import { type FakeApiServer, fixture, SERVICES } from './fake-api-server.ts';
import { type Fault, status } from './faults.ts';
import { eventually, fakeServer, run, synced } from './harness.ts';
import { service } from './objects.ts';

const directory = mkdtempSync(join(tmpdir(), 'corvidns-credentials-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => void vi.useRealTimers());

const clientTls = { cert: fixture('client.pem'), key: fixture('client.key'), ca: fixture('ca.pem') };

/** What the kubelet would have mounted, with a way to rotate the token. */
function podOf(server: FakeApiServer) {
  const serviceAccountDirectory = mkdtempSync(join(directory, 'pod-'));
  copyFileSync(fixture('ca.pem'), join(serviceAccountDirectory, 'ca.crt'));
  const rotate = (token: string) => writeFileSync(join(serviceAccountDirectory, 'token'), token);
  rotate('first\n');
  const environment = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) };
  return { podSurroundings: { environment, serviceAccountDirectory }, rotate };
}

function authorizations(server: FakeApiServer): (string | undefined)[] {
  return server.watches(SERVICES).map(({ headers }) => headers.authorization);
}

test('a pod uses its account over TLS', async () => {
  const server = await fakeServer('tls');
  server.put(SERVICES, service('a'));
  const { sink, log } = await run({ podSurroundings: podOf(server).podSurroundings });
  await synced(sink);
  expect(sink.names('Service')).toEqual(['shop/a']);
  expect(server.seen.map(({ headers }) => headers.authorization)).toContain('Bearer first');
  expect(log.lines).toEqual([]);
});

test('a rotated token is used within a minute, with the next request', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const server = await fakeServer('tls');
  const { podSurroundings, rotate } = podOf(server);
  await run({ podSurroundings });
  await eventually(() => expect(authorizations(server)).toEqual(['Bearer first']));
  rotate('second');
  vi.setSystemTime(Date.now() + 61_000);
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() => expect(authorizations(server)).toEqual(['Bearer first', 'Bearer second']));
});

/** Lets only this token in. */
function only(server: FakeApiServer, token: string): Fault {
  return (request, response) => {
    if (request.headers.authorization === `Bearer ${token}`) server.answer(request, response);
    else status(401, 'Unauthorized')(request, response);
  };
}

test('after a 401 the token file is read anew at once', async () => {
  const server = await fakeServer('tls');
  const { podSurroundings, rotate } = podOf(server);
  const { sink } = await run({ podSurroundings });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  rotate('second');
  server.failNext(SERVICES, 'watch', only(server, 'second'));
  server.failNext(SERVICES, 'watch', only(server, 'second'));
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() =>
    expect(authorizations(server)).toEqual(['Bearer first', 'Bearer first', 'Bearer second']),
  );
});

function kubeconfig(
  server: FakeApiServer,
  user: string,
  cluster = `certificate-authority: ${fixture('ca.pem')}`,
) {
  return `
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "${server.url}", ${cluster}}}]
users: [{name: test, user: {${user}}}]
`;
}

test('after a 401 the kubeconfig is read anew, and a broken one does not end the source', async () => {
  const server = await fakeServer('tls');
  const file = join(directory, 'rotating-config');
  writeFileSync(file, kubeconfig(server, 'token: first'));
  const { sink, log } = await run({ kubeconfig: { file } });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  writeFileSync(file, 'half a');
  for (let times = 0; times < 2; times++) server.failNext(SERVICES, 'watch', only(server, 'second'));
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() => expect(log.lines.join('\n')).toContain('rotating-config'));
  writeFileSync(file, kubeconfig(server, 'token: second'));
  await eventually(() => expect(authorizations(server).at(-1)).toBe('Bearer second'));
});

test('a client certificate lets in', async () => {
  const server = await fakeServer('mutual');
  const { sink, log } = await run({ endpoint: server.url, tls: clientTls });
  await synced(sink);
  expect(log.lines).toEqual([]);
});

test('a client certificate that rotates is used for the next connection', async () => {
  const server = await fakeServer('mutual');
  const cert = join(directory, 'rotating.pem');
  const key = join(directory, 'rotating.key');
  // A certificate of the right form that this server does not take: its own, which is none for clients.
  copyFileSync(fixture('server.pem'), cert);
  copyFileSync(fixture('server.key'), key);
  const { sink, log } = await run({ endpoint: server.url, tls: { cert, key, ca: fixture('ca.pem') } });
  await eventually(() => expect(log.lines.length).toBeGreaterThanOrEqual(2));
  expect(sink.synced.size).toBe(0);
  copyFileSync(fixture('client.pem'), cert);
  copyFileSync(fixture('client.key'), key);
  await synced(sink);
});

test('a server whose certificate is not of the CA is not believed, and the log says what to do', async () => {
  const server = await fakeServer('tls');
  const { sink, log } = await run({
    endpoint: server.url,
    tls: { ...clientTls, ca: fixture('client.pem') },
  });
  await eventually(() =>
    expect(log.lines[0]).toMatch(/; check the CA certificate, the client certificate and/),
  );
  expect(sink.synced.size).toBe(0);
  expect(server.seen).toEqual([]);
});

test('plain HTTP spoken by a TLS port is told as TLS trouble', async () => {
  const server = await fakeServer();
  const { log } = await run({ endpoint: `https://127.0.0.1:${server.port}`, tls: clientTls });
  await eventually(() =>
    expect(log.lines[0]).toMatch(/; check the CA certificate, the client certificate and/),
  );
});

test('insecure-skip-tls-verify is obeyed', async () => {
  const server = await fakeServer('tls');
  const file = join(directory, 'insecure-config');
  writeFileSync(file, kubeconfig(server, 'token: t', 'insecure-skip-tls-verify: true'));
  const { sink } = await run({ kubeconfig: { file } });
  await synced(sink);
});

test('user name and password of a kubeconfig are sent', async () => {
  const server = await fakeServer();
  const file = join(directory, 'password-config');
  writeFileSync(file, kubeconfig(server, 'username: me, password: secret', ''));
  await run({ kubeconfig: { file } });
  const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  await eventually(() => expect(authorizations(server)).toEqual([basic]));
});

test('a program that gives credentials is run; one that fails is told and retried', async () => {
  const server = await fakeServer('tls');
  const file = join(directory, 'exec-config');
  const credential = join(directory, 'credential.json');
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: cat, args: ["${credential}"]}`;
  writeFileSync(file, kubeconfig(server, exec));
  const { sink, log } = await run({ kubeconfig: { file } });
  await eventually(() => expect(log.lines[0]).toContain('credential.json'));
  writeFileSync(credential, JSON.stringify({ status: { token: 'given' } }));
  await synced(sink);
  expect(server.seen.at(-1)?.headers.authorization).toBe('Bearer given');
});

test('proxy-url of a kubeconfig is obeyed', async () => {
  const server = await fakeServer('tls');
  const tunnels: (string | undefined)[] = [];
  const proxy = createServer().on('connect', (request, client) => {
    tunnels.push(request.url);
    const upstream = connect(server.port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    upstream.on('error', () => client.destroy()).pipe(client);
    client.on('error', () => upstream.destroy()).pipe(upstream);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const file = join(directory, 'proxy-config');
    const { port } = proxy.address() as AddressInfo;
    const cluster = `certificate-authority: ${fixture('ca.pem')}, proxy-url: "http://127.0.0.1:${port}"`;
    writeFileSync(file, kubeconfig(server, 'token: t', cluster));
    const { source, sink } = await run({ kubeconfig: { file } });
    await synced(sink);
    await source.stop();
    expect(new Set(tunnels)).toEqual(new Set([`127.0.0.1:${server.port}`]));
    await eventually(() => expect(server.openSockets).toBe(0));
  } finally {
    proxy.close();
  }
});

test("an operator's mistake is a SourceError of start", async () => {
  await expect(run({ kubeconfig: { file: '/nowhere/config' } })).rejects.toThrow(SourceError);
});
