/** Services with cluster IPs: addresses, ports, endpoints of their own, and who may see them. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const Z = 'shop.svc.cluster.local';
const many = Array.from({ length: 120 }, (_, i) => `p${i}/TCP/${i + 1}`);

const store = storeOf([
  namespace('shop'),
  service('shop/cart', { ips: ['10.96.0.1'], ports: ['http/TCP/80', 'dns/UDP/53', 'dns-tcp/TCP/53'] }),
  slice('shop/cart-1', {
    ports: ['http/TCP/8080', '/UDP/5353'],
    endpoints: ['10.1.0.1', { addresses: ['10.1.0.2', 'fd00::2'], hostname: 'One' }],
  }),
  service('shop/dual', { ips: ['10.96.0.2', 'fd00:96::2'], ports: ['http/TCP/80'] }),
  service('shop/twice', { ips: ['10.96.0.3', '10.96.0.3'], ports: ['http/TCP/80'] }),
  service('shop/portless', { ips: ['10.96.0.4'] }),
  service('shop/unnamed', { ips: ['10.96.0.5'], ports: ['/TCP/25'] }),
  service('shop/odd-case', { ips: ['10.96.0.6'], ports: ['Web/TCP/80'] }),
  service('shop/pending', { ports: ['http/TCP/80'] }),
  service('shop/many', { ips: ['10.96.0.7'], ports: many }),
]);
const zone = clusterZone(store);

test.each<[string, string, Answer]>([
  // Dual stack: each family has its record, SRV halves the weight, and its target has both addresses.
  [`dual.${Z}`, 'A', ['A 10.96.0.2']],
  [`dual.${Z}`, 'AAAA', ['AAAA fd00:96::2']],
  [`dual.${Z}`, 'SRV', [`SRV 0 50 80 dual.${Z}.`, '+ A 10.96.0.2', '+ AAAA fd00:96::2']],
  [`twice.${Z}`, 'A', ['A 10.96.0.3']],
  [`twice.${Z}`, 'SRV', [`SRV 0 50 80 twice.${Z}.`, '+ A 10.96.0.3']],

  // Ports: all at the Service's name; underscores may be left out; an empty label stands for every one.
  [`cart.${Z}`, 'SRV', [`SRV 0 33 80 cart.${Z}.`, `SRV 0 33 53 cart.${Z}.`, '+ A 10.96.0.1']],
  [`_http._tcp.cart.${Z}`, 'SRV', [`SRV 0 100 80 cart.${Z}.`, `+ cart.${Z}. A 10.96.0.1`]],
  [`http.tcp.cart.${Z}`, 'SRV', [`SRV 0 100 80 cart.${Z}.`, `+ cart.${Z}. A 10.96.0.1`]],
  [`_HTTP._TCP.cart.${Z}`, 'SRV', [`SRV 0 100 80 cart.${Z}.`, `+ cart.${Z}. A 10.96.0.1`]],
  [`_._udp.cart.${Z}`, 'SRV', [`SRV 0 100 53 cart.${Z}.`, `+ cart.${Z}. A 10.96.0.1`]],
  [`_dns._.cart.${Z}`, 'SRV', [`SRV 0 100 53 cart.${Z}.`, `+ cart.${Z}. A 10.96.0.1`]],
  [`__http._tcp.cart.${Z}`, 'SRV', 'nxdomain'],
  [`_web._tcp.odd-case.${Z}`, 'A', ['A 10.96.0.6']],
  [`_http._tcp.cart.${Z}`, 'A', ['A 10.96.0.1']],
  [`_http._tcp.cart.${Z}`, 'AAAA', 'nodata'],
  [`unnamed.${Z}`, 'SRV', [`SRV 0 100 25 unnamed.${Z}.`, '+ A 10.96.0.5']],
  [`_._tcp.unnamed.${Z}`, 'A', ['A 10.96.0.5']],

  // Without ports there are addresses, and nothing to connect to.
  [`portless.${Z}`, 'A', ['A 10.96.0.4']],
  [`portless.${Z}`, 'SRV', 'nodata'],
  [`_http._tcp.portless.${Z}`, 'A', 'nxdomain'],

  // A Service that has no cluster IP yet exists.
  [`pending.${Z}`, 'A', 'nodata'],
  [`pending.${Z}`, 'SRV', 'nodata'],
  [`_http._tcp.pending.${Z}`, 'A', 'nodata'],
  [`_none._tcp.pending.${Z}`, 'A', 'nxdomain'],

  // Endpoints have names under a Service with a cluster IP too, with the ports of their EndpointSlice.
  [`10-1-0-1.cart.${Z}`, 'A', ['A 10.1.0.1']],
  [`one.cart.${Z}`, 'A', ['A 10.1.0.2']],
  [`one.cart.${Z}`, 'AAAA', ['AAAA fd00::2']],
  [
    `one.cart.${Z}`,
    'SRV',
    [`SRV 0 25 8080 one.cart.${Z}.`, `SRV 0 25 5353 one.cart.${Z}.`, '+ A 10.1.0.2', '+ AAAA fd00::2'],
  ],
  [`10-1-0-2.cart.${Z}`, 'A', 'nxdomain'],
])('%s %s', (name, type, expected) => {
  expect(ask(zone, name, type)).toEqual(expected);
});

test('the share of the weight never falls below one', () => {
  const lines = ask(zone, `many.${Z}`, 'SRV');
  expect(lines).toHaveLength(121);
  expect(lines[0]).toBe(`SRV 0 1 1 many.${Z}.`);
});

test('every record has the TTL of the options', () => {
  const slow = clusterZone(store, { ttl: 30 });
  expect(ask(slow, `dual.${Z}`, 'SRV')).toEqual([
    `30 SRV 0 50 80 dual.${Z}.`,
    '+ 30 A 10.96.0.2',
    '+ 30 AAAA fd00:96::2',
  ]);
});

describe('names in any letter case', () => {
  test('the owner is what was asked; other names are the cluster’s own, the zone as it was asked', () => {
    expect(ask(zone, 'CART.Shop.sVc.Cluster.LOCAL', 'A')).toEqual(['A 10.96.0.1']);
    expect(ask(zone, '_Http._Tcp.CART.Shop.SVC.Cluster.LOCAL', 'SRV')).toEqual([
      'SRV 0 100 80 cart.shop.svc.Cluster.LOCAL.',
      '+ cart.shop.svc.Cluster.LOCAL. A 10.96.0.1',
    ]);
    expect(ask(zone, 'ONE.cart.shop.svc.cluster.Local', 'SRV')).toContain(
      'SRV 0 25 8080 one.cart.shop.svc.cluster.Local.',
    );
  });
});

describe('namespaces that are exposed', () => {
  const objects = [
    namespace('shop'),
    namespace('bank'),
    service('shop/cart', { ips: ['10.96.0.1'] }),
    service('bank/cart', { ips: ['10.96.0.2'] }),
    service('lost/cart', { ips: ['10.96.0.3'] }),
  ];
  const filtered = clusterZone(storeOf(objects), { namespaces: new Set(['shop', 'lost']), pods: 'insecure' });

  test.each<[string, Answer]>([
    ['cart.shop.svc.cluster.local', ['A 10.96.0.1']],
    ['cart.bank.svc.cluster.local', 'nxdomain'],
    // On the list, but there is no such namespace, or none that `namespace_labels` selects.
    ['cart.lost.svc.cluster.local', 'nxdomain'],
    ['shop.svc.cluster.local', 'nodata'],
    ['bank.svc.cluster.local', 'nxdomain'],
    ['lost.svc.cluster.local', 'nxdomain'],
    ['10-0-0-1.shop.pod.cluster.local', ['A 10.0.0.1']],
    ['10-0-0-1.bank.pod.cluster.local', 'nxdomain'],
    ['bank.pod.cluster.local', 'nxdomain'],
  ])('%s', (name, expected) => {
    expect(ask(filtered, name, 'A')).toEqual(expected);
  });
});

describe('ignore empty_service', () => {
  const zoneWithout = clusterZone(
    storeOf([
      namespace('shop'),
      service('shop/bare', { ips: ['10.96.0.1'], ports: ['http/TCP/80'] }),
      service('shop/unready', { ips: ['10.96.0.2'], ports: ['http/TCP/80'] }),
      slice('shop/unready-1', { ports: ['http/TCP/80'] }),
      service('shop/half', { ips: ['10.96.0.3'], ports: ['http/TCP/80'] }),
      slice('shop/half-1'),
      slice('shop/half-2', { endpoints: ['10.1.0.1'] }),
      service('shop/idle', { ips: 'None' }),
      service('shop/pay', { externalName: 'pay.example.com' }),
    ]),
    { ignoreEmptyService: true },
  );

  test.each<[string, string, Answer]>([
    [`bare.${Z}`, 'A', 'nxdomain'],
    [`bare.${Z}`, 'TXT', 'nxdomain'],
    [`_http._tcp.bare.${Z}`, 'SRV', 'nxdomain'],
    [`unready.${Z}`, 'A', 'nxdomain'],
    [`half.${Z}`, 'A', ['A 10.96.0.3']],
    [`idle.${Z}`, 'A', 'nxdomain'],
    [`pay.${Z}`, 'CNAME', ['CNAME pay.example.com.']],
  ])('%s %s', (name, type, expected) => {
    expect(ask(zoneWithout, name, type)).toEqual(expected);
  });

  test('says so', () => {
    expect(why(zoneWithout, `bare.${Z}`)).toBe('empty-service');
    expect(why(zoneWithout, `idle.${Z}`)).toBe('no-ready-endpoints');
  });
});

test.each([
  [`none.${Z}`, 'no-such-service'],
  ['cart.none.svc.cluster.local', 'no-such-namespace'],
  [`none.cart.${Z}`, 'no-such-endpoint'],
  [`_none._tcp.cart.${Z}`, 'no-such-port'],
  [`pending.${Z}`, 'no-record-of-type'],
  ['www.example.com.cluster.local', 'not-a-cluster-name'],
  ['10-0-0-1.shop.pod.cluster.local', 'pods-disabled'],
])('%s is missing for the reason %s', (name, code) => {
  expect(why(zone, name)).toBe(code);
});

test('a label as long as a label may be is found', () => {
  const long = 'a'.repeat(limits.labelBytes);
  const wide = clusterZone(storeOf([namespace(long), service(`${long}/${long}`, { ips: ['10.96.0.1'] })]));
  expect(ask(wide, `${long}.${long}.svc.cluster.local`, 'A')).toEqual(['A 10.96.0.1']);
});
