/** A zone as a whole: what a transfer has between its two SOA records. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/objects.ts';
import type { ClusterZone } from '../../../src/cluster/zone/cluster-zone.ts';
import { parseAddress, type ResourceRecord, RrType } from '../../../src/dns/index.ts';
import { formatRecord } from '../../../src/dns/text/record.ts';
import { namespace, service, serviceImport, slice, storeOf } from '../../support/cluster.ts';
import { anyOptions, someObjects, zonesOf } from '../model/universe.ts';
import { clusterZone, type ZoneOptions } from './ask.ts';

const long = 'x'.repeat(63);

/** `owner TYPE rdata`, the zone left out of all names; the TTL where it is not 5. */
function text(records: Iterable<ResourceRecord>, zone = 'cluster.local.'): string[] {
  return [...records].map((made) =>
    formatRecord(made)
      .replaceAll('\t', ' ')
      .replaceAll(`.${zone}`, '')
      .replace(/^(\S+) 5 IN /, '$1 ')
      .replace(' IN ', ' '),
  );
}

function wholeOf(objects: readonly ClusterObject[], options: ZoneOptions = {}): string[] {
  return text(clusterZone(storeOf(objects), options).records());
}

const one = namespace('a');
const other = namespace('b');

test.each<[string, ClusterObject[], ZoneOptions, string[]]>([
  ['nothing', [one], {}, []],
  [
    'a cluster IP of both families: one SRV for each port, at names of named ports alone',
    [one, service('a/web', { ips: ['10.0.0.1', 'fd00::1'], ports: ['HTTP/TCP/80', '/UDP/53'] })],
    {},
    [
      'web.a.svc A 10.0.0.1',
      'web.a.svc AAAA fd00::1',
      'web.a.svc SRV 0 25 80 web.a.svc',
      'web.a.svc SRV 0 25 53 web.a.svc',
      '_http._tcp.web.a.svc SRV 0 50 80 web.a.svc',
    ],
  ],
  ['a Service without ports', [one, service('a/web', { ips: ['10.0.0.1'] })], {}, ['web.a.svc A 10.0.0.1']],
  [
    'a headless Service: endpoints under their names, weights over all slices',
    [
      one,
      service('a/db', { ips: 'None', ports: ['sql/TCP/1'] }),
      slice('a/db-1', {
        ports: ['sql/TCP/5432'],
        endpoints: [{ addresses: ['10.0.0.1'], hostname: 'DB-0' }, 'fd00::'],
      }),
      slice('a/db-2', {
        ports: ['sql/TCP/5433'],
        endpoints: [{ addresses: ['10.0.0.2'], hostname: 'db-0' }],
      }),
    ],
    {},
    [
      'db.a.svc A 10.0.0.1',
      'db.a.svc A 10.0.0.2',
      'db.a.svc AAAA fd00::',
      'db-0.db.a.svc A 10.0.0.1',
      'db-0.db.a.svc A 10.0.0.2',
      'fd00--0.db.a.svc AAAA fd00::',
      '_sql._tcp.db.a.svc SRV 0 33 5432 db-0.db.a.svc',
      '_sql._tcp.db.a.svc SRV 0 33 5432 fd00--0.db.a.svc',
      '_sql._tcp.db.a.svc SRV 0 33 5433 db-0.db.a.svc',
    ],
  ],
  [
    'the same address in two slices stands there once',
    [
      one,
      service('a/db', { ips: 'None' }),
      slice('a/db-1', { endpoints: ['10.0.0.1'] }),
      slice('a/db-2', { endpoints: ['10.0.0.1'] }),
    ],
    {},
    ['db.a.svc A 10.0.0.1', '10-0-0-1.db.a.svc A 10.0.0.1'],
  ],
  ['a headless Service without ready endpoints', [one, service('a/db', { ips: 'None' })], {}, []],
  [
    'ExternalNames: a name, an address, what is no name',
    [
      one,
      service('a/out', { externalName: 'example.com' }),
      service('a/ip', { externalName: '192.0.2.1' }),
      service('a/bad', { externalName: 'a..b' }),
      service('a/self', { externalName: 'self.a.svc.cluster.local' }),
    ],
    {},
    ['out.a.svc CNAME example.com.', 'self.a.svc CNAME self.a.svc'],
  ],
  [
    'by name, then by namespace',
    [
      one,
      other,
      service('b/web', { ips: ['10.0.0.1'] }),
      service('a/web', { ips: ['10.0.0.2'] }),
      service('b/app', { ips: ['10.0.0.3'] }),
    ],
    {},
    ['app.b.svc A 10.0.0.3', 'web.a.svc A 10.0.0.2', 'web.b.svc A 10.0.0.1'],
  ],
  [
    'namespaces that are not exposed, or do not exist',
    [one, other, ...['a', 'b', 'c'].map((where) => service(`${where}/web`, { ips: ['10.0.0.1'] }))],
    { namespaces: new Set(['b', 'c']) },
    ['web.b.svc A 10.0.0.1'],
  ],
  [
    'ignore empty_service',
    [
      one,
      service('a/empty', { ips: ['10.0.0.1'] }),
      service('a/full', { ips: ['10.0.0.2'] }),
      slice('a/full-1', { endpoints: ['10.1.0.1'] }),
    ],
    { ignoreEmptyService: true },
    ['full.a.svc A 10.0.0.2'],
  ],
  [
    'endpoint_pod_names',
    [
      one,
      service('a/db', { ips: 'None' }),
      slice('a/db-1', { endpoints: [{ addresses: ['10.0.0.1'], pod: 'db-x1' }] }),
    ],
    { endpointPodNames: true },
    ['db.a.svc A 10.0.0.1', 'db-x1.db.a.svc A 10.0.0.1'],
  ],
  [
    'the server itself as the name server, with the TTL of queries',
    [one],
    { ownAddresses: () => ['10.9.0.1', 'fd00:9::1'].map((ip) => parseAddress(ip) ?? new Uint8Array()) },
    ['cluster.local. NS ns.dns', 'ns.dns A 10.9.0.1', 'ns.dns AAAA fd00:9::1'],
  ],
  [
    'the Service in front of it: its addresses stand there once',
    [
      one,
      service('a/dns', { ips: ['10.0.0.10'], ports: ['dns/UDP/53'] }),
      slice('a/dns-1', { endpoints: ['10.9.0.1'] }),
    ],
    { ttl: 30, ownAddresses: () => [Uint8Array.of(10, 9, 0, 1)] },
    [
      'cluster.local. 30 NS dns.a.svc',
      'dns.a.svc 30 A 10.0.0.10',
      'dns.a.svc 30 SRV 0 100 53 dns.a.svc',
      '_dns._udp.dns.a.svc 30 SRV 0 100 53 dns.a.svc',
    ],
  ],
  [
    'names that are too long are left out',
    [
      namespace(long),
      service(`${long}/${long}`, { ips: 'None' }),
      slice(`${long}/x`, {
        service: long,
        ports: [`${long}/TCP/80`],
        endpoints: [{ addresses: ['10.0.0.1'], hostname: long }],
      }),
    ],
    {},
    [`${long}.${long}.svc A 10.0.0.1`, `${long}.${long}.${long}.svc A 10.0.0.1`],
  ],
])('%s', (_what, objects, options, expected) => {
  expect(wholeOf(objects, options)).toEqual(expected);
});

