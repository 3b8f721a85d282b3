/** SOA, name servers and the schema's version. */
import { describe, expect, test } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/objects.ts';
import { parseAddress } from '../../../src/dns/index.ts';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, type ZoneOptions } from './ask.ts';

const nowMs = () => 1_700_000_000_500;

describe('SOA', () => {
  const store = storeOf([namespace('shop'), service('shop/cart', { ips: ['10.96.0.1'] })], { nowMs });
  const names = 'ns.dns.cluster.local. hostmaster.cluster.local. 1700000000';

  test.each([
    [0, `0 SOA ${names} 7200 1800 86400 0`],
    [5, `SOA ${names} 7200 1800 86400 5`],
    [30, `30 SOA ${names} 7200 1800 86400 30`],
    // Its own TTL ends at 300; what negative answers may be kept for does not.
    [3600, `300 SOA ${names} 7200 1800 86400 3600`],
  ])('ttl %i', (ttl, expected) => {
    expect(ask(clusterZone(store, { ttl }), 'cluster.local', 'SOA')).toEqual([expected]);
  });

  test('in the letter case that the zone was asked in', () => {
    const zone = clusterZone(store);
    expect(ask(zone, 'Cluster.LOCAL', 'SOA')).toEqual([
      'SOA ns.dns.Cluster.LOCAL. hostmaster.Cluster.LOCAL. 1700000000 7200 1800 86400 5',
    ]);
    // `ask` compares the owner of the SOA that stands with a negative answer.
    expect(ask(zone, 'none.Shop.svc.Cluster.LOCAL', 'A')).toBe('nxdomain');
  });

  test('has serial 0 before anything was there', () => {
    const zone = clusterZone(storeOf([namespace('shop')]));
    expect(ask(zone, 'cluster.local', 'SOA')[0]).toContain(' 0 7200 ');
  });
});

test.each<[string, Answer]>([
  ['dns-version.cluster.local', ['28800 TXT "1.1.0"']],
  ['DNS-Version.cluster.local', ['28800 TXT "1.1.0"']],
])('%s TXT', (name, expected) => {
  expect(ask(clusterZone(storeOf([]), { ttl: 60 }), name, 'TXT')).toEqual(expected);
});

describe('name servers', () => {
  const dns = 'dns.kube-system.svc.cluster.local.';
  const own = (...addresses: string[]) => ({
    ownAddresses: () => addresses.map((text) => parseAddress(text) ?? new Uint8Array()),
  });
  const clusterIP: ClusterObject[] = [
    namespace('kube-system'),
    service('kube-system/dns', { ips: ['10.96.0.10', 'fd00:96::a'] }),
    slice('kube-system/dns-1', { endpoints: ['10.1.0.1', '10.1.0.2'] }),
    slice('kube-system/dns-2', { endpoints: ['fd00:1::1'] }),
  ];
  const headless: ClusterObject[] = [
    service('kube-system/dns', { ips: 'None' }),
    slice('kube-system/dns-1', { endpoints: ['10.1.0.1', { addresses: ['10.1.0.2'], hostname: 'two' }] }),
  ];

  interface Case {
    readonly what: string;
    readonly objects: readonly ClusterObject[];
    readonly options: ZoneOptions;
    readonly ns: Answer;
    readonly a: Answer;
    readonly aaaa: Answer;
  }
  const cases: Case[] = [
    {
      what: 'the Service in front of one of the own addresses',
      objects: clusterIP,
      options: own('192.0.2.1', '10.1.0.1'),
      ns: [`NS ${dns}`, `+ ${dns} A 10.96.0.10`, `+ ${dns} AAAA fd00:96::a`],
      a: ['A 10.96.0.10'],
      aaaa: ['AAAA fd00:96::a'],
    },
    {
      what: 'once, though it is in front of several',
      objects: clusterIP,
      options: { ...own('10.1.0.1', 'fd00:1::1'), ttl: 30 },
      ns: [`30 NS ${dns}`, `+ ${dns} 30 A 10.96.0.10`, `+ ${dns} 30 AAAA fd00:96::a`],
      a: ['30 A 10.96.0.10'],
      aaaa: ['30 AAAA fd00:96::a'],
    },
    {
      what: 'each endpoint of a headless Service',
      objects: headless,
      options: own('10.1.0.1'),
      ns: [`NS 10-1-0-1.${dns}`, `NS two.${dns}`, `+ 10-1-0-1.${dns} A 10.1.0.1`, `+ two.${dns} A 10.1.0.2`],
      a: ['A 10.1.0.1', 'A 10.1.0.2'],
      aaaa: 'nodata',
    },
    {
      what: 'every Service that is in front',
      objects: [
        ...clusterIP,
        service('kube-system/dns-more', { ips: ['10.96.0.11'] }),
        slice('kube-system/dns-more-1', { endpoints: ['10.1.0.1'] }),
      ],
      options: own('10.1.0.1'),
      ns: [
        `NS ${dns}`,
        'NS dns-more.kube-system.svc.cluster.local.',
        `+ ${dns} A 10.96.0.10`,
        `+ ${dns} AAAA fd00:96::a`,
        '+ dns-more.kube-system.svc.cluster.local. A 10.96.0.11',
      ],
      a: ['A 10.96.0.10', 'A 10.96.0.11'],
      aaaa: ['AAAA fd00:96::a'],
    },
    {
      what: 'the server itself where no endpoint has its address',
      objects: clusterIP,
      options: own('192.0.2.1', '2001:db8::1'),
      ns: [
        'NS ns.dns.cluster.local.',
        '+ ns.dns.cluster.local. A 192.0.2.1',
        '+ ns.dns.cluster.local. AAAA 2001:db8::1',
      ],
      a: ['A 192.0.2.1'],
      aaaa: ['AAAA 2001:db8::1'],
    },
    {
      what: 'the server itself where the endpoint is of no Service',
      objects: [slice('kube-system/dns-1', { endpoints: ['10.1.0.1'] })],
      options: own('10.1.0.1'),
      ns: ['NS ns.dns.cluster.local.', '+ ns.dns.cluster.local. A 10.1.0.1'],
      a: ['A 10.1.0.1'],
      aaaa: 'nodata',
    },
    {
      what: 'none where the server knows no address of its own',
      objects: clusterIP,
      options: {},
      ns: 'nodata',
      a: 'nxdomain',
      aaaa: 'nxdomain',
    },
  ];

  test.each(cases)('$what', ({ objects, options, ns, a, aaaa }) => {
    const zone = clusterZone(storeOf(objects), options);
    expect(ask(zone, 'cluster.local', 'NS')).toEqual(ns);
    expect(ask(zone, 'ns.dns.cluster.local', 'A')).toEqual(a);
    expect(ask(zone, 'ns.dns.cluster.local', 'AAAA')).toEqual(aaaa);
  });

  test('are the same in any letter case', () => {
    const zone = clusterZone(storeOf(clusterIP), own('10.1.0.1'));
    const name = 'dns.kube-system.svc.CLUSTER.Local.';
    expect(ask(zone, 'CLUSTER.Local', 'NS')).toEqual([
      `NS ${name}`,
      `+ ${name} A 10.96.0.10`,
      `+ ${name} AAAA fd00:96::a`,
    ]);
    expect(ask(zone, 'Ns.DNS.Cluster.Local', 'A')).toEqual(['A 10.96.0.10']);
  });
});
