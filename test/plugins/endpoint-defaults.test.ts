/** Where the HTTP endpoints listen if the Corefile does not say: all addresses, hence not tried with real sockets. */
import { expect, test, vi } from 'vitest';
import { healthPlugin } from '../../src/plugins/health/index.ts';
import { joinHostPort, openRoute, type RouteOptions } from '../../src/plugins/http-listener.ts';
import type { PluginFactory } from '../../src/plugins/plugin.ts';
import { prometheusPlugin } from '../../src/plugins/prometheus/index.ts';
import { readyPlugin } from '../../src/plugins/ready/index.ts';
import { makeSetup, setUp } from '../support/setup.ts';

vi.mock(import('../../src/plugins/http-listener.ts'), async (original) => ({
  ...(await original()),
  openRoute: vi.fn(async () => ({
    address: { address: '127.0.0.1', port: 9, family: 'IPv4' },
    close: async () => {},
  })),
}));

const cases: [address: string, path: string, factory: PluginFactory][] = [
  [':8080', '/health', healthPlugin],
  [':8181', '/ready', readyPlugin],
  ['localhost:9153', '/metrics', prometheusPlugin],
];
test.each(cases)('%s%s', async (address, path, factory) => {
  const setup = makeSetup();
  setUp(factory, factory.name, setup);
  await setup.start();
  const asked: Partial<RouteOptions> | undefined = vi.mocked(openRoute).mock.lastCall?.[0];
  expect(asked?.address && joinHostPort(asked.address)).toBe(address);
  expect(asked?.path).toBe(path);
  expect(asked?.secure).toBeUndefined();
  await setup.shutdown(true);
});
