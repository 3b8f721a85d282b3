import { describe, expect, test } from 'vitest';
import { endpointHostname, NO_PORTS, servedEndpoints } from '../../src/cluster/endpoints.ts';
import { address, endpoint, port, slice } from '../support/cluster.ts';

describe('the first label of an endpoint’s name', () => {
  const long = 'p'.repeat(63);

  test.each<[string, { hostname?: string; pod?: string }, boolean, string]>([
    ['10.1.0.1', {}, false, '10-1-0-1'],
    ['fd00::1', {}, false, 'fd00--1'],
    ['FD00:0:0::1', {}, false, 'fd00--1'],
    ['fd00::', {}, false, 'fd00--0'],
    ['::', {}, false, '--0'],
    ['::1', {}, false, '--1'],
    ['1:2:3:4:5:6:7:8', {}, false, '1-2-3-4-5-6-7-8'],
    ['10.1.0.1', { hostname: 'Db-0', pod: 'pod' }, false, 'db-0'],
    ['10.1.0.1', { hostname: 'Db-0', pod: 'pod' }, true, 'db-0'],
    ['10.1.0.1', { pod: 'Pod-1' }, false, '10-1-0-1'],
    ['10.1.0.1', { pod: 'Pod-1' }, true, 'pod-1'],
    ['10.1.0.1', { pod: long }, true, long],
    ['10.1.0.1', { pod: `${long}p` }, true, '10-1-0-1'],
    ['10.1.0.1', { pod: 'static.node-1' }, true, '10-1-0-1'],
    ['fd00::', { pod: '' }, true, 'fd00--0'],
  ])('%s %o, pod names %s: %s', (text, parts, podNames, expected) => {
    const one = endpoint({ addresses: [text], ...parts });
    expect(endpointHostname(one, address(text), podNames)).toBe(expected);
  });
});

test('every address of every endpoint is served, with the ports of its slice', () => {
  const slices = [
    slice('shop/cart-1', {
      ports: ['http/TCP/8080'],
      endpoints: [{ addresses: ['10.1.0.1', 'fd00::1'], hostname: 'one', zone: 'west' }],
    }),
    slice('shop/cart-2', { importedFor: 'cart@east', endpoints: ['10.1.0.2'] }),
    slice('shop/cart-3', { ports: ['http/TCP/8080'] }),
  ];
  const http = [port('http/TCP/8080')];
  expect(servedEndpoints(slices, false)).toEqual([
    { hostname: 'one', address: address('10.1.0.1'), ports: http, zone: 'west', cluster: '' },
    { hostname: 'one', address: address('fd00::1'), ports: http, zone: 'west', cluster: '' },
    { hostname: '10-1-0-2', address: address('10.1.0.2'), ports: NO_PORTS, zone: '', cluster: 'east' },
  ]);
});
