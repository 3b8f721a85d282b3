import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type OpenRoute, openRoute, respond } from '../../src/plugins/http-listener.ts';
import { ask, freePort, isRefused } from '../support/http.ts';

const saying = (body: string) => (_request: unknown, response: Parameters<typeof respond>[0]) =>
  respond(response, 200, body);

function open(port: number, path: string, body: string, host = '127.0.0.1'): Promise<OpenRoute> {
  return openRoute({ directive: 'test', address: { host, port }, path, handler: saying(body) });
}

describe('one address', () => {
  test('serves the paths of several, and closes with the last', async () => {
    const port = await freePort();
    const health = await open(port, '/health', 'OK');
    const ready = await open(port, '/ready', 'yes');
    expect(await ask(port, '/health?verbose')).toEqual({ status: 200, body: 'OK' });
    expect(await ask(port, '/ready')).toEqual({ status: 200, body: 'yes' });
    expect(await ask(port, '/')).toEqual({ status: 404, body: '404 page not found\n' });
    await health.close();
    expect((await ask(port, '/health')).status).toBe(404);
    expect(await ask(port, '/ready')).toEqual({ status: 200, body: 'yes' });
    await ready.close();
    expect(await isRefused(port)).toBe(true);
  });

  test('of two for one path the older answers until it leaves', async () => {
    const port = await freePort();
    const [old, next] = await Promise.all([open(port, '/ready', 'old'), open(port, '/ready', 'new')]);
    expect((await ask(port, '/ready')).body).toBe('old');
    await old.close();
    await old.close();
    expect((await ask(port, '/ready')).body).toBe('new');
    await next.close();
    expect(await isRefused(port)).toBe(true);
  });

  test('is free again after the last has left', async () => {
    const port = await freePort();
    await (await open(port, '/a', 'first')).close();
    const again = await open(port, '/a', 'second');
    expect((await ask(port, '/a')).body).toBe('second');
    await again.close();
  });

  test('port 0 is never shared', async () => {
    const routes = await Promise.all([open(0, '/a', '1'), open(0, '/a', '2')]);
    expect(routes[0]?.address.port).not.toBe(routes[1]?.address.port);
    for (const route of routes) await route.close();
  });
});

test('localhost is 127.0.0.1', async () => {
  const route = await open(0, '/a', 'x', 'localhost');
  expect(route.address.address).toBe('127.0.0.1');
  await route.close();
});

test('a request under way is answered before the listener is gone', async () => {
  let answer = () => {};
  const asked = Promise.withResolvers<void>();
  const route = await openRoute({
    directive: 'test',
    address: { host: '127.0.0.1', port: 0 },
    path: '/slow',
    handler: (_request, response) => {
      answer = () => respond(response, 200, 'late');
      asked.resolve();
    },
  });
  const reply = ask(route.address.port, '/slow');
  await asked.promise;
  const closed = route.close();
  expect(await isRefused(route.address.port)).toBe(true);
  answer();
  expect(await reply).toEqual({ status: 200, body: 'late' });
  await closed;
});

test('junk costs its sender the connection, nobody else', async () => {
  const route = await open(0, '/a', 'x');
  const socket = connect(route.address.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume().end('\x16\x03\x01 not HTTP\r\n\r\n');
  await once(socket, 'close');
  expect((await ask(route.address.port, '/a')).body).toBe('x');
  await route.close();
});

describe('bounds', () => {
  test('a connection too many is closed, and there is room again after one has left', async () => {
    const route = await open(0, '/a', 'x');
    const sockets = Array.from({ length: limits.httpConnections }, () =>
      connect(route.address.port, '127.0.0.1').on('error', () => {}),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await expect(ask(route.address.port, '/a')).rejects.toThrow();
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect((await ask(route.address.port, '/a')).body).toBe('x'));
    await route.close();
  });

  test('headers without end are refused', async () => {
    const route = await open(0, '/a', 'x');
    const headers = { filler: 'f'.repeat(limits.httpHeaderBytes), connection: 'close' };
    const response = await fetch(`http://127.0.0.1:${route.address.port}/a`, { headers });
    expect(response.status).toBe(431);
    await response.text();
    await route.close();
  });

  test('who does not finish a request is hung up on', async () => {
    const route = await open(0, '/a', 'x');
    const socket = connect(route.address.port, '127.0.0.1').on('error', () => {});
    socket.resume().write('GET /a HTTP/1.1\r\n');
    await once(socket, 'close');
    await route.close();
  });
});

describe('what can not be listened on', () => {
  test('an address in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(open(port, '/a', '')).rejects.toThrow(
      `listen tcp 127.0.0.1:${port}: address already in use: stop what listens there, or give test another address`,
    );
    await new Promise((resolve) => other.close(resolve));
    const route = await open(port, '/a', 'works once it is free');
    await route.close();
  });

  const cases: [host: string, message: string][] = [
    ['192.0.2.1', 'listen tcp 192.0.2.1:0: cannot assign requested address: no interface of this machine'],
    ['2001:db8::1', 'listen tcp [2001:db8::1]:0: '],
    ['no-such-host.invalid', 'listen tcp no-such-host.invalid:0: no such host: correct the test line'],
  ];
  test.each(cases)('%s', async (host, message) => {
    await expect(open(0, '/a', '', host)).rejects.toThrow(message);
  });
});
