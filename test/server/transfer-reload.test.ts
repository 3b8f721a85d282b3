/** A reload under a zone transfer: it goes on with the zone that it began with. */
import { expect, test, vi } from 'vitest';
import { startServer } from '../support/server.ts';
import { Secondary, transfer, transferQuery } from '../support/transfer.ts';
import { until } from '../support/until.ts';
import { reload } from './probe-server.ts';
import { largeZone } from './zone-plugin.ts';

vi.mock('../../src/plugins/order.ts', async (original) =>
  (await import('./zone-plugin.ts')).withZone(original),
);

const block = (to: string) => `.:0 {\n bind 127.0.0.1\n transfer {\n to ${to}\n }\n zone\n}\n`;

test('its messages go on, of the zone that it was; who asks now meets the new configuration', async () => {
  await using running = await startServer(block('*'));
  using secondary = await Secondary.connect(running.port);
  secondary.socket.pause();
  secondary.send(transferQuery('big.test'));
  await until('it is begun', () => largeZone.read > 0);
  largeZone.serial++;
  await reload(running.server, block('192.0.2.1'));
  expect((await transfer(running.port, 'big.test')).rcode).toBe(5);
  secondary.socket.resume();
  const { records } = await secondary.transfer();
  expect(records).toHaveLength(200_002);
  expect(records.at(-1)).toBe(records[0]);
  expect(records[0]).toContain(' 7 1 1 1 1');
});
