/** Clusterset zones: ServiceImports, and endpoints named with their cluster. */
import { expect, test } from 'vitest';
import { namespace, service, serviceImport, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone } from './ask.ts';

const ORIGIN = 'clusterset.local';
const Z = `shop.svc.${ORIGIN}`;
const long = 'x'.repeat(63);

const store = storeOf([
  namespace('shop'),
  namespace(long),
  service('shop/cart', { ips: ['10.96.0.1'], ports: ['http/TCP/80'] }),
  service('shop/local', { ips: ['10.96.0.2'] }),
  service('shop/pay', { externalName: 'example.com' }),
  serviceImport('shop/cart', { ips: ['10.112.0.1', 'fd00:112::1'], ports: ['http/TCP/80'] }),
  serviceImport('shop/portless', { ips: ['10.112.0.2'] }),
  serviceImport('shop/pending', { ports: ['http/TCP/80'] }),
  slice('shop/cart-1', {
    importedFor: 'cart@West',
    ports: ['http/TCP/8080'],
    endpoints: [{ addresses: ['10.1.0.1'], hostname: 'one' }],
  }),
  serviceImport('shop/db', { ips: 'None' }),
  slice('shop/imported-a', {
    service: '',
    importedFor: 'db@West',
    ports: ['sql/TCP/5432'],
    endpoints: [{ addresses: ['10.1.0.2'], hostname: 'db-0' }, 'fd00:1::'],
  }),
  slice('shop/imported-b', {
    service: '',
    importedFor: 'db@east',
    ports: ['sql/TCP/5432'],
    endpoints: [{ addresses: ['10.2.0.2'], hostname: 'db-0' }],
  }),
  serviceImport('shop/idle', { ips: 'None' }),
  serviceImport('lost/cart', { ips: ['10.112.0.9'] }),
  serviceImport(`${long}/${long}`, { ips: 'None' }),
  slice(`${long}/a`, {
    service: '',
    importedFor: `${long}@${long}`,
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['10.3.0.1'], hostname: long },
      { addresses: ['10.3.0.2'], hostname: 'h' },
    ],
  }),
]);
const zone = clusterZone(store, { origin: ORIGIN, multicluster: true });

test.each<[string, string, Answer]>([
  [`cart.${Z}`, 'A', ['A 10.112.0.1']],
  [`cart.${Z}`, 'AAAA', ['AAAA fd00:112::1']],
  [`cart.${Z}`, 'SRV', [`SRV 0 50 80 cart.${Z}.`, '+ A 10.112.0.1', '+ AAAA fd00:112::1']],
  [`_http._tcp.cart.${Z}`, 'A', ['A 10.112.0.1']],
  [`_http._udp.cart.${Z}`, 'A', 'nxdomain'],
  // One underscore is enough to make it a port; without any it is an endpoint of a cluster.
  [`_http.tcp.cart.${Z}`, 'A', ['A 10.112.0.1']],
  [`http._tcp.cart.${Z}`, 'A', ['A 10.112.0.1']],
  [`http.tcp.cart.${Z}`, 'A', 'nxdomain'],
  [`one.west.cart.${Z}`, 'A', ['A 10.1.0.1']],
  [`one.west.cart.${Z}`, 'SRV', [`SRV 0 100 8080 one.west.cart.${Z}.`, '+ A 10.1.0.1']],
  [`portless.${Z}`, 'A', ['A 10.112.0.2']],
  [`portless.${Z}`, 'SRV', 'nodata'],
  [`pending.${Z}`, 'A', 'nodata'],

  [`db.${Z}`, 'A', ['A 10.1.0.2', 'A 10.2.0.2']],
  [`db.${Z}`, 'AAAA', ['AAAA fd00:1::']],
  [
    `_sql._tcp.db.${Z}`,
    'SRV',
    [
      `SRV 0 33 5432 db-0.west.db.${Z}.`,
      `SRV 0 33 5432 fd00-1--0.west.db.${Z}.`,
      `SRV 0 33 5432 db-0.east.db.${Z}.`,
      `+ db-0.west.db.${Z}. A 10.1.0.2`,
      `+ fd00-1--0.west.db.${Z}. AAAA fd00:1::`,
      `+ db-0.east.db.${Z}. A 10.2.0.2`,
    ],
  ],
  [`db-0.west.db.${Z}`, 'A', ['A 10.1.0.2']],
  [`DB-0.WEST.db.${Z}`, 'A', ['A 10.1.0.2']],
  [`db-0.east.db.${Z}`, 'A', ['A 10.2.0.2']],
  [`db-0.north.db.${Z}`, 'A', 'nxdomain'],
  [`db-0.db.${Z}`, 'A', 'nxdomain'],
  [`a.db-0.west.db.${Z}`, 'A', 'nxdomain'],

  [`idle.${Z}`, 'A', 'nxdomain'],
  [`local.${Z}`, 'A', 'nxdomain'],
  [`pay.${Z}`, 'CNAME', 'nxdomain'],
  [`none.${Z}`, 'A', 'nxdomain'],
  [`cart.lost.svc.${ORIGIN}`, 'A', 'nxdomain'],
  [Z, 'A', 'nodata'],
])('%s %s', (name, type, expected) => {
  expect(ask(zone, name, type)).toEqual(expected);
});

