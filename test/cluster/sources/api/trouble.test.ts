import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { IMPORTS, NAMESPACES, SERVICES } from './fake-api-server.ts';
import { answer, type Fault, hangUp, silence, status } from './faults.ts';
import { eventually, fakeServer, run, synced } from './harness.ts';
import { namespace, service } from './objects.ts';

const html: Fault = (_request, response) => void response.writeHead(502).end('<html>Bad gateway</html>');

test.each<[string, Fault, string]>([
  [
    '401',
    status(401, 'Unauthorized'),
    '401 Unauthorized: Unauthorized; check that the token or client certificate is current and of this cluster',
  ],
  [
    '403',
    status(403, 'services is forbidden'),
    '403 Forbidden: services is forbidden; grant list and watch on services to the service account',
  ],
  ['404', status(404, 'no'), '404 Not Found: no; the API server does not offer v1 services'],
  ['429', status(429, 'slow down', { 'Retry-After': '1' }), '429 Too Many Requests: slow down'],
  ['500', status(500, 'etcd is slow'), '500 Internal Server Error: etcd is slow'],
  ["a proxy's 502", html, '502 Bad Gateway'],
  ['silence', silence, 'no answer within 0.05 s; check the API server and what stands between'],
  ['hanging up', hangUp, 'socket hang up; check the API server and what stands between'],
])('%s is told once, retried, and forgotten when it is over', async (_title, fault, said) => {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  for (let times = 0; times < 4; times++) server.failNext(SERVICES, 'list', fault);
  // A busy machine may take that long for the others too.
  const bounds = fault === silence ? { requestMs: 50 } : {};
  const { sink, log } = await run({ endpoint: server.url, bounds });
  await synced(sink);
  expect(sink.names('Service')).toEqual(['shop/a']);
  expect(log.lines.filter((line) => line.includes('list') && line.includes('v1.Service'))).toEqual([
    `[ERROR] Failed to list v1.Service at ${server.url}: ${said}`,
    `[INFO] The list of v1.Service at ${server.url} works again`,
  ]);
});

test('a refusal whose body does not end is read only so far', async () => {
  const server = await fakeServer();
  server.failNext(SERVICES, 'list', (_request, response) => {
    response.writeHead(403);
    const more = () => {
      while (response.writable && response.write('x'.repeat(1_000)));
    };
    response.on('drain', more);
    more();
  });
  const { sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  expect(log.lines[0]).toMatch(/403 Forbidden: x+; grant list and watch/);
});

test('a change of reason is told', async () => {
  const server = await fakeServer();
  for (const code of [500, 500, 403, 403, 500]) server.failNext(SERVICES, 'list', status(code, 'so'));
  const { sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  const told = log.lines.flatMap((line) => /Failed to list v1.Service at \S+ (\d+)/.exec(line)?.[1] ?? []);
  expect(told).toEqual(['500', '403', '500']);
});

test('a watch that may not be opened while lists may: told once, the list not repeated', async () => {
  const server = await fakeServer();
  for (let times = 0; times < 4; times++) {
    server.failNext(SERVICES, 'watch', status(403, 'cannot watch services'));
  }
  const { sink, log } = await run({ endpoint: server.url });
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(5));
  server.put(SERVICES, service('a'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a']));
  expect(server.lists(SERVICES)).toHaveLength(1);
  expect(log.lines).toEqual([
    `[ERROR] Failed to watch v1.Service at ${server.url}: 403 Forbidden: cannot watch services; grant list and watch on services to the service account`,
    `[INFO] The watch of v1.Service at ${server.url} works again`,
  ]);
});

test('while a watch fails, changes are said not to arrive', async () => {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  const { sink } = await run({ endpoint: server.url });
  await synced(sink);
  expect(sink.interrupted).toEqual(new Set());
  const held = Promise.withResolvers<void>();
  server.failNext(SERVICES, 'watch', status(500, 'away'));
  server.failNext(SERVICES, 'watch', (_request, response) => {
    void held.promise.then(() => response.writeHead(500).end());
  });
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(1));
  server.breakStreams(SERVICES);
  await eventually(() => expect(server.pendingFaults).toBe(0));
  expect(sink.interrupted).toEqual(new Set(['Service']));
  held.resolve();
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(sink.interrupted).toEqual(new Set());
});

test('they are said to arrive again as soon as a watch stands, though nothing changes', async () => {
  const server = await fakeServer();
  const { sink } = await run({ endpoint: server.url });
  await synced(sink);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(1));
  server.failNext(SERVICES, 'watch', status(500, 'away'));
  server.breakStreams(SERVICES);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(3));
  await eventually(() => expect(sink.interrupted).toEqual(new Set()));
});