test('a clusterset zone: ServiceImports, endpoints under the names that queries have', () => {
  const store = storeOf([
    one,
    service('a/own', { ips: ['10.0.0.1'] }),
    serviceImport('a/cart', { ips: ['10.112.0.1'], ports: ['http/TCP/80'] }),
    serviceImport('a/db', { ips: 'None' }),
    slice('a/imported', {
      service: '',
      importedFor: 'db@West',
      ports: ['sql/TCP/5432'],
      endpoints: [{ addresses: ['10.1.0.2'], hostname: 'db-0' }],
    }),
  ]);
  const zone = clusterZone(store, { origin: 'clusterset.local', multicluster: true });
  expect(text(zone.records(), 'clusterset.local.')).toEqual([
    'cart.a.svc A 10.112.0.1',
    'cart.a.svc SRV 0 100 80 cart.a.svc',
    '_http._tcp.cart.a.svc SRV 0 100 80 cart.a.svc',
    'db.a.svc A 10.1.0.2',
    'db-0.west.db.a.svc A 10.1.0.2',
    '_sql._tcp.db.a.svc SRV 0 100 5432 db-0.west.db.a.svc',
  ]);
});

test('it is the zone of the moment at which it was asked for, whatever changes while it is read', () => {
  const objects = [
    one,
    service('a/db', { ips: 'None' }),
    slice('a/db-1', { endpoints: ['10.0.0.1'] }),
    service('a/web', { ips: ['10.0.0.2'] }),
  ];
  const store = storeOf(objects);
  const records = clusterZone(store).records()[Symbol.iterator]();
  const before = text(clusterZone(store).records());
  const read = [records.next().value as ResourceRecord];
  store.upsert(slice('a/db-1', { endpoints: ['10.0.0.9'] }));
  store.upsert(slice('a/db-2', { endpoints: ['10.0.0.8'] }));
  store.upsert(service('a/new', { ips: ['10.0.0.7'] }));
  store.remove({ kind: 'Service', namespace: 'a', name: 'web' });
  store.remove({ kind: 'Namespace', namespace: '', name: 'a' });
  expect(text([...read, ...{ [Symbol.iterator]: () => records }])).toEqual(before);
  expect(text(clusterZone(store).records())).toEqual([]);
});

