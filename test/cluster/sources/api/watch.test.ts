import { expect, test } from 'vitest';
import { SERVICES, SLICES } from './fake-api-server.ts';
import { answer, cutAfter, type Fault, status } from './faults.ts';
import { eventually, fakeServer, run, synced } from './harness.ts';
import { service, slice } from './objects.ts';

/** A source in the midst of its watch of one Service. */
async function watching(options: Parameters<typeof run>[0] = {}) {
  const server = await fakeServer();
  server.put(SERVICES, service('a'));
  const running = await run({ endpoint: server.url, ...options });
  await synced(running.sink, options.endpoints ? 3 : 2);
  await eventually(() => expect(server.streams.size).toBeGreaterThanOrEqual(2));
  return { server, ...running };
}

test('what is added, changed and deleted arrives as such', async () => {
  const { server, sink, log } = await watching();
  server.put(SERVICES, service('b'));
  server.put(SERVICES, service('a', 'elsewhere.example'));
  server.delete(SERVICES, 'b', 'shop');
  await eventually(() =>
    expect(sink.steps.filter((step) => step.includes('shop/'))).toEqual([
      'upsert Service shop/b',
      'upsert Service shop/a',
      'remove Service shop/b',
    ]),
  );
  expect(sink.objects.get('Service shop/a')).toMatchObject({ externalName: 'elsewhere.example' });
  expect(server.watches(SERVICES)).toHaveLength(1);
  expect(log.lines).toEqual([]);
});

test('a watch that ends is resumed from the last version, a bookmark counting', async () => {
  const { server, sink, log } = await watching({ endpoints: true });
  // Changes elsewhere move the version on; only the bookmark tells the watch of Services.
  server.put(SLICES, slice('s'));
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(2));
  expect(server.watches(SERVICES).map(({ query }) => query.get('resourceVersion'))).toEqual(['2', '3']);
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(server.lists(SERVICES)).toHaveLength(1);
  expect(log.lines).toEqual([]);
});

test('what happened between two watches is not lost', async () => {
  const { server, sink } = await watching();
  server.failNext(SERVICES, 'watch', (_request, response) => {
    server.put(SERVICES, service('b'));
    server.delete(SERVICES, 'a', 'shop');
    response.destroy();
  });
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/b']));
  expect(server.lists(SERVICES)).toHaveLength(1);
});

test.each(['status', 'event'] as const)(
  'a version too old, as %s: a list beside what is served',
  async (goneAs) => {
    const { server, sink, log } = await watching();
    server.goneAs = goneAs;
    server.put(SERVICES, service('b'));
    await eventually(() => expect(sink.names('Service')).toHaveLength(2));
    let release = () => {};
    server.failNext(SERVICES, 'list', (_request, response) => {
      const page = { metadata: { resourceVersion: '9' }, items: server.objects(SERVICES) };
      release = () => void response.writeHead(200).end(JSON.stringify(page));
    });
    server.stallStreams(SERVICES);
    server.delete(SERVICES, 'a', 'shop');
    server.compact();
    server.endStreams(SERVICES);
    await eventually(() => expect(server.pendingFaults).toBe(0));
    expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']);
    release();
    await eventually(() => expect(sink.names('Service')).toEqual(['shop/b']));
    expect(log.lines[0]).toMatch(
      /^\[INFO\] Listing v1.Service at .* anew: 410 Gone: too old resource version: 3$/,
    );
  },
);

test.each<[string, Fault]>([
  ['the stream is cut', cutAfter('{"type":"ADDED","object":{"metadata":{"name":"half')],
  ['the stream ends as it should', answer('{"type":"ADDED","object":{"metadata":{"name":"half')],
])('half a line is dropped when %s', async (_title, fault) => {
  const { server, sink } = await watching();
  server.failNext(SERVICES, 'watch', fault);
  server.bookmark(SERVICES);
  server.endStreams(SERVICES);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(3));
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(server.watches(SERVICES).map(({ query }) => query.get('resourceVersion'))).toEqual(['2', '2', '2']);
  expect(server.lists(SERVICES)).toHaveLength(1);
});

test('a stream that is cut after it was of use is no failure', async () => {
  const { server, sink, log } = await watching();
  server.put(SERVICES, service('b'));
  server.send(SERVICES, '{"type":"MODIFIED","obj');
  await eventually(() => expect(sink.names('Service')).toHaveLength(2));
  server.breakStreams(SERVICES);
  await eventually(() => expect(server.watches(SERVICES)).toHaveLength(2));
  expect(server.watches(SERVICES)[1]?.query.get('resourceVersion')).toBe('3');
  expect(log.lines).toEqual([]);
});

test.each([1, 2, 3, 7])('characters survive pieces of %i octets', async (chunkBytes) => {
  const { server, sink } = await watching();
  server.chunkBytes = chunkBytes;
  server.put(SERVICES, service('b', 'grüße-日本-🐦.example'));
  await eventually(() =>
    expect(sink.objects.get('Service shop/b')).toMatchObject({ externalName: 'grüße-日本-🐦.example' }),
  );
});

test.each([
  ['a line beyond the bound', `"${'x'.repeat(2_000)}`],
  ['a line that is no JSON', '{"type":"ADDED","object":nothing}\n'],
  ['an event without a version', '{"type":"ADDED","object":{"metadata":{"name":"b"}}}\n'],
  ['an event without an object', '{"type":"ADDED","object":{"metadata":{"resourceVersion":"9"}}}\n'],
  ['an event of unknown type', '{"type":"MOVED","object":{"metadata":{"name":"b","resourceVersion":"9"}}}\n'],
  ['a line that is null', 'null\n'],
])('%s ends the watch; a list makes good', async (_title, text) => {
  const { server, sink, log } = await watching({ bounds: { watchLineBytes: 1_000 } });
  server.send(SERVICES, text);
  await eventually(() => expect(sink.count('finish Service')).toBe(2));
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(log.lines.filter((line) => line.includes('Failed to watch v1.Service'))).toHaveLength(1);
});

test('a watch on which nothing at all arrives is given up and resumed', async () => {
  const { server, sink, log } = await watching({ bounds: { watchSilenceMs: 150 } });
  server.stallStreams(SERVICES);
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(server.lists(SERVICES)).toHaveLength(1);
  // A server may send no bookmarks: no failure.
  expect(log.lines).toEqual([]);
});

test.each([
  [500, 'server-error', 1],
  // A version from before etcd was restored from a backup, as servers put it.
  [400, 'invalid resource version', 2],
  [504, 'Too large resource version', 2],
])('a watch refused with %i (%s): %i list(s) in the end', async (code, message, lists) => {
  const { server, sink } = await watching();
  server.failNext(SERVICES, 'watch', status(code, message));
  server.endStreams(SERVICES);
  await eventually(() => expect(server.watches(SERVICES).length).toBeGreaterThanOrEqual(3));
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(server.lists(SERVICES)).toHaveLength(lists);
});

test('a sink that fails loses nothing: the event comes again', async () => {
  const { server, sink, log } = await watching();
  const upsert = sink.upsert.bind(sink);
  sink.upsert = (object) => {
    sink.upsert = upsert;
    throw new Error(`no room for ${object.name}`);
  };
  server.put(SERVICES, service('b'));
  await eventually(() => expect(sink.names('Service')).toEqual(['shop/a', 'shop/b']));
  expect(log.lines[0]).toContain('no room for b');
});
