import { expect, test } from 'vitest';
import { IMPORTS, NAMESPACES, PODS, SERVICES, SLICES } from './fake-api-server.ts';
import { answer, hangUp, status } from './faults.ts';
import { eventually, fakeServer, run, synced } from './harness.ts';
import { namespace, service } from './objects.ts';

const FIVE = ['a', 'b', 'c', 'd', 'e'];
const FIVE_NAMES = FIVE.map((name) => `shop/${name}`);

async function serverWithFive() {
  const server = await fakeServer();
  for (const name of FIVE) server.put(SERVICES, service(name));
  return server;
}

test('a list comes page by page, and the watch goes on from its version', async () => {
  const server = await serverWithFive();
  const { sink, log } = await run({ endpoint: server.url, bounds: { pageObjects: 2 } });
  await synced(sink);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(1));
  expect(sink.names('Service')).toEqual(FIVE_NAMES);
  const lists = server.lists(SERVICES);
  expect(lists.map(({ query }) => query.get('limit'))).toEqual(['2', '2', '2']);
  expect(lists.map(({ query }) => query.has('continue'))).toEqual([false, true, true]);
  // Five changes after version 1.
  expect(server.watches(SERVICES)[0]?.query.get('resourceVersion')).toBe('6');
  expect(log.lines).toEqual([]);
});

test('a new list takes over what is known in the same version, and reads the rest', async () => {
  const server = await serverWithFive();
  const { sink } = await run({ endpoint: server.url, bounds: { pageObjects: 2 } });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  server.stallStreams(SERVICES);
  server.put(SERVICES, service('b', 'elsewhere.example'));
  server.delete(SERVICES, 'c', 'shop');
  server.put(SERVICES, service('f'));
  server.compact();
  server.endStreams(SERVICES);
  await eventually(() => expect(sink.count('finish Service')).toBe(2));
  expect(sink.held).toEqual(['Service shop/a', 'Service shop/d', 'Service shop/e']);
  expect(sink.names('Service')).toEqual(['a', 'b', 'd', 'e', 'f'].map((name) => `shop/${name}`));
  expect(sink.objects.get('Service shop/b')).toMatchObject({ externalName: 'elsewhere.example' });
});

