/** Reverse zones: which names an address has. */
import { describe, expect, test } from 'vitest';
import { parseAddress, reverseName } from '../../../src/dns/index.ts';
import { namespace, pod, service, serviceImport, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const Z = 'svc.cluster.local.';

const objects = [
  namespace('shop'),
  namespace('bank'),
  service('shop/cart', { ips: ['10.96.0.1', 'fd00:96::1'], ports: ['http/TCP/80'] }),
  slice('shop/cart-1', { ports: ['http/TCP/80'], endpoints: ['10.1.0.1', 'fd00:1::'] }),
  service('shop/db', { ips: 'None' }),
  slice('shop/db-1', {
    endpoints: [{ addresses: ['10.1.0.2', 'fd00:1::2'], hostname: 'db-0', pod: 'db-a' }],
  }),
  // One address in several Services, in several slices, under several hostnames.
  service('bank/vault', { ips: 'None' }),
  slice('bank/vault-2', { endpoints: ['10.1.0.2', { addresses: ['10.1.0.2'], hostname: 'main' }] }),
  slice('bank/vault-1', { endpoints: ['10.1.0.2'] }),
  // A Service's own address comes before endpoints of the same address, and the first Service before others.
  slice('bank/clash-1', { endpoints: ['10.96.0.1'] }),
  service('shop/also', { ips: ['10.96.0.9'] }),
  service('bank/also', { ips: ['10.96.0.9'] }),
  // Not in a namespace that exists.
  service('lost/cart', { ips: ['10.96.0.5'] }),
  slice('lost/cart-1', { endpoints: ['10.1.0.5'] }),
  slice('shop/unlabelled', { service: '', endpoints: ['10.1.0.6'] }),
  pod('shop/alone', '10.1.0.7'),
  service('shop/pay', { externalName: '192.0.2.1' }),
  serviceImport('shop/cart', { ips: ['10.112.0.1'] }),
  service('shop/long', { ips: 'None' }),
  slice('shop/long-1', { endpoints: [{ addresses: ['10.1.0.8'], hostname: 'h'.repeat(64) }] }),
];
const store = storeOf(objects);
const v4 = clusterZone(store, { origin: 'in-addr.arpa' });
const v6 = clusterZone(store, { origin: 'ip6.arpa' });

function reverseOf(address: string): string {
  return reverseName(parseAddress(address) ?? new Uint8Array()).toString();
}

function pointers(address: string, options: Parameters<typeof clusterZone>[1] = {}): Answer {
  const origin = address.includes(':') ? 'ip6.arpa' : 'in-addr.arpa';
  return ask(clusterZone(store, { origin, ...options }), reverseOf(address), 'PTR');
}

test.each<[string, Answer]>([
  ['10.96.0.1', [`PTR cart.shop.${Z}`]],
  ['fd00:96::1', [`PTR cart.shop.${Z}`]],
  ['10.96.0.9', [`PTR also.bank.${Z}`]],
  ['10.1.0.1', [`PTR 10-1-0-1.cart.shop.${Z}`]],
  ['fd00:1::', [`PTR fd00-1--0.cart.shop.${Z}`]],
  ['10.1.0.2', [`PTR 10-1-0-2.vault.bank.${Z}`, `PTR main.vault.bank.${Z}`, `PTR db-0.db.shop.${Z}`]],
  ['fd00:1::2', [`PTR db-0.db.shop.${Z}`]],
  ['10.96.0.5', 'nxdomain'],
  ['10.1.0.5', 'nxdomain'],
  ['10.1.0.6', 'nxdomain'],
  ['10.1.0.7', 'nxdomain'],
  ['10.1.0.8', 'nxdomain'],
  ['192.0.2.1', 'nxdomain'],
  ['10.112.0.1', 'nxdomain'],
])('%s', (address, expected) => {
  expect(pointers(address)).toEqual(expected);
});

test('the target is in the forward zone, the owner as it was asked', () => {
  expect(pointers('10.96.0.1', { primary: 'k8s.example', ttl: 30 })).toEqual([
    '30 PTR cart.shop.svc.k8s.example.',
  ]);
  expect(ask(v4, '1.0.96.10.IN-ADDR.arpa', 'PTR')).toEqual([`PTR cart.shop.${Z}`]);
  expect(ask(v6, reverseOf('fd00:1::2').toUpperCase(), 'PTR')).toEqual([`PTR db-0.db.shop.${Z}`]);
});

test('endpoint_pod_names names endpoints here too', () => {
  expect(pointers('10.1.0.2', { endpointPodNames: true })).toContain(`PTR db-0.db.shop.${Z}`);
  const byPod = storeOf([
    namespace('a'),
    slice('a/s-1', { endpoints: [{ addresses: ['10.1.0.1'], pod: 'p' }] }),
  ]);
  const options = { origin: 'in-addr.arpa', endpointPodNames: true };
  expect(ask(clusterZone(byPod, options), reverseOf('10.1.0.1'), 'PTR')).toEqual([`PTR p.s.a.${Z}`]);
});

test('only namespaces that are exposed have names', () => {
  const options = { namespaces: new Set(['shop']) };
  expect(pointers('10.1.0.2', options)).toEqual([`PTR db-0.db.shop.${Z}`]);
  expect(pointers('10.96.0.9', options)).toEqual([`PTR also.shop.${Z}`]);
  // The Service is hidden; the endpoint of its address is not.
  expect(pointers('10.96.0.1', { namespaces: new Set(['bank']) })).toEqual([`PTR 10-96-0-1.clash.bank.${Z}`]);
});

describe('names that stand for no address', () => {
  test.each([
    '96.10.in-addr.arpa',
    '0.96.10.in-addr.arpa',
    '5.1.0.96.10.in-addr.arpa',
    '01.0.96.10.in-addr.arpa',
    '256.0.96.10.in-addr.arpa',
    'x.0.96.10.in-addr.arpa',
  ])('%s', (name) => {
    expect(ask(v4, name, 'PTR')).toBe('nxdomain');
    expect(ask(v4, name, 'A')).toBe('nxdomain');
    expect(why(v4, name, 'PTR')).toBe('not-a-cluster-name');
  });

  test('labels before a whole IPv6 name, and too few of them', () => {
    const whole = reverseOf('fd00:1::2');
    expect(ask(v6, whole, 'PTR')).toHaveLength(1);
    expect(ask(v6, `x.${whole}`, 'PTR')).toBe('nxdomain');
    expect(ask(v6, whole.slice(2), 'PTR')).toBe('nxdomain');
  });
});

describe('other types', () => {
  const types = ['A', 'AAAA', 'SRV', 'TXT', 'CNAME', 'MX', 'SOA', 'NS', 'ANY', 'HTTPS'];

  test('a name that has a PTR record exists', () => {
    for (const type of types) expect(ask(v4, reverseOf('10.96.0.1'), type)).toBe('nodata');
    for (const type of types) expect(ask(v4, reverseOf('10.1.0.7'), type)).toBe('nxdomain');
  });

  test('the zone itself has SOA and NS and nothing else', () => {
    const zone = clusterZone(store, {
      origin: '10.in-addr.arpa',
      ownAddresses: () => [Uint8Array.of(192, 0, 2, 53)],
    });
    expect(ask(zone, '10.in-addr.arpa', 'SOA')[0]).toMatch(/^SOA ns\.dns\.10\.in-addr\.arpa\. hostmaster\./);
    expect(ask(zone, '10.in-addr.arpa', 'NS')[0]).toBe('NS ns.dns.10.in-addr.arpa.');
    for (const type of ['A', 'PTR', 'TXT', 'ANY']) expect(ask(zone, '10.in-addr.arpa', type)).toBe('nodata');
    expect(ask(zone, reverseOf('10.96.0.1'), 'PTR')).toEqual([`PTR cart.shop.${Z}`]);
  });
});

test('the forward zone may hold the reverse names: a zone of everything', () => {
  const root = clusterZone(store, { origin: '.', primary: '.' });
  expect(ask(root, reverseOf('10.96.0.1'), 'PTR')).toEqual(['PTR cart.shop.svc.']);
  expect(ask(root, 'cart.shop.svc', 'A')).toEqual(['A 10.96.0.1']);
  expect(ask(root, '_http._tcp.Cart.shop.svc', 'SRV')).toEqual([
    'SRV 0 50 80 cart.shop.svc.',
    '+ cart.shop.svc. A 10.96.0.1',
    '+ cart.shop.svc. AAAA fd00:96::1',
  ]);
});
