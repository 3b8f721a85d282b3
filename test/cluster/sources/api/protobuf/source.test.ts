/** A source whose API server writes Protocol Buffers. */
import { expect, test } from 'vitest';
import { IMPORTS, NAMESPACES, SERVICES } from '../fake-api-server.ts';
import { answer, type Fault } from '../faults.ts';
import { eventually, fakeServer, run, synced } from '../harness.ts';
import { namespace, service } from '../objects.ts';
import { delimited, eventFrame, objectMessage, wrapped } from './writer.ts';

const BOTH = 'application/vnd.kubernetes.protobuf, application/json';

async function protobufServer() {
  const server = await fakeServer();
  server.protobuf = true;
  return server;
}

/** What is no text in a fault that writes text. */
function octets(type: string, body: Buffer, code = 200): Fault {
  return (_request, response) => void response.writeHead(code, { 'Content-Type': type }).end(body);
}

test('lists and watches ask for it, with JSON for who does not write it; what a CRD defines is JSON', async () => {
  const server = await protobufServer();
  await run({ endpoint: server.url, multicluster: true });
  await eventually(() => expect(server.streams.size).toBe(4));
  const asked = server.seen.map(({ path, headers }) => [path, headers.accept]);
  expect(asked).toContainEqual([SERVICES, BOTH]);
  for (const [path, accept] of asked) expect(accept).toBe(path === IMPORTS ? 'application/json' : BOTH);
});

test.each([0, 1, 7])('a list in pages, then changes in pieces of %i octets', async (chunkBytes) => {
  const server = await protobufServer();
  server.chunkBytes = chunkBytes;
  for (const name of ['a', 'b', 'c']) server.put(SERVICES, service(name, 'b\u00fccher.test'));
  server.put(NAMESPACES, namespace('shop'));
  const { sink, log } = await run({ endpoint: server.url, bounds: { pageObjects: 2 } });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  server.put(SERVICES, service('d'));
  server.put(SERVICES, service('a', 'b\u00e4cher.test'));
  server.delete(SERVICES, 'b', 'shop');
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/c', 'shop/d']));
  expect(sink.objects.get('Service shop/a')).toMatchObject({ externalName: 'b\u00e4cher.test' });
  expect(sink.objects.get('Service shop/c')).toMatchObject({ externalName: 'b\u00fccher.test' });
  expect(sink.names('Namespace')).toEqual(['/shop']);
  expect(log.lines.filter((line) => line.startsWith('[ERROR]'))).toEqual([]);
});

test('a bookmark counts', async () => {
  const server = await protobufServer();
  const { sink } = await run({ endpoint: server.url });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  server.put(NAMESPACES, namespace('other'));
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(2));
  const [first, second] = server.watches(SERVICES).map(({ query }) => Number(query.get('resourceVersion')));
  expect(second).toBe(Number(first) + 1);
});

test('a server that begins to write it in the middle, and one that ends to, is understood', async () => {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  const { sink } = await run({ endpoint: server.url });
  await synced(sink);
  for (const [name, protobuf] of [
    ['b', true],
    ['c', false],
  ] as const) {
    await eventually(() => expect(server.streams.size).toBe(2));
    server.protobuf = protobuf;
    server.endStreams(SERVICES);
    server.put(SERVICES, service(name));
    await eventually(() => expect(sink.names('Service')).toContain(`shop/${name}`));
  }
});

test.each(['status', 'event'] as const)(
  'a version that is gone, told as %s, leads to a new list',
  async (goneAs) => {
    const server = await protobufServer();
    server.goneAs = goneAs;
    server.put(SERVICES, service('a'));
    const { sink, log } = await run({ endpoint: server.url });
    await synced(sink);
    await eventually(() => expect(server.streams.size).toBe(2));
    server.compact();
    server.endStreams(SERVICES);
    await eventually(() => expect(server.lists(SERVICES)).toHaveLength(2));
    server.put(SERVICES, service('b'));
    await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
    await eventually(() => expect(log.lines.join('\n')).toContain('410 Gone: too old resource version'));
  },
);

const refused = wrapped('Status', objectMessage('Status', { message: 'services is forbidden', code: 403 }));
test.each<[string, 'list' | 'watch', Fault, string]>([
  [
    'a refusal',
    'list',
    octets('application/vnd.kubernetes.protobuf', refused, 403),
    '403 Forbidden: services is forbidden',
  ],
  [
    'half a refusal',
    'list',
    octets('application/vnd.kubernetes.protobuf', refused.subarray(0, 20), 403),
    '403 Forbidden',
  ],
  [
    'a list of nothing known',
    'list',
    octets('', wrapped('PodList', delimited(1, delimited(2, '7')))),
    'not a list',
  ],
  ['an event of another kind', 'watch', ofWatch(eventFrame('Pod', 'ADDED', {})), 'not a watch event'],
  [
    'an event without a version',
    'watch',
    ofWatch(eventFrame('Service', 'ADDED', {})),
    'without a resourceVersion',
  ],
  ['an event that is none', 'watch', ofWatch(Buffer.from([0, 0, 0, 2, 0x12, 9])), 'not a watch event'],
  ['an event beyond the bound', 'watch', ofWatch(Buffer.alloc(4, 0x7f)), 'a watch event has more than'],
])('%s is told, and another try made', async (_what, verb, fault, told) => {
  const server = await protobufServer();
  server.put(SERVICES, service('a'));
  server.failNext(SERVICES, verb, fault);
  const { sink, log } = await run({ endpoint: server.url });
  await eventually(() => expect(log.lines.join('\n')).toContain(told));
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
});

function ofWatch(body: Buffer): Fault {
  return octets('application/vnd.kubernetes.protobuf;stream=watch', body);
}

test('JSON in place of what its header says is no event', async () => {
  const server = await protobufServer();
  server.failNext(SERVICES, 'list', answer('{"metadata":{}}'));
  const { sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  expect(log.lines.join('\n')).toContain('not a list of Kubernetes objects');
});
