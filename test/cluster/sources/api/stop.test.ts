import { expect, test } from 'vitest';
import { SERVICES } from './fake-api-server.ts';
import { silence, status } from './faults.ts';
import { eventually, fakeServer, run, synced } from './harness.ts';
import { service } from './objects.ts';

test('stop ends the watches, closes the connections, and nothing arrives any more', async () => {
  const server = await fakeServer();
  const { source, sink, log } = await run({ endpoint: server.url });
  await synced(sink);
  await eventually(() => expect(server.streams.size).toBe(2));
  await source.stop();
  await eventually(() => expect(server.openSockets).toBe(0));
  const asked = server.seen.length;
  server.put(SERVICES, service('a'));
  expect(sink.names('Service')).toEqual([]);
  expect(server.seen).toHaveLength(asked);
  expect(log.lines).toEqual([]);
});

test('stop does not wait for a server that says nothing', async () => {
  const server = await fakeServer();
  server.failNext(SERVICES, 'list', silence);
  const { source, sink } = await run({ endpoint: server.url, bounds: { requestMs: 1_000_000 } });
  await synced(sink, 1);
  await source.stop();
  expect(sink.synced.has('Service')).toBe(false);
});

test('stop does not wait for a page that does not end', async () => {
  const server = await fakeServer();
  let begun = false;
  server.failNext(SERVICES, 'list', (_request, response) => {
    response.writeHead(200).write('{"metadata":', () => {
      begun = true;
    });
  });
  const { source } = await run({ endpoint: server.url, bounds: { requestMs: 1_000_000 } });
  await eventually(() => expect(begun).toBe(true));
  await source.stop();
});

test('stop does not wait for a back-off', async () => {
  const server = await fakeServer();
  server.failNext(SERVICES, 'list', status(500, 'so'));
  const bounds = { backoffMinMs: 1_000_000, backoffMaxMs: 1_000_000 };
  const { source, log } = await run({ endpoint: server.url, bounds });
  await eventually(() => expect(log.lines).toHaveLength(1));
  await source.stop();
  // The connection of the failed list was kept for the next one.
  await eventually(() => expect(server.openSockets).toBe(0));
  expect(server.lists(SERVICES)).toHaveLength(1);
});

test('stop a second time changes nothing', async () => {
  const server = await fakeServer();
  const { source } = await run({ endpoint: server.url });
  await source.stop();
  await source.stop();
});
