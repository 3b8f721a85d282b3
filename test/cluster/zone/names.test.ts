/** What every kind of name says to every type of question. */
import { expect, test } from 'vitest';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const objects = [
  namespace('shop'),
  service('shop/cart', { ips: ['10.96.0.1'], ports: ['http/TCP/80'] }),
  slice('shop/cart-1', { ports: ['http/TCP/8080'], endpoints: ['10.1.0.1'] }),
  service('shop/db', { ips: 'None', ports: ['sql/TCP/5432'] }),
  slice('shop/db-1', { ports: ['sql/TCP/5432'], endpoints: [{ addresses: ['10.1.0.2'], hostname: 'db-0' }] }),
  service('shop/idle', { ips: 'None', ports: ['http/TCP/80'] }),
  slice('shop/idle-1', { ports: ['http/TCP/80'] }),
  service('shop/pay', { externalName: 'pay.example.com' }),
  service('shop/number', { externalName: '192.0.2.1' }),
  service('lost/cart', { ips: ['10.96.0.2'], ports: ['http/TCP/80'] }),
];
const store = storeOf(objects, { nowMs: () => 1_700_000_000_000 });
const ownAddresses = () => [Uint8Array.of(192, 0, 2, 53)];
const zone = clusterZone(store, { pods: 'insecure', ownAddresses });

const types = [
  ...['A', 'AAAA', 'SRV', 'TXT', 'CNAME', 'PTR', 'MX', 'SOA', 'NS', 'ANY', 'HTTPS', 'SVCB', 'CAA', 'DS'],
  ...['NAPTR', 'HINFO', 'DNSKEY', 'TYPE4711'],
];

interface Row {
  readonly name: string;
  /** What types not in `records` get. */
  readonly otherwise: 'nodata' | 'nxdomain';
  readonly records?: Readonly<Record<string, Answer>>;
}

const rows: readonly Row[] = [
  {
    name: 'cluster.local',
    otherwise: 'nodata',
    records: {
      SOA: ['SOA ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 5'],
      NS: ['NS ns.dns.cluster.local.', '+ ns.dns.cluster.local. A 192.0.2.53'],
    },
  },
  { name: 'svc.cluster.local', otherwise: 'nodata' },
  { name: 'pod.cluster.local', otherwise: 'nodata' },
  { name: 'shop.svc.cluster.local', otherwise: 'nodata' },
  { name: 'shop.pod.cluster.local', otherwise: 'nodata' },
  { name: 'lost.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'lost.pod.cluster.local', otherwise: 'nxdomain' },
  {
    name: 'cart.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['A 10.96.0.1'],
      SRV: ['SRV 0 100 80 cart.shop.svc.cluster.local.', '+ A 10.96.0.1'],
    },
  },
  {
    name: '_http._tcp.cart.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['A 10.96.0.1'],
      SRV: ['SRV 0 100 80 cart.shop.svc.cluster.local.', '+ cart.shop.svc.cluster.local. A 10.96.0.1'],
    },
  },
  {
    name: '10-1-0-1.cart.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['A 10.1.0.1'],
      SRV: ['SRV 0 100 8080 10-1-0-1.cart.shop.svc.cluster.local.', '+ A 10.1.0.1'],
    },
  },
  {
    name: 'db.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['A 10.1.0.2'],
      SRV: ['SRV 0 100 5432 db-0.db.shop.svc.cluster.local.', '+ db-0.db.shop.svc.cluster.local. A 10.1.0.2'],
    },
  },
  {
    name: 'db-0.db.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['A 10.1.0.2'],
      SRV: ['SRV 0 100 5432 db-0.db.shop.svc.cluster.local.', '+ A 10.1.0.2'],
    },
  },
  {
    name: '_sql._tcp.db.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['A 10.1.0.2'],
      SRV: ['SRV 0 100 5432 db-0.db.shop.svc.cluster.local.', '+ db-0.db.shop.svc.cluster.local. A 10.1.0.2'],
    },
  },
  { name: 'idle.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '_http._tcp.idle.shop.svc.cluster.local', otherwise: 'nxdomain' },
  {
    name: 'pay.shop.svc.cluster.local',
    otherwise: 'nodata',
    records: {
      A: ['CNAME pay.example.com.', '? pay.example.com.'],
      AAAA: ['CNAME pay.example.com.', '? pay.example.com.'],
      CNAME: ['CNAME pay.example.com.'],
    },
  },
  { name: 'number.shop.svc.cluster.local', otherwise: 'nxdomain' },
  {
    name: '10-1-2-3.shop.pod.cluster.local',
    otherwise: 'nodata',
    records: { A: ['A 10.1.2.3'], SRV: ['SRV 0 100 0 10-1-2-3.shop.pod.cluster.local.', '+ A 10.1.2.3'] },
  },
  { name: 'dns-version.cluster.local', otherwise: 'nodata', records: { TXT: ['28800 TXT "1.1.0"'] } },
  { name: 'ns.dns.cluster.local', otherwise: 'nodata', records: { A: ['A 192.0.2.53'] } },

  { name: 'none.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'cart.none.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'cart.lost.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '_none._tcp.cart.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '_http._udp.cart.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '_none._tcp.db.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '_tcp.cart.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'none.cart.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'a._http._tcp.cart.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'x.pay.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '_http._tcp.pay.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: '*.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'any.shop.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'cart.*.svc.cluster.local', otherwise: 'nxdomain' },
  { name: 'not-an-address.shop.pod.cluster.local', otherwise: 'nxdomain' },
  { name: 'dns.cluster.local', otherwise: 'nxdomain' },
  { name: 'other.ns.dns.cluster.local', otherwise: 'nxdomain' },
  { name: 'x.dns-version.cluster.local', otherwise: 'nxdomain' },
  { name: 'hostmaster.cluster.local', otherwise: 'nxdomain' },
  { name: 'foo.cluster.local', otherwise: 'nxdomain' },
  { name: 'foo.bar.cluster.local', otherwise: 'nxdomain' },
  { name: 'www.example.com.cluster.local', otherwise: 'nxdomain' },
  { name: 'cart\\.shop.svc.cluster.local', otherwise: 'nxdomain' },
];

test.each(rows)('$name', ({ name, otherwise, records = {} }) => {
  const expected = types.map((type) => [type, records[type] ?? otherwise]);
  expect(types.map((type) => [type, ask(zone, name, type)])).toEqual(expected);
});

test.each(['AXFR', 'IXFR'])('%s is refused for every name', (type) => {
  expect(new Set(rows.map(({ name }) => ask(zone, name, type)))).toEqual(new Set(['refused']));
  expect(why(zone, 'cluster.local', type)).toBe('transfer-refused');
});

test('a name outside the zone is a mistake of the caller', () => {
  expect(() => ask(zone, 'example.com', 'A')).toThrow(RangeError);
  expect(() => ask(zone, 'local', 'A')).toThrow(RangeError);
  expect(() => ask(zone, 'xcluster.local', 'A')).toThrow(RangeError);
});
