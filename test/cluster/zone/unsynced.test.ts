/** Before the cluster state is complete: what is known is answered, what is not is nobody's to deny. */
import { describe, expect, test } from 'vitest';
import { ClusterStore } from '../../../src/cluster/store.ts';
import { rcodeOf } from '../../../src/cluster/zone/lookup.ts';
import { Name, Rcode, RrType } from '../../../src/dns/index.ts';
import { namespace, service } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const Z = 'shop.svc.cluster.local';

function partStore(): ClusterStore {
  const store = new ClusterStore({ kinds: ['Namespace', 'Service'] });
  store.upsert(namespace('shop'));
  store.upsert(service('shop/cart', { ips: ['10.96.0.1'] }));
  store.upsert(service('shop/alias', { externalName: `cart.${Z}` }));
  store.upsert(service('shop/dangling', { externalName: `none.${Z}` }));
  store.upsert(service('shop/number', { externalName: '192.0.2.1' }));
  return store;
}

describe('a store of which a list is still missing', () => {
  const zone = clusterZone(partStore());
  const reverse = clusterZone(partStore(), { origin: 'in-addr.arpa' });

  test.each<[string, string, Answer]>([
    [`cart.${Z}`, 'A', ['A 10.96.0.1']],
    [`cart.${Z}`, 'AAAA', 'nodata'],
    [`alias.${Z}`, 'A', [`CNAME cart.${Z}.`, `cart.${Z}. A 10.96.0.1`]],
    [`alias.${Z}`, 'AAAA', 'nodata'],
    [Z, 'A', 'nodata'],
    ['cluster.local', 'A', 'nodata'],
    ['dns-version.cluster.local', 'TXT', ['28800 TXT "1.1.0"']],
    [`none.${Z}`, 'A', 'unsynced'],
    [`none.${Z}`, 'SOA', 'unsynced'],
    [`dangling.${Z}`, 'A', 'unsynced'],
    [`dangling.${Z}`, 'TXT', 'nodata'],
    [`dangling.${Z}`, 'CNAME', [`CNAME none.${Z}.`]],
    [`number.${Z}`, 'A', 'unsynced'],
    [`x.cart.${Z}`, 'A', 'unsynced'],
    ['none.svc.cluster.local', 'A', 'unsynced'],
    ['foo.cluster.local', 'A', 'unsynced'],
    ['10-0-0-1.shop.pod.cluster.local', 'A', 'unsynced'],
    ['cluster.local', 'AXFR', 'refused'],
  ])('%s %s', (name, type, expected) => {
    expect(ask(zone, name, type)).toEqual(expected);
  });

  test('says why', () => {
    expect(why(zone, `none.${Z}`)).toBe('not-synced');
    expect(why(zone, `dangling.${Z}`)).toBe('not-synced');
  });

  test('answers reverse names by the same rule', () => {
    expect(ask(reverse, '1.0.96.10.in-addr.arpa', 'PTR')).toEqual([`PTR cart.${Z}.`]);
    expect(ask(reverse, '2.0.96.10.in-addr.arpa', 'PTR')).toBe('unsynced');
  });
});

test('ends with the last list, and what was said before does not stand', () => {
  const store = partStore();
  const zone = clusterZone(store);
  const before = zone.lookup(Name.fromText(`none.${Z}`), RrType.A).validWhile;
  store.beginList('Service').finish();
  expect(store.synced).toBe(false);
  expect(ask(zone, `none.${Z}`, 'A')).toBe('unsynced');
  const middle = zone.lookup(Name.fromText(`none.${Z}`), RrType.A).validWhile;
  expect(before.of.current).not.toBe(before.generation);

  const last = store.beginList('Namespace');
  last.upsert(namespace('shop'));
  last.finish();
  expect(store.synced).toBe(true);
  expect(middle.of.current).not.toBe(middle.generation);
  expect(ask(zone, `none.${Z}`, 'A')).toBe('nxdomain');
});

test('a list that comes again, or breaks off, takes nothing back', () => {
  const store = new ClusterStore({ kinds: ['Namespace'] });
  const zone = clusterZone(store);
  store.beginList('Namespace').finish();
  store.beginList('Namespace').upsert(namespace('shop'));
  expect(store.synced).toBe(true);
  expect(ask(zone, 'none.svc.cluster.local', 'A')).toBe('nxdomain');
});

test('a kind that is not listed is not waited for', () => {
  expect(new ClusterStore({ kinds: [] }).synced).toBe(true);
});

test('every outcome has its rcode', () => {
  expect(rcodeOf).toEqual({
    answer: Rcode.NOERROR,
    nodata: Rcode.NOERROR,
    nxdomain: Rcode.NXDOMAIN,
    unsynced: Rcode.SERVFAIL,
    refused: Rcode.REFUSED,
  });
});
