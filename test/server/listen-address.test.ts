/** How listeners are named, who a client is, and what an operator reads where a listener cannot be opened. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ListenAddress, listenerKey, peerOf } from '../../src/server/listen-address.ts';
import { TcpListener } from '../../src/server/tcp.ts';
import { UdpListener } from '../../src/server/udp.ts';
import { EchoHandler } from './echo-handler.ts';

const at = (host: string, port: number): ListenAddress => ({ transport: 'dns', host, port });

test.each([
  ['', 53, 'dns://:53'],
  ['127.0.0.1', 1053, 'dns://127.0.0.1:1053'],
  ['fd00::1', 53, 'dns://[fd00::1]:53'],
])('the listener on "%s" port %i is %s', (host, port, key) => {
  expect(listenerKey(at(host, port))).toBe(key);
});

test.each([
  ['10.1.0.5', '10.1.0.5', 4],
  ['::ffff:10.1.0.5', '10.1.0.5', 4],
  ['fd00::5', 'fd00::5', 6],
  ['::1', '::1', 6],
  ['fe80::5%eth0', 'fe80::5%eth0', 6],
  // Mapped in form, but not an address that Node writes so.
  ['::ffff:a01:5', '::ffff:a01:5', 6],
])('a client from %s is %s', (given, address, family) => {
  expect(peerOf(given, 4711)).toEqual({ address, port: 4711, family });
});

describe.each([
  ['udp', UdpListener],
  ['tcp', TcpListener],
] as const)('what is said where %s cannot listen', (protocol, listener) => {
  test('an address in use', async () => {
    const first = await listener.listen(at('127.0.0.1', 0), new EchoHandler());
    onTestFinished(() => first.close());
    await expect(listener.listen(at('127.0.0.1', first.port), new EchoHandler())).rejects.toThrow(
      `listen ${protocol} 127.0.0.1:${first.port}: address already in use: stop what listens there, or choose`,
    );
  });

  test('an address of another machine', async () => {
    await expect(listener.listen(at('203.0.113.1', 0), new EchoHandler())).rejects.toThrow(
      `listen ${protocol} 203.0.113.1:0: the address is not on this machine: correct \`bind\``,
    );
  });
});
