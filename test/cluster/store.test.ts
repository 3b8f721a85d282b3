import { describe, expect, test } from 'vitest';
import type { ClusterObject, Pod } from '../../src/cluster/objects.ts';
import { ClusterStore } from '../../src/cluster/store.ts';
import {
  address,
  allKinds,
  namespace,
  pod,
  service,
  serviceImport,
  slice,
  storeOf,
} from '../support/cluster.ts';

/** Every change that the store tells of. */
function changesOf(store: ClusterStore): string[] {
  const changes: string[] = [];
  store.onChange((object, change) => changes.push(`${change} ${object.kind} ${object.name}`));
  return changes;
}

const webKey = { kind: 'Pod', namespace: 'shop', name: 'web' } as const;
const cartKey = { kind: 'Service', namespace: 'shop', name: 'cart' } as const;

function cartOf(store: ClusterStore) {
  return store.namespace('shop')?.services.get('cart')?.object;
}

describe('upsert', () => {
  test('adds, and then takes the place of what was there', () => {
    const store = storeOf([]);
    const changes = changesOf(store);
    const first = service('shop/cart', { ips: ['10.96.0.1'] });
    const second = service('shop/cart', { ips: ['10.96.0.2'] });
    store.upsert(first);
    expect(cartOf(store)).toBe(first);
    store.upsert(second);
    expect(cartOf(store)).toBe(second);
    expect(store.count('Service')).toBe(1);
    expect(store.serviceByAddress.get(address('10.96.0.1').bytes)).toEqual([]);
    expect(store.serviceByAddress.get(address('10.96.0.2').bytes)).toEqual([second]);
    expect(changes).toEqual(['added Service cart', 'updated Service cart']);
  });

  test('of the same resourceVersion changes nothing', () => {
    const store = storeOf([]);
    const first = service('shop/cart', { version: '1' });
    store.upsert(first);
    const changes = changesOf(store);
    const { current } = store.anything;
    store.upsert(service('shop/cart', { version: '1', ips: ['10.96.0.1'] }));
    expect(cartOf(store)).toBe(first);
    expect(store.anything.current).toBe(current);
    expect(changes).toEqual([]);
  });

  test('of what no answer depends on is told, and leaves answers valid', () => {
    const store = storeOf([slice('shop/cart-1', { version: '1', endpoints: ['10.1.0.1'] })]);
    const changes = changesOf(store);
    const { current } = store.anything;
    const later = slice('shop/cart-1', { version: '2', endpoints: ['10.1.0.1'], lastChange: 'now' });
    store.upsert(later);
    expect(store.anything.current).toBe(current);
    expect(changes).toEqual(['updated EndpointSlice cart-1']);
    expect(store.slicesByAddress.get(address('10.1.0.1').bytes)).toMatchObject([{ resourceVersion: '2' }]);
  });

  test('tells kinds and namespaces of one name apart', () => {
    const store = storeOf([
      service('shop/cart'),
      service('bank/cart'),
      serviceImport('shop/cart'),
      pod('shop/cart'),
      namespace('cart'),
    ]);
    expect(allKinds.map((kind) => store.count(kind))).toEqual([1, 2, 0, 1, 1]);
  });

  test('moves an EndpointSlice to another Service', () => {
    const store = storeOf([slice('shop/a-1', { service: 'a', endpoints: ['10.1.0.1'] })]);
    const services = store.namespace('shop')?.services;
    expect([...(services?.keys() ?? [])]).toEqual(['a']);
    store.upsert(slice('shop/a-1', { service: 'b', endpoints: ['10.1.0.1'] }));
    expect([...(services?.keys() ?? [])]).toEqual(['b']);
    store.upsert(slice('shop/a-1', { service: '', endpoints: ['10.1.0.1'] }));
    expect(store.namespace('shop')).toBeUndefined();
  });
});

describe('a pod on its way out', () => {
  test('is not added', () => {
    const store = storeOf([]);
    store.upsert(pod('shop/web', '10.1.0.1', { terminating: true }));
    expect(store.count('Pod')).toBe(0);
  });

  test('is served as it was until its delete', () => {
    const store = storeOf([pod('shop/web', '10.1.0.1')]);
    const changes = changesOf(store);
    store.upsert(pod('shop/web', undefined, { terminating: true }));
    expect(store.podsByAddress.get(address('10.1.0.1').bytes)).toHaveLength(1);
    store.remove({ kind: 'Pod', namespace: 'shop', name: 'web' });
    expect(store.podsByAddress.get(address('10.1.0.1').bytes)).toEqual([]);
    expect(changes).toEqual(['updated Pod web', 'removed Pod web']);
  });

  test('is marked, and no answer changes', () => {
    const store = storeOf([pod('shop/web', '10.1.0.1', { version: '1' })]);
    const { current } = store.anything;
    store.upsert(pod('shop/web', '10.1.0.9', { version: '2', terminating: true, hasClusterSearch: false }));
    expect(store.podsByAddress.get(address('10.1.0.1').bytes)).toEqual([
      pod('shop/web', '10.1.0.1', { version: '2', terminating: true }),
    ]);
    expect(store.podsByAddress.get(address('10.1.0.9').bytes)).toEqual([]);
    expect(store.anything.current).toBe(current);
  });

  test('stays through a new list', () => {
    const store = storeOf([pod('shop/web', '10.1.0.1')]);
    const list = store.beginList('Pod');
    list.upsert(pod('shop/web', '10.1.0.1', { terminating: true }));
    list.finish();
    expect(store.count('Pod')).toBe(1);
  });
});