test('every resource is asked for with its selectors and our name', async () => {
  const server = await fakeServer();
  const options = { pods: true, multicluster: true, endpoints: true };
  const { sink } = await run({
    endpoint: server.url,
    ...options,
    labels: 'app in (web, db)',
    namespaceLabels: 'team=a',
  });
  await synced(sink, 5);
  await eventually(() => expect(server.streams.size).toBe(5));
  const live = 'status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown';
  const selectors = {
    [SERVICES]: 'app in (web, db)',
    [SLICES]: 'app in (web, db)',
    [PODS]: 'app in (web, db)',
  };
  for (const path of [SERVICES, SLICES, PODS, NAMESPACES, IMPORTS]) {
    for (const [request] of [server.lists(path), server.watches(path)]) {
      const wanted = { ...selectors, [NAMESPACES]: 'team=a' }[path] ?? null;
      expect(request?.query.get('labelSelector'), path).toBe(wanted);
      expect(request?.query.get('fieldSelector'), path).toBe(path === PODS ? live : null);
      expect(request?.headers['user-agent'], path).toBe('CorviDNS/1.2.3');
    }
    const watch = server.watches(path)[0]?.query;
    expect(watch?.get('allowWatchBookmarks')).toBe('true');
    expect(Number(watch?.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
    expect(Number(watch?.get('timeoutSeconds'))).toBeLessThanOrEqual(600);
  }
});

test('a path before the API is kept', async () => {
  const server = await fakeServer();
  await run({ endpoint: `${server.url}/k8s/clusters/c-1/` });
  await eventually(() =>
    expect(server.seen.map(({ path }) => path)).toContain(`/k8s/clusters/c-1${SERVICES}`),
  );
});

test('an endpoint without a scheme is plain HTTP', async () => {
  const server = await fakeServer();
  const { sink } = await run({ endpoint: `127.0.0.1:${server.port}` });
  await synced(sink);
});

test('a page that fails is asked for again, not the whole list', async () => {
  const server = await serverWithFive();
  server.failNext(SERVICES, 'list', (request, response) => {
    server.failNext(SERVICES, 'list', status(500, 'etcd is slow'));
    server.answer(request, response);
  });
  const { sink } = await run({ endpoint: server.url, bounds: { pageObjects: 2 } });
  await synced(sink);
  expect(sink.names('Service')).toEqual(FIVE_NAMES);
  const tokens = server.lists(SERVICES).map(({ query }) => query.get('continue'));
  expect(tokens).toHaveLength(4);
  expect(tokens[2]).toBe(tokens[1]);
  expect(sink.count('list Service')).toBe(1);
});

test('a list that the server no longer knows is begun anew', async () => {
  const server = await serverWithFive();
  server.failNext(SERVICES, 'list', (request, response) => {
    server.answer(request, response);
    server.delete(SERVICES, 'a', 'shop');
    server.compact();
  });
  const { sink, log } = await run({ endpoint: server.url, bounds: { pageObjects: 2 } });
  await synced(sink);
  expect(sink.names('Service')).toEqual(FIVE_NAMES.slice(1));
  expect(sink.count('list Service')).toBe(2);
  expect(sink.count('finish Service')).toBe(1);
  expect(log.lines[0]).toMatch(
    /^\[INFO\] Listing v1.Service .* 410 Gone: The provided continue parameter is/,
  );
});

test('a page that is too large is asked for with fewer objects', async () => {
  const server = await serverWithFive();
  server.put(SERVICES, service('f', 'x'.repeat(200)));
  // One of these objects has some 150 octets, the last one twice that.
  const { sink } = await run({ endpoint: server.url, bounds: { pageObjects: 500, pageBytes: 600 } });
  await synced(sink);
  expect(sink.names('Service')).toEqual([...FIVE_NAMES, 'shop/f']);
  expect(Number(server.lists(SERVICES).at(-1)?.query.get('limit'))).toBeLessThan(5);
  expect(sink.count('list Service')).toBe(1);
});

test('one object beyond the bound is told, and told once', async () => {
  const server = await fakeServer();
  server.put(SERVICES, service('huge', 'x'.repeat(2_000)));
  const { sink, log } = await run({ endpoint: server.url, bounds: { pageObjects: 1, pageBytes: 600 } });
  await eventually(() => expect(server.lists(SERVICES).length).toBeGreaterThan(3));
  expect(sink.synced.has('Service')).toBe(false);
  expect(log.lines).toEqual([
    `[ERROR] Failed to list v1.Service at ${server.url}: a page of a list has more than 600 octets; look for an oversized object among services`,
  ]);
});

test.each([
  ['{"metadata":{"resourceVersion":"5"},"items":[{"metadata"', 'not JSON'],
  ['<html>Log in here</html>', 'not JSON'],
  ['null', 'the answer is not a list of Kubernetes objects'],
  ['{}', 'the answer is not a list of Kubernetes objects'],
  ['{"metadata":{"resourceVersion":"5"},"items":{}}', 'the answer is not a list of Kubernetes objects'],
])('an answer of %j is not taken for an empty list', async (text, said) => {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  const { sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  server.failNext(SERVICES, 'watch', status(410, 'too old'));
  server.failNext(SERVICES, 'list', answer(text));
  server.endStreams(SERVICES);
  await eventually(() => expect(sink.count('finish Service')).toBe(2));
  expect(sink.names('Service')).toEqual(['shop/a']);
  expect(log.lines.join('\n')).toContain(said);
});

test('a kept connection that the server has closed costs neither a wait nor a log line', async () => {
  const server = await serverWithFive();
  server.failNext(SERVICES, 'list', (_request, response) => {
    const page = { metadata: { resourceVersion: '6', continue: 'lost:2' }, items: [] };
    response.writeHead(200).end(JSON.stringify(page));
    server.failNext(SERVICES, 'list', hangUp);
    server.failNext(SERVICES, 'list', answer('{"metadata":{"resourceVersion":"6"},"items":[]}'));
  });
  const { sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  expect(server.lists(SERVICES)).toHaveLength(3);
  expect(log.lines).toEqual([]);
});

test('a list counts as of its first page', async () => {
  const server = await serverWithFive();
  server.failNext(SERVICES, 'list', (_request, response) => {
    const page = { metadata: { resourceVersion: '3', continue: 'later:2' }, items: [] };
    response.writeHead(200).end(JSON.stringify(page));
    server.failNext(SERVICES, 'list', answer('{"metadata":{"resourceVersion":"6"},"items":[]}'));
  });
  const { sink } = await run({ endpoint: server.url });
  // What came after version 3 is in no page, so the watch must bring it.
  await eventually(() => expect(sink.names('Service')).toEqual(FIVE_NAMES.slice(2)));
});

test('Namespaces are listed as well', async () => {
  const server = await fakeServer();
  server.put(NAMESPACES, namespace('shop'));
  const { sink } = await run({ endpoint: server.url });
  await synced(sink);
  expect(sink.names('Namespace')).toEqual(['/shop']);
});
