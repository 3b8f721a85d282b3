/** Start and stop: hooks, answers under way, and that nothing is left open. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RunningServer, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { delays, hooks, resetProbes, trail } from './probe-plugin.ts';
import { answered, block, reload, takenPort } from './probe-server.ts';
import { isRefused } from './tcp-client.ts';

vi.mock('../../src/plugins/order.ts', async (original) =>
  (await import('./probe-plugin.ts')).withProbe(original),
);

let running: RunningServer;
beforeEach(async () => {
  resetProbes();
  running = await startServer(block('one'));
});
afterEach(async () => {
  resetProbes();
  await running[Symbol.asyncDispose]();
});

test('answers under way are sent after the hooks, then the ports are closed', async () => {
  const { server, port } = running;
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  delays.set('one', () => {
    asked.resolve();
    return release.promise;
  });
  const waiting = answered(port);
  await asked.promise;
  const stopped = server.stop();
  await until('the hooks have run', () => trail.includes('final one'));
  release.resolve();
  expect(await waiting).toBe('one');
  expect(await stopped).toEqual({ hookErrors: [] });
  expect(await isRefused(port)).toBe(true);
  expect(server.ports.size).toBe(0);
});

test('queries are answered until every hook is through', async () => {
  const { server, port } = running;
  const lameduck = Promise.withResolvers<void>();
  hooks.set('final one', () => lameduck.promise);
  const stopped = server.stop();
  await until('the last hook has begun', () => trail.includes('final one'));
  expect(await answered(port)).toBe('one');
  lameduck.resolve();
  await stopped;
  expect(await isRefused(port)).toBe(true);
});

test('hooks that fail stop nothing and are reported', async () => {
  hooks.set('shutdown one', () => {
    throw new Error('first');
  });
  hooks.set('final one', () => Promise.reject(new Error('second')));
  const { hookErrors } = await running.server.stop();
  expect(hookErrors.map(String)).toEqual(['Error: first', 'Error: second']);
  expect(await isRefused(running.port)).toBe(true);
});

test('while a reload is under way: it ends first, and nothing is left open', async () => {
  const { server, port } = running;
  const release = Promise.withResolvers<void>();
  hooks.set('start two', () => release.promise);
  const two = block('two') + block('other').replace('127.0.0.1', '127.0.0.2');
  const reloads = [reload(server, two), reload(server, block('three'))];
  const outcomes = Promise.allSettled(reloads);
  await until('it has begun', () => trail.includes('start two'));
  const stopped = server.stop();
  release.resolve();
  await stopped;
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(trail.slice(-4)).toEqual(['shutdown two', 'shutdown other', 'final two', 'final other']);
  expect(trail).not.toContain('start three');
  expect(server.ports.size).toBe(0);
  expect(await isRefused(port)).toBe(true);
});

test('a server that stops takes no new configuration', async () => {
  await running.server.stop();
  await expect(reload(running.server, block('two'))).rejects.toThrow('the server is stopping');
  expect(running.server.ports.size).toBe(0);
});

test('without draining the sockets are left to the end of the process', async () => {
  await running.server.stop({ drain: false });
  expect(await answered(running.port)).toBe('one');
});

test('a start that fails leaves nothing open', async () => {
  const port = await takenPort();
  const corefile =
    block('first').replace('127.0.0.1', '127.0.0.2') + block('second').replace(':0', `:${port}`);
  await expect(startServer(corefile)).rejects.toThrow(
    `listen tcp 127.0.0.1:${port}: address already in use: stop what listens there`,
  );
  expect(trail.slice(2)).toEqual(['start first', 'start second', 'replaced first', 'replaced second']);
});