test('an endpoint whose whole name would be over 255 octets has an address and no SRV', () => {
  const name = `${long}.${long}.svc.${ORIGIN}`;
  expect(ask(zone, name, 'A')).toEqual(['A 10.3.0.1', 'A 10.3.0.2']);
  expect(ask(zone, name, 'SRV')).toEqual([
    `SRV 0 50 5432 h.${long}.${name}.`,
    `+ h.${long}.${name}. A 10.3.0.2`,
  ]);
});

test('an imported endpoint of no known cluster has no name', () => {
  const stray = storeOf([
    namespace('shop'),
    serviceImport('shop/db', { ips: 'None' }),
    slice('shop/a', { service: '', importedFor: 'db@', ports: ['sql/TCP/1'], endpoints: ['10.1.0.1'] }),
  ]);
  const strayZone = clusterZone(stray, { origin: ORIGIN, multicluster: true });
  expect(ask(strayZone, `db.${Z}`, 'A')).toEqual(['A 10.1.0.1']);
  expect(ask(strayZone, `db.${Z}`, 'SRV')).toBe('nodata');
});

test('ignore empty_service is for imports too', () => {
  const strict = clusterZone(store, { origin: ORIGIN, multicluster: true, ignoreEmptyService: true });
  expect(ask(strict, `cart.${Z}`, 'A')).toEqual(['A 10.112.0.1']);
  expect(ask(strict, `portless.${Z}`, 'A')).toBe('nxdomain');
});

test('the cluster’s own zone does not know imports', () => {
  expect(ask(clusterZone(store), 'portless.shop.svc.cluster.local', 'A')).toBe('nxdomain');
  expect(ask(clusterZone(store), 'cart.shop.svc.cluster.local', 'A')).toEqual(['A 10.96.0.1']);
});

test('the serial is that of imports', () => {
  let nowMs = 1_000_000;
  const changing = storeOf([namespace('shop')], { nowMs: () => nowMs });
  const set = clusterZone(changing, { origin: ORIGIN, multicluster: true });
  changing.upsert(serviceImport('shop/cart', { ips: ['10.112.0.1'] }));
  nowMs = 2_000_000;
  changing.upsert(service('shop/cart', { ips: ['10.96.0.1'] }));
  expect(ask(set, ORIGIN, 'SOA')[0]).toContain(' 1000 7200 ');
  expect(ask(clusterZone(changing), 'cluster.local', 'SOA')[0]).toContain(' 2000 7200 ');
});