test('a watch that fails again after every list is told once', async () => {
  const server = await fakeServer();
  for (let times = 0; times < 4; times++) server.failNext(SERVICES, 'watch', answer('garbage\n'));
  const { sink, log } = await run({ endpoint: server.url });
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(5));
  server.put(SERVICES, service('a'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a']));
  expect(server.lists(SERVICES)).toHaveLength(5);
  expect(log.lines).toHaveLength(2);
});

test('a server that is not there yet is waited for', async () => {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  const { url } = server;
  await server.stop();
  const { sink, log } = await run({ endpoint: url });
  await eventually(() => expect(log.lines).toHaveLength(2));
  expect(log.lines[0]).toContain('ECONNREFUSED');
  expect(log.lines[0]).toMatch(/; check that the API server runs and listens at this address$/);
  await server.start();
  await synced(sink);
  expect(sink.names('Service')).toEqual(['shop/a']);
});

test('a server that goes away and comes back is watched again, from where it was', async () => {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  const { sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  await server.stop();
  await eventually(() => expect(log.lines.some((line) => line.includes('ECONNREFUSED'))).toBe(true));
  expect(sink.names('Service')).toEqual(['shop/a']);
  server.put(SERVICES, service('b'));
  await server.start();
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(server.lists(SERVICES)).toHaveLength(1);
});

test('an unknown host is told as such', async () => {
  // RFC 6761 §6.4: never a host.
  const { log } = await run({ endpoint: 'http://api.invalid:6443' });
  await eventually(() =>
    expect(log.lines[0]).toMatch(
      /^\[ERROR\] Failed to list v1\.\w+ at http:\/\/api\.invalid:6443: .*api\.invalid; check the host name/,
    ),
  );
});

test('something that speaks no HTTP is told as such', async () => {
  // A client that understands nothing may reset.
  const server = createServer(
    (socket) => void socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'),
  ).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { source, log } = await run({ endpoint: `http://127.0.0.1:${port}` });
    await eventually(() => expect(log.lines[0]).toMatch(/that of a Kubernetes API server/));
    await source.stop();
  } finally {
    server.close();
  }
});

test('Retry-After is waited for, however often others are asked meanwhile', async () => {
  const server = await fakeServer();
  server.failNext(SERVICES, 'list', status(429, 'slow down', { 'Retry-After': '3600' }));
  for (let times = 0; times < 12; times++) server.failNext(NAMESPACES, 'list', status(500, 'so'));
  const { sink } = await run({ endpoint: server.url, bounds: { retryAfterMaxMs: 3_600_000 } });
  await synced(sink, 1);
  expect(server.lists(NAMESPACES)).toHaveLength(13);
  expect(server.lists(SERVICES)).toHaveLength(1);
});

test('ServiceImports whose CRD is missing hold up nothing else, and come with the CRD', async () => {
  const server = await fakeServer();
  server.missing.add(IMPORTS);
  server.put(NAMESPACES, namespace('shop'));
  const { sink, log } = await run({ endpoint: server.url, endpoints: true, multicluster: true });
  await synced(sink, 3);
  await eventually(() => expect(server.lists(IMPORTS).length).toBeGreaterThan(3));
  expect(sink.synced.has('ServiceImport')).toBe(false);
  expect(log.lines).toEqual([
    `[ERROR] Failed to list v1alpha1.ServiceImport at ${server.url}: 404 Not Found: 404 page not found; install the CRDs of the Multi-Cluster Services API, or remove multicluster from the Corefile`,
  ]);
  server.missing.clear();
  await synced(sink, 4);
});
