/** Which addresses the server takes for its own. */
import { expect, test, vi } from 'vitest';
import { formatAddress } from '../../../src/dns/address.ts';
import { ownAddresses } from '../../../src/plugins/kubernetes/own-addresses.ts';

const interfaces = vi.hoisted(() => ({ current: {} as Record<string, { address: string }[] | undefined> }));
vi.mock('node:os', () => ({ networkInterfaces: () => interfaces.current }));

const LOOPBACK = [{ address: '127.0.0.1' }, { address: '::1' }];

function texts(bind: readonly string[]): string[] {
  return ownAddresses(bind).map(formatAddress);
}

test('bound addresses, loopback left out', () => {
  interfaces.current = { eth0: [{ address: '10.1.0.9' }] };
  expect(texts(['127.0.0.1', '10.1.0.5', '::1', 'FD00::5'])).toEqual(['10.1.0.5', 'fd00::5']);
});

test('loopback where nothing else is bound: every address of that network', () => {
  expect(texts(['127.0.0.1', '127.0.0.53', '::1'])).toEqual(['127.0.0.1', '127.0.0.53', '::1']);
});

test('without bind those of all interfaces', () => {
  interfaces.current = {
    lo: LOOPBACK,
    eth0: [{ address: '10.1.0.5' }, { address: 'fd00::5' }],
    gone: undefined,
    eth1: [{ address: '10.2.0.5' }],
  };
  expect(texts([])).toEqual(['10.1.0.5', 'fd00::5', '10.2.0.5']);
});

test('without bind and network: loopback', () => {
  interfaces.current = { lo: LOOPBACK };
  expect(texts([])).toEqual(['127.0.0.1', '::1']);
});

test('without any address: none', () => {
  interfaces.current = {};
  expect(texts([])).toEqual([]);
});
