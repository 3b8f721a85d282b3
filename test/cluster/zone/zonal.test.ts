/** `zonal`: endpoints of one topology zone. */
import { describe, expect, test } from 'vitest';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone } from './ask.ts';

const Z = 'db.data.svc.cluster.local';

const store = storeOf([
  namespace('data'),
  service('data/db', { ips: 'None' }),
  slice('data/db-1', {
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['10.1.0.1', 'fd00:1::1'], zone: 'west-1' },
      { addresses: ['10.1.0.2'], zone: 'east.one' },
      { addresses: ['10.1.0.3'], hostname: 'drifter' },
    ],
  }),
  slice('data/db-2', { ports: ['sql/TCP/5432'], endpoints: [{ addresses: ['10.1.0.4'], zone: 'west-1' }] }),
  service('data/cart', { ips: ['10.96.0.1'] }),
  slice('data/cart-1', { endpoints: [{ addresses: ['10.1.0.1'], zone: 'west-1' }] }),
  service('data/idle', { ips: 'None' }),
  service('data/pay', { externalName: 'example.com' }),
]);
const zone = clusterZone(store, { zonal: true, pods: 'insecure' });
const all = ['A 10.1.0.1', 'A 10.1.0.2', 'A 10.1.0.3', 'A 10.1.0.4'];

test.each<[string, string, Answer]>([
  [`west-1.pin._zone.${Z}`, 'A', ['A 10.1.0.1', 'A 10.1.0.4']],
  [`west-1.pin._zone.${Z}`, 'AAAA', ['AAAA fd00:1::1']],
  [
    `west-1.pin._zone.${Z}`,
    'SRV',
    [
      `SRV 0 33 5432 10-1-0-1.${Z}.`,
      `SRV 0 33 5432 fd00-1--1.${Z}.`,
      `SRV 0 33 5432 10-1-0-4.${Z}.`,
      `+ 10-1-0-1.${Z}. A 10.1.0.1`,
      `+ fd00-1--1.${Z}. AAAA fd00:1::1`,
      `+ 10-1-0-4.${Z}. A 10.1.0.4`,
    ],
  ],
  [`west-1.pin._zone.${Z}`, 'TXT', 'nodata'],
  [`WEST-1.Pin._ZONE.${Z}`, 'A', ['A 10.1.0.1', 'A 10.1.0.4']],
  [`east.one.pin._zone.${Z}`, 'A', ['A 10.1.0.2']],
  [`east.one.pin._zone.${Z}`, 'AAAA', 'nodata'],
  [`north.pin._zone.${Z}`, 'A', 'nodata'],
  [`north.pin._zone.${Z}`, 'SRV', 'nodata'],
  [`west-1.prefer._zone.${Z}`, 'A', ['A 10.1.0.1', 'A 10.1.0.4']],
  // The zone has endpoints, so none from elsewhere, not even of another family.
  [`east.one.prefer._zone.${Z}`, 'AAAA', 'nodata'],
  [`north.prefer._zone.${Z}`, 'A', all],

  [`west-1.other._zone.${Z}`, 'A', 'nxdomain'],
  [`west-1.pin.zone.${Z}`, 'A', 'nxdomain'],
  [`pin._zone.${Z}`, 'A', 'nxdomain'],
  ['west-1.pin._zone.cart.data.svc.cluster.local', 'A', 'nxdomain'],
  ['west-1.pin._zone.pay.data.svc.cluster.local', 'CNAME', 'nxdomain'],
  // Without a ready endpoint the Service is NXDOMAIN, its zonal names are not: as CoreDNS has it.
  ['west-1.pin._zone.idle.data.svc.cluster.local', 'A', 'nodata'],
  ['west-1.prefer._zone.none.data.svc.cluster.local', 'A', 'nxdomain'],
  ['west-1.pin._zone.10-1-0-1.data.pod.cluster.local', 'A', 'nxdomain'],

  // Other names are as they are without it.
  [Z, 'A', all],
  [`drifter.${Z}`, 'A', ['A 10.1.0.3']],
  [`_sql._tcp.${Z}`, 'A', all],
])('%s %s', (name, type, expected) => {
  expect(ask(zone, name, type)).toEqual(expected);
});

describe('there are no such names', () => {
  test('without the option', () => {
    expect(ask(clusterZone(store), `west-1.pin._zone.${Z}`, 'A')).toBe('nxdomain');
  });

  test('in a clusterset zone', () => {
    const multicluster = clusterZone(store, { zonal: true, multicluster: true });
    expect(ask(multicluster, `west-1.pin._zone.${Z}`, 'A')).toBe('nxdomain');
  });
});
