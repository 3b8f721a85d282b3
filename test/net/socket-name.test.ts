/** Addresses in the kernel's form and back. */
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { AF_INET, AF_INET6, readSocketName, socketName } from '../../src/net/socket-name.ts';

const loopback = Object.entries(networkInterfaces()).find(([, all]) =>
  all?.some(({ scopeid }) => (scopeid ?? 0) > 0),
);

test.each([
  ['127.0.0.1', 53, AF_INET, 16],
  ['255.255.255.255', 65_535, AF_INET, 16],
  ['::1', 53, AF_INET6, 28],
  ['2001:db8::7:1', 5353, AF_INET6, 28],
  ['fe80::1%7', 53, AF_INET6, 28],
])('%s, port %d', (host, port, family, bytes) => {
  const name = socketName({ host, port });
  expect([name.byteLength, new DataView(name).getUint16(0, true)]).toEqual([bytes, family]);
  const whole = new ArrayBuffer(28);
  new Uint8Array(whole).set(new Uint8Array(name));
  expect(readSocketName(whole)).toMatchObject({ port });
  expect(readSocketName(whole).host.replace(/%.*/, '')).toBe(host.replace(/%.*/, ''));
});

test('the octets are those of sockaddr_in: family, port in network order, address', () => {
  expect([...new Uint8Array(socketName({ host: '192.0.2.1', port: 0x1234 }))]).toEqual([
    ...[2, 0, 0x12, 0x34, 192, 0, 2, 1],
    ...new Array(8).fill(0),
  ]);
});

test.runIf(loopback !== undefined)('a scope by name is the number of its interface, and back', () => {
  const [name = ''] = loopback ?? [];
  const host = `fe80::1%${name}`;
  expect(readSocketName(socketName({ host, port: 53 }))).toEqual({ host, port: 53 });
});