describe('how long a pod is known to have its address', () => {
  function agingStore() {
    const clock = { ms: 0 };
    const store = new ClusterStore({ kinds: [], elapsedMs: () => clock.ms });
    const age = (text = '10.1.0.1') =>
      store.podsByAddress.get(address(text).bytes).map((one) => store.addressAgeMs(one));
    return { clock, store, age };
  }

  const web = (version: string, ip = '10.1.0.1', terminating = false) =>
    pod('shop/web', ip, { version, terminating });
  const courses: [what: string, changes: readonly (Pod | 'remove')[], ageMs: number][] = [
    ['nothing changes', [], 100],
    ['something else of it changes', [web('2')], 100],
    ['it is told again', [web('1')], 100],
    ['it goes and comes', ['remove', web('2')], 0],
    ['it had another', [web('2', '10.1.0.2'), web('3')], 0],
    ['one of its name was on its way out', [web('2', '10.1.0.1', true), web('3')], 0],
    ['it is on its way out', [web('2', '10.1.0.1', true)], Number.NEGATIVE_INFINITY],
  ];
  test.each(courses)('%s', (_what, changes, ageMs) => {
    const { clock, store, age } = agingStore();
    store.upsert(web('1'));
    clock.ms = 100;
    for (const change of changes) change === 'remove' ? store.remove(webKey) : store.upsert(change);
    expect(age()).toEqual([ageMs]);
  });

  test('changes arrive from the end of a list on, but while they are interrupted', () => {
    const { clock, store } = agingStore();
    expect(store.followedForMs('Pod')).toBe(Number.NEGATIVE_INFINITY);
    store.beginList('Pod').finish();
    clock.ms = 10;
    expect(store.followedForMs('Pod')).toBe(10);
    store.interrupt('Service');
    store.resume('Pod');
    expect(store.followedForMs('Pod')).toBe(10);
    store.interrupt('Pod');
    expect(store.followedForMs('Pod')).toBe(Number.NEGATIVE_INFINITY);
    clock.ms = 20;
    store.resume('Pod');
    clock.ms = 21;
    expect(store.followedForMs('Pod')).toBe(1);
  });
});

describe('remove', () => {
  test('takes the object out of everything', () => {
    const all: ClusterObject[] = [
      namespace('shop'),
      service('shop/cart', { ips: ['10.96.0.1'] }),
      slice('shop/cart-1', { importedFor: 'cart@west', endpoints: ['10.1.0.1'] }),
      pod('shop/web', '10.1.0.2'),
      serviceImport('shop/cart', { ips: ['10.112.0.1'] }),
    ];
    const store = storeOf(all);
    const changes = changesOf(store);
    for (const { kind, name } of all) {
      store.remove({ kind, namespace: kind === 'Namespace' ? '' : 'shop', name });
    }
    expect(allKinds.map((kind) => store.count(kind))).toEqual([0, 0, 0, 0, 0]);
    expect([...store.namespaces()]).toEqual([]);
    for (const text of ['10.96.0.1', '10.1.0.1', '10.1.0.2']) {
      const { bytes } = address(text);
      expect(store.serviceByAddress.get(bytes)).toEqual([]);
      expect(store.slicesByAddress.get(bytes)).toEqual([]);
      expect(store.podsByAddress.get(bytes)).toEqual([]);
    }
    expect(changes).toHaveLength(all.length);
    expect(new Set(changes.map((change) => change.split(' ')[0]))).toEqual(new Set(['removed']));
  });

  test('of an unknown key changes nothing', () => {
    const store = storeOf([namespace('shop')]);
    const changes = changesOf(store);
    const { current } = store.anything;
    store.remove(cartKey);
    store.remove({ kind: 'Namespace', namespace: '', name: 'bank' });
    expect(store.anything.current).toBe(current);
    expect(changes).toEqual([]);
  });

  test('tells of the object as it was, after the indexes have it', () => {
    const store = storeOf([service('shop/cart', { ips: ['10.96.0.1'] })]);
    const seen: unknown[] = [];
    store.onChange((object) =>
      seen.push(object.kind === 'Service' && object.clusterIPs.length, cartOf(store)),
    );
    store.remove(cartKey);
    expect(seen).toEqual([1, undefined]);
  });
});

