/** Headless Services and the names of endpoints. */
import { describe, expect, test } from 'vitest';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const Z = 'data.svc.cluster.local';
const long = 'p'.repeat(63);

const store = storeOf([
  namespace('data'),
  service('data/db', { ips: 'None', ports: ['sql/TCP/3306'] }),
  slice('data/db-1', {
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['10.1.0.1'], hostname: 'Db-0', pod: 'pod-0' },
      { addresses: ['10.1.0.2'], pod: 'pod-1' },
    ],
  }),
  slice('data/db-2', { ports: ['sql/TCP/5432'], endpoints: ['fd00:1::2', 'fd00:1::'] }),
  service('data/shared', { ips: 'None' }),
  slice('data/shared-1', {
    ports: ['a/TCP/1'],
    endpoints: [
      { addresses: ['10.1.1.1'], hostname: 'same' },
      { addresses: ['10.1.1.2', 'fd00:1:1::2'], hostname: 'same' },
    ],
  }),
  slice('data/shared-2', { ports: ['a/TCP/2'], endpoints: [{ addresses: ['10.1.1.1'], hostname: 'same' }] }),
  service('data/portless', { ips: 'None', ports: ['http/TCP/80'] }),
  slice('data/portless-1', { endpoints: ['10.1.2.1'] }),
  service('data/blank', { ips: 'None' }),
  slice('data/blank-1', { ports: ['//-1', '//9'], endpoints: ['10.1.3.1'] }),
  service('data/six', { ips: 'None' }),
  slice('data/six-1', {
    ports: ['a/TCP/1'],
    endpoints: [1, 2, 3, 4, 5, 6].map((n) => `10.1.4.${n}`),
  }),
  service('data/pods', { ips: 'None' }),
  slice('data/pods-1', {
    endpoints: [
      { addresses: ['10.1.5.1'], pod: 'Web-7d4b9' },
      { addresses: ['10.1.5.2'], pod: `${long}x` },
      { addresses: ['10.1.5.3'], pod: long },
      { addresses: ['10.1.5.4'], pod: 'kube-proxy.node-1' },
      { addresses: ['10.1.5.5'], pod: 'named', hostname: 'host' },
    ],
  }),
  // Selected by nothing but their label, with a Service made by hand; and not labelled at all.
  slice('data/by-hand', { service: 'manual', endpoints: ['192.0.2.9'] }),
  service('data/manual', { ips: 'None' }),
  slice('data/unlabelled', { service: '', endpoints: ['10.1.6.1'] }),
  slice('data/orphan-1', { endpoints: ['10.1.7.1'] }),
]);
const zone = clusterZone(store);
const podNames = clusterZone(store, { endpointPodNames: true });

test.each<[string, string, Answer]>([
  // All ready endpoints of all slices.
  [`db.${Z}`, 'A', ['A 10.1.0.1', 'A 10.1.0.2']],
  [`db.${Z}`, 'AAAA', ['AAAA fd00:1::2', 'AAAA fd00:1::']],
  [
    `db.${Z}`,
    'SRV',
    [
      `SRV 0 25 5432 db-0.db.${Z}.`,
      `SRV 0 25 5432 10-1-0-2.db.${Z}.`,
      `SRV 0 25 5432 fd00-1--2.db.${Z}.`,
      `SRV 0 25 5432 fd00-1--0.db.${Z}.`,
      `+ db-0.db.${Z}. A 10.1.0.1`,
      `+ 10-1-0-2.db.${Z}. A 10.1.0.2`,
      `+ fd00-1--2.db.${Z}. AAAA fd00:1::2`,
      `+ fd00-1--0.db.${Z}. AAAA fd00:1::`,
    ],
  ],
  // The ports are those of the slices, not of the Service.
  [`_sql._tcp.db.${Z}`, 'A', ['A 10.1.0.1', 'A 10.1.0.2']],
  [`_none._tcp.db.${Z}`, 'A', 'nxdomain'],
  [`_http._tcp.portless.${Z}`, 'A', 'nxdomain'],

  // Names of endpoints: the hostname, or else the address.
  [`db-0.db.${Z}`, 'A', ['A 10.1.0.1']],
  [`db-0.db.${Z}`, 'AAAA', 'nodata'],
  [`10-1-0-1.db.${Z}`, 'A', 'nxdomain'],
  [`10-1-0-2.db.${Z}`, 'A', ['A 10.1.0.2']],
  [`pod-1.db.${Z}`, 'A', 'nxdomain'],
  [`fd00-1--2.db.${Z}`, 'AAAA', ['AAAA fd00:1::2']],
  [`fd00-1--0.db.${Z}`, 'AAAA', ['AAAA fd00:1::']],
  [`fd00-1--.db.${Z}`, 'AAAA', 'nxdomain'],

  // Several endpoints of one hostname are one name.
  [`same.shared.${Z}`, 'A', ['A 10.1.1.1', 'A 10.1.1.2']],
  [`same.shared.${Z}`, 'AAAA', ['AAAA fd00:1:1::2']],
  [
    `same.shared.${Z}`,
    'SRV',
    [
      `SRV 0 25 1 same.shared.${Z}.`,
      `SRV 0 25 2 same.shared.${Z}.`,
      '+ A 10.1.1.1',
      '+ A 10.1.1.2',
      '+ AAAA fd00:1:1::2',
    ],
  ],
  [`shared.${Z}`, 'A', ['A 10.1.1.1', 'A 10.1.1.2']],

  // Ports that are not given, or have no number, are nothing to connect to; they count in the weight.
  [`portless.${Z}`, 'A', ['A 10.1.2.1']],
  [`portless.${Z}`, 'SRV', 'nodata'],
  [`10-1-2-1.portless.${Z}`, 'SRV', 'nodata'],
  [`blank.${Z}`, 'SRV', [`SRV 0 50 9 10-1-3-1.blank.${Z}.`, `+ 10-1-3-1.blank.${Z}. A 10.1.3.1`]],

  [`manual.${Z}`, 'A', ['A 192.0.2.9']],
  [`orphan.${Z}`, 'A', 'nxdomain'],
  [`10-1-7-1.orphan.${Z}`, 'A', 'nxdomain'],
  [`unlabelled.${Z}`, 'A', 'nxdomain'],
])('%s %s', (name, type, expected) => {
  expect(ask(zone, name, type)).toEqual(expected);
});