/** Runs `check` for every name and type that a random zone has records of. */
function forEverySet(check: (zone: ClusterZone, set: readonly ResourceRecord[]) => void): void {
  let sets = 0;
  fc.assert(
    fc.property(anyOptions, someObjects, (options, objects) => {
      for (const zone of zonesOf(storeOf(objects), options)) {
        const byNameAndType = Map.groupBy(zone.records(), ({ owner, type }) => `${owner.key}/${type}`);
        for (const set of byNameAndType.values()) check(zone, set);
        sets += byNameAndType.size;
      }
    }),
    { numRuns: 300 },
  );
  expect(sets).toBeGreaterThan(1_000);
}

const TIMEOUT = { timeout: 120_000 };

test(
  'each record is in the answer to a query, or comes with the NS records; none is there twice',
  TIMEOUT,
  () => {
    forEverySet((zone, set) => {
      const lines = set.map(formatRecord);
      expect(new Set(lines).size).toBe(lines.length);
      for (const line of lines) expect([...answerTo(zone, set), ...glueOf(zone)]).toContain(line);
    });
  },
);

test('what a query of its name and type is answered with is there whole', TIMEOUT, () => {
  forEverySet((zone, set) => {
    expect(set.map(formatRecord)).toEqual(expect.arrayContaining(answerTo(zone, set)));
  });
});

test('a name with a CNAME has nothing else', TIMEOUT, () => {
  forEverySet((zone, set) => {
    if (set[0]?.type !== RrType.CNAME) return;
    const beside = [...zone.records()].filter(({ owner }) => set[0]?.owner.equals(owner));
    expect(beside).toHaveLength(1);
  });
});

function answerTo(zone: ClusterZone, [first]: readonly ResourceRecord[]): string[] {
  return first === undefined ? [] : zone.lookup(first.owner, first.type).answer.map(formatRecord);
}

/** A name server whose namespace is not exposed has no answer of its own. */
function glueOf(zone: ClusterZone): string[] {
  return zone.lookup(zone.origin, RrType.NS).additional.map(formatRecord);
}