describe('a list', () => {
  test('takes away, when it is finished, what it did not hold, and only of its kind', () => {
    const store = storeOf([
      namespace('shop'),
      service('shop/cart', { version: '1' }),
      service('shop/old'),
      slice('shop/old-1'),
    ]);
    const changes = changesOf(store);
    const list = store.beginList('Service');
    list.upsert(service('shop/cart', { version: '1' }));
    list.upsert(service('shop/new'));
    expect(store.namespace('shop')?.services.get('old')?.object).toBeDefined();
    list.finish();
    expect(store.namespace('shop')?.services.get('old')?.object).toBeUndefined();
    expect(store.count('EndpointSlice')).toBe(1);
    expect(changes).toEqual(['added Service new', 'removed Service old']);
  });

  test('holds what is there in the version that it has, and leaves it alone', () => {
    const store = storeOf([
      namespace('shop'),
      service('shop/cart', { version: '1' }),
      service('shop/old', { version: '1' }),
      service('shop/unversioned'),
    ]);
    const changes = changesOf(store);
    const list = store.beginList('Service');
    const key = (name: string) => ({ kind: 'Service', namespace: 'shop', name }) as const;
    expect(list.holds(key('cart'), '1')).toBe(true);
    expect(list.holds(key('old'), '2')).toBe(false);
    expect(list.holds(key('new'), '1')).toBe(false);
    expect(list.holds(key('unversioned'), '')).toBe(false);
    expect(list.holds({ kind: 'Service', namespace: 'other', name: 'cart' }, '1')).toBe(false);
    list.finish();
    expect(changes).toEqual(['removed Service old', 'removed Service unversioned']);
    const namespaces = store.beginList('Namespace');
    expect(namespaces.holds({ kind: 'Namespace', namespace: '', name: 'shop' }, '')).toBe(false);
  });

  test('that breaks off takes nothing away', () => {
    const store = storeOf([service('shop/cart')]);
    store.beginList('Service').upsert(service('shop/new'));
    const list = store.beginList('Service');
    list.upsert(service('shop/cart'));
    expect(store.count('Service')).toBe(2);
    list.finish();
    expect(store.count('Service')).toBe(1);
  });

  test('of each kind makes the store synced', () => {
    const store = new ClusterStore({ kinds: ['Namespace', 'Service'] });
    const first = store.beginList('Namespace');
    expect(store.synced).toBe(false);
    first.finish();
    store.beginList('Pod').finish();
    expect(store.synced).toBe(false);
    store.beginList('Service').finish();
    expect(store.synced).toBe(true);
  });
});

describe('a namespace', () => {
  test('is known while there is something in it, and exists while its object does', () => {
    const store = storeOf([service('shop/cart')]);
    expect(store.namespace('shop')?.exists).toBe(false);
    store.upsert(namespace('shop'));
    expect(store.namespace('shop')?.exists).toBe(true);
    store.remove(cartKey);
    expect(store.namespace('shop')?.exists).toBe(true);
    store.remove({ kind: 'Namespace', namespace: '', name: 'shop' });
    expect(store.namespace('shop')).toBeUndefined();
  });

  test('that comes after its Services, or goes before them, changes the set of namespaces', () => {
    const store = storeOf([service('shop/cart')]);
    const before = store.namespaceSet.current;
    store.upsert(namespace('shop'));
    const between = store.namespaceSet.current;
    expect(between).not.toBe(before);
    store.remove({ kind: 'Namespace', namespace: '', name: 'shop' });
    expect(store.namespaceSet.current).not.toBe(between);
  });

  test('is not known for an EndpointSlice of no Service, nor for a pod', () => {
    const store = storeOf([slice('shop/loose', { service: '' }), pod('shop/web', '10.1.0.1')]);
    expect(store.namespace('shop')).toBeUndefined();
  });

  test('has a generation that only its own changes advance', () => {
    const store = storeOf([namespace('shop'), namespace('bank')]);
    const [shop, bank] = [store.namespace('shop')?.generation, store.namespace('bank')?.generation];
    const { current } = bank ?? {};
    for (const object of [service('shop/cart'), slice('shop/cart-1'), pod('shop/web', '10.1.0.1')]) {
      const before = shop?.current;
      store.upsert(object);
      expect(shop?.current).not.toBe(before);
    }
    expect(bank?.current).toBe(current);
  });

  test('that goes ends what was read from it, though it comes again', () => {
    const store = storeOf([namespace('shop')]);
    const old = store.namespace('shop')?.generation;
    const before = old?.current;
    store.remove({ kind: 'Namespace', namespace: '', name: 'shop' });
    store.upsert(namespace('shop'));
    expect(old?.current).not.toBe(before);
  });
});
