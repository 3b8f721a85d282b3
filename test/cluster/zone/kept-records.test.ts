/** Records of headless Services are kept as they were made: nothing that is answered may show it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, Name, RrType } from '../../../src/dns/index.ts';
import { limits } from '../../../src/limits.ts';
import { COMPRESSED, question, reply, WHOLE } from '../../dns/messages.ts';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { ask, clusterZone } from './ask.ts';

const NAME = 'db.prod.svc.cluster.local';

function endpoints(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
}

function objects(count: number) {
  return [
    namespace('prod'),
    service('prod/db', { ips: 'None', ports: ['sql/TCP/5432'] }),
    slice('prod/db-x', { service: 'db', ports: ['sql/TCP/5432'], endpoints: endpoints(count) }),
  ];
}

test('they are the same for the same name, and made anew for other letters', () => {
  const zone = clusterZone(storeOf(objects(10)));
  const of = (name: string) => zone.lookup(Name.fromText(name), RrType.SRV);
  expect(of(NAME).answer).toHaveLength(10);
  expect(of(NAME).answer).toBe(of(NAME).answer);
  expect(of(NAME).additional).toBe(of(NAME).additional);
  const other = of('DB.prod.svc.cluster.LOCAL');
  expect(other.answer.map(({ owner }) => String(owner))).toEqual(
    Array.from({ length: 10 }, () => 'DB.prod.svc.cluster.LOCAL.'),
  );
  expect(String(other.additional[0]?.owner)).toBe('10-0-0-0.db.prod.svc.cluster.LOCAL.');
  expect(of(NAME).answer[0]?.owner.toString()).toBe(`${NAME}.`);
});

test('they end with the endpoints that they were made of, and with a Service that is headless no more', () => {
  const store = storeOf(objects(10));
  const zone = clusterZone(store);
  for (const type of ['A', 'SRV', 'A', 'SRV']) ask(zone, NAME, type);
  const fewer = slice('prod/db-x', { service: 'db', ports: ['sql/TCP/5433'], endpoints: ['10.0.0.1'] });
  store.upsert(fewer);
  expect(ask(zone, NAME, 'A')).toEqual(['A 10.0.0.1']);
  expect(ask(zone, NAME, 'SRV')).toEqual([
    'SRV 0 100 5433 10-0-0-1.db.prod.svc.cluster.local.',
    '+ 10-0-0-1.db.prod.svc.cluster.local. A 10.0.0.1',
  ]);
  for (const object of objects(10)) store.upsert(object);
  expect(ask(zone, NAME, 'A')).toHaveLength(10);
  store.upsert(service('prod/db', { ips: ['10.96.0.1'], ports: ['sql/TCP/5432'] }));
  expect(ask(zone, NAME, 'A')).toEqual(['A 10.96.0.1']);
  store.remove({ kind: 'Service', namespace: 'prod', name: 'db' });
  expect(ask(zone, NAME, 'A')).toBe('nxdomain');
  store.upsert(service('prod/db', { ips: 'None' }));
  store.remove({ kind: 'Namespace', namespace: '', name: 'prod' });
  expect(ask(zone, NAME, 'A')).toBe('nxdomain');
});

test('more than there is room for are answered all the same', () => {
  const count = Math.floor(limits.keptRecords / 3) + 1;
  const store = storeOf(
    ['a', 'b', 'c', 'd'].flatMap((name) => {
      const all = Array.from({ length: count }, (_, i) => `10.${name.charCodeAt(0)}.${i >> 8}.${i & 255}`);
      return [
        namespace('prod'),
        service(`prod/${name}`, { ips: 'None' }),
        slice(`prod/${name}-x`, { service: name, endpoints: all }),
      ];
    }),
  );
  const zone = clusterZone(store);
  const of = (name: string) => zone.lookup(Name.fromText(`${name}.prod.svc.cluster.local`), RrType.A).answer;
  const [a] = [of('a'), of('b')];
  expect(of('a')).toBe(a);
  expect(of('c')).toHaveLength(count);
  expect(of('a')).not.toBe(a);
  expect(of('a')).toEqual(a);
});

test('a Service with more endpoints than all of it has room for is not kept', () => {
  const zone = clusterZone(storeOf(objects(limits.keptRecords + 1)));
  const of = () => zone.lookup(Name.fromText(NAME), RrType.A).answer;
  expect(of()).toHaveLength(limits.keptRecords + 1);
  expect(of()).not.toBe(of());
});

test('of one Service a few names only are kept', () => {
  const names = Array.from({ length: limits.keptNamesPerService + 2 }, (_, i) => `_p${i}._tcp.${NAME}`);
  const ports = names.map((_, i) => `p${i}/TCP/${i + 1}`);
  const zone = clusterZone(
    storeOf([
      namespace('prod'),
      service('prod/db', { ips: 'None' }),
      slice('prod/db-x', { service: 'db', ports, endpoints: endpoints(5) }),
    ]),
  );
  const of = (name: string) => zone.lookup(Name.fromText(name), RrType.SRV).answer;
  const first = names.map(of);
  const isKept = names.map((name, i) => of(name) === first[i]);
  expect(isKept.filter(Boolean)).toHaveLength(limits.keptNamesPerService);
  expect(names.map(of)).toEqual(first);
});

test('their octets are those of records made for this answer alone', () => {
  const type = fc.constantFrom(RrType.A, RrType.SRV);
  const store = storeOf(objects(12));
  const used = clusterZone(store);
  fc.assert(
    fc.property(type, fc.boolean(), fc.integer({ min: 100, max: 3000 }), (type, compress, limitBytes) => {
      const octets = [used, clusterZone(store)].map((zone) => {
        const { answer, additional } = zone.lookup(Name.fromText(NAME), type);
        const message = reply({ questions: [question(NAME, type)], answer, additional });
        return encodeMessage(message, { ...(compress ? COMPRESSED : WHOLE), limitBytes });
      });
      expect(octets[0]).toEqual(octets[1]);
      expect(decodeMessage(octets[0] ?? new Uint8Array()).questions).toEqual([question(NAME, type)]);
    }),
  );
});