test('shares of the weight are rounded down', () => {
  expect(ask(zone, `six.${Z}`, 'SRV')[0]).toBe(`SRV 0 16 1 10-1-4-1.six.${Z}.`);
});

test('says why a headless Service has no addresses', () => {
  const idle = clusterZone(storeOf([namespace('data'), service('data/db', { ips: 'None' })]));
  expect(ask(idle, `db.${Z}`, 'A')).toBe('nxdomain');
  expect(why(idle, `db.${Z}`)).toBe('no-ready-endpoints');
});

describe('endpoint_pod_names', () => {
  test.each<[string, Answer]>([
    ['web-7d4b9', ['A 10.1.5.1']],
    ['10-1-5-1', 'nxdomain'],
    // Too long for a label, as long as one may be, and no label at all.
    [`10-1-5-2`, ['A 10.1.5.2']],
    [long, ['A 10.1.5.3']],
    ['10-1-5-4', ['A 10.1.5.4']],
    ['kube-proxy\\.node-1', 'nxdomain'],
    ['host', ['A 10.1.5.5']],
    ['named', 'nxdomain'],
  ])('%s', (hostname, expected) => {
    expect(ask(podNames, `${hostname}.pods.${Z}`, 'A')).toEqual(expected);
  });

  test('does not change the names of a zone without it', () => {
    expect(ask(zone, `10-1-5-1.pods.${Z}`, 'A')).toEqual(['A 10.1.5.1']);
    expect(ask(podNames, `10-1-5-1.pods.${Z}`, 'A')).toBe('nxdomain');
    expect(ask(zone, `10-1-5-1.pods.${Z}`, 'A')).toEqual(['A 10.1.5.1']);
  });
});

describe('endpoints that no name can be made for', () => {
  // 63 octets are the most that the API takes; a person's file may hold more.
  const unnameable = clusterZone(
    storeOf([
      namespace('data'),
      service('data/db', { ips: 'None' }),
      slice('data/db-1', {
        ports: ['sql/TCP/5432'],
        endpoints: [{ addresses: ['10.1.0.1'], hostname: 'h'.repeat(64) }, '10.1.0.2'],
      }),
    ]),
  );

  test('have addresses and no SRV', () => {
    expect(ask(unnameable, `db.${Z}`, 'A')).toEqual(['A 10.1.0.1', 'A 10.1.0.2']);
    expect(ask(unnameable, `db.${Z}`, 'SRV')).toEqual([
      `SRV 0 50 5432 10-1-0-2.db.${Z}.`,
      `+ 10-1-0-2.db.${Z}. A 10.1.0.2`,
    ]);
  });
});

test('an imported slice that also belongs to a Service of this cluster has names without the cluster', () => {
  const both = clusterZone(
    storeOf([
      namespace('data'),
      service('data/db', { ips: 'None' }),
      slice('data/db-1', {
        importedFor: 'db@west',
        ports: ['sql/TCP/5432'],
        endpoints: [{ addresses: ['10.1.0.1'], hostname: 'db-0' }],
      }),
    ]),
  );
  expect(ask(both, `db.${Z}`, 'SRV')).toEqual([`SRV 0 100 5432 db-0.db.${Z}.`, `+ db-0.db.${Z}. A 10.1.0.1`]);
  expect(ask(both, `db-0.db.${Z}`, 'A')).toEqual(['A 10.1.0.1']);
});
