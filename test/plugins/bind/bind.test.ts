import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { bindPlugin } from '../../../src/plugins/bind/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

function bound(corefile: string): string[] {
  const setup = makeSetup();
  expect(setUp(bindPlugin, corefile, setup)).toBeUndefined();
  return setup.settings.bind;
}

const loopback = networkInterfaces().lo ?? [];
const loopbackAddresses = loopback.map(({ address }) => address);

describe('addresses', () => {
  const cases: [corefile: string, addresses: string[]][] = [
    ['bind 127.0.0.1', ['127.0.0.1']],
    ['bind 127.0.0.1 ::1', ['127.0.0.1', '::1']],
    ['bind 127.0.0.1\nbind 127.0.0.2', ['127.0.0.1', '127.0.0.2']],
    ['bind 127.0.0.1\nbind 127.0.0.1', ['127.0.0.1']],
    ['bind 127.0.0.1 127.0.0.2 {\nexcept 127.0.0.1\n}', ['127.0.0.2']],
    ['bind 127.0.0.1 {\nexcept 127.0.0.2\n}\nbind 127.0.0.2', ['127.0.0.1', '127.0.0.2']],
  ];
  test.each(cases)('%s', (corefile, addresses) => {
    expect(bound(corefile)).toEqual(addresses);
  });
});

describe.skipIf(loopback.length === 0)('an interface', () => {
  test('stands for all its addresses', () => {
    expect(bound('bind lo')).toEqual(loopbackAddresses);
    expect(bound('bind lo 192.0.2.1')).toEqual([...loopbackAddresses, '192.0.2.1']);
  });

  test('may be excepted, and have addresses excepted', () => {
    expect(bound('bind lo {\nexcept 127.0.0.1\n}\nbind 192.0.2.1')).toEqual([
      ...loopbackAddresses.filter((address) => address !== '127.0.0.1'),
      '192.0.2.1',
    ]);
    expect(bound('bind lo 192.0.2.1 {\nexcept lo\n}')).toEqual(['192.0.2.1']);
  });
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['bind', 'at least one address or interface name is expected'],
    ['bind nosuch0', 'not a valid IP address or interface name: "nosuch0"'],
    ['bind 1.2.3.bad', 'not a valid IP address or interface name: "1.2.3.bad"'],
    ['bind fe80::1%lo', 'not a valid IP address or interface name: "fe80::1%lo"'],
    ['bind 127.0.0.1:53', 'not a valid IP address or interface name: "127.0.0.1:53"'],
    ['bind 127.0.0.1 {\nexcept\n}', 'at least one address or interface must be given to except subdirective'],
    ['bind 127.0.0.1 {\nexcept nosuch0\n}', 'not a valid IP address or interface name: "nosuch0"'],
    ['bind 127.0.0.1 {\nunless ::1\n}', 'invalid option "unless"'],
    ['bind 127.0.0.1 {\nexcept 127.0.0.1\n}', 'bind leaves no address to listen on: all are excepted'],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => bound(corefile)).toThrow(message);
  });
});
