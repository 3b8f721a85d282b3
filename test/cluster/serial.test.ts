/** Which changes move which serial. */
import { describe, expect, test } from 'vitest';
import type { ClusterObject } from '../../src/cluster/objects.ts';
import type { ObjectKey } from '../../src/cluster/source.ts';
import { ClusterStore } from '../../src/cluster/store.ts';
import { namespace, pod, service, serviceImport, slice } from '../support/cluster.ts';

class Clocked {
  seconds = 1000;
  readonly store = new ClusterStore({ kinds: [], nowMs: () => this.seconds * 1000 + 999 });

  /** The serials that a step moves, after a second in which nothing happened. */
  moved(step: (store: ClusterStore) => void): string[] {
    this.seconds++;
    step(this.store);
    const { internal, external, multicluster } = this.store.serials;
    const serials = { internal, external, multicluster };
    return Object.entries(serials).flatMap(([name, serial]) => (serial === this.seconds ? [name] : []));
  }
}

const http = ['http/TCP/80'];
const key = (kind: ObjectKey['kind'], path: string): ObjectKey => {
  const [space = '', name = ''] = path.split('/');
  return { kind, namespace: space, name };
};

test('all are 0 until something is there', () => {
  const { store } = new Clocked();
  expect(store.serials).toMatchObject({ internal: 0, external: 0, multicluster: 0 });
});

describe('an object that comes or goes', () => {
  test.each<[string, ClusterObject, string[]]>([
    ['Namespace', namespace('shop'), []],
    ['Service', service('shop/cart', { ips: ['10.96.0.1'] }), ['internal']],
    ['Service', service('shop/cart', { externalIPs: ['192.0.2.1'] }), ['internal', 'external']],
    ['EndpointSlice', slice('shop/cart-1'), ['internal']],
    ['EndpointSlice', slice('shop/cart-1', { importedFor: 'cart@west' }), ['internal', 'multicluster']],
    ['Pod', pod('shop/cart', '10.1.0.1'), ['internal']],
    ['ServiceImport', serviceImport('shop/cart'), ['internal', 'multicluster']],
  ])('%s', (_kind, object, expected) => {
    const clocked = new Clocked();
    expect(clocked.moved((store) => store.upsert(object))).toEqual(expected);
    expect(clocked.moved((store) => store.upsert(object))).toEqual([]);
    const path = object.kind === 'Namespace' ? `/${object.name}` : `${object.namespace}/${object.name}`;
    expect(clocked.moved((store) => store.remove(key(object.kind, path)))).toEqual(expected);
    expect(clocked.moved((store) => store.remove(key(object.kind, path)))).toEqual([]);
  });
});

describe('an update', () => {
  test.each<[string, ClusterObject, ClusterObject, string[]]>([
    ['of nothing', service('a/s', { ports: http }), service('a/s', { ports: http, version: '2' }), []],
    [
      'of a port',
      service('a/s', { ports: http }),
      service('a/s', { ports: ['http/TCP/81'] }),
      ['internal', 'external'],
    ],
    ['of a cluster IP', service('a/s'), service('a/s', { ips: ['10.96.0.1'] }), ['internal']],
    ['of a type', service('a/s'), service('a/s', { ips: 'None' }), ['internal']],
    [
      'of an external name',
      service('a/s', { externalName: 'a.example' }),
      service('a/s', { externalName: 'b.example' }),
      ['internal'],
    ],
    ['of external IPs', service('a/s'), service('a/s', { externalIPs: ['192.0.2.1'] }), ['external']],
    [
      'of external IPs and cluster IPs',
      service('a/s'),
      service('a/s', { ips: ['10.96.0.1'], externalIPs: ['192.0.2.1'] }),
      ['internal', 'external'],
    ],
    ['of a selector', service('a/s'), { ...service('a/s'), hasSelector: false }, []],
    ['of an endpoint', slice('a/s-1'), slice('a/s-1', { endpoints: ['10.1.0.1'] }), ['internal']],
    ['of a slice’s ports', slice('a/s-1'), slice('a/s-1', { ports: http }), ['internal']],
    [
      'of a topology zone',
      slice('a/s-1', { endpoints: [{ addresses: ['10.1.0.1'], zone: 'a' }] }),
      slice('a/s-1', { endpoints: [{ addresses: ['10.1.0.1'], zone: 'b' }] }),
      ['internal'],
    ],
    ['of a trigger time', slice('a/s-1'), slice('a/s-1', { lastChange: '2026-01-01T00:00:00Z' }), []],
    [
      'of an imported endpoint',
      slice('a/s-1', { importedFor: 's@w' }),
      slice('a/s-1', { importedFor: 's@w', endpoints: ['10.1.0.1'] }),
      ['internal', 'multicluster'],
    ],
    [
      'that imports a slice',
      slice('a/s-1'),
      slice('a/s-1', { importedFor: 's@w' }),
      ['internal', 'multicluster'],
    ],
    [
      'that ends an import',
      slice('a/s-1', { importedFor: 's@w' }),
      slice('a/s-1'),
      ['internal', 'multicluster'],
    ],
    ['of a pod’s address', pod('a/p'), pod('a/p', '10.1.0.1'), ['internal']],
    ['of an import', serviceImport('a/s'), serviceImport('a/s', { ips: 'None' }), ['multicluster']],
    ['of a namespace', namespace('a', { version: '1' }), namespace('a', { version: '2' }), []],
  ])('%s', (_what, before, after, expected) => {
    const clocked = new Clocked();
    clocked.store.upsert(before);
    expect(clocked.moved((store) => store.upsert(after))).toEqual(expected);
  });

  test('to the same resourceVersion is none', () => {
    const clocked = new Clocked();
    clocked.store.upsert(service('a/s', { version: '7' }));
    const again = service('a/s', { version: '7', ips: ['10.96.0.1'] });
    expect(clocked.moved((store) => store.upsert(again))).toEqual([]);
  });
});

test('a serial is in whole seconds, of 32 bits', () => {
  const clocked = new Clocked();
  clocked.seconds = 2 ** 32 + 5;
  clocked.store.upsert(service('a/s'));
  expect(clocked.store.serials.internal).toBe(5);
});

describe('where the clock jumps', () => {
  const serialsAt = (moments: readonly number[]): number[] => {
    const clocked = new Clocked();
    return moments.map((seconds, at) => {
      clocked.seconds = seconds;
      clocked.store.upsert(service('a/s', { ips: [`10.96.0.${at}`] }));
      return clocked.store.serials.internal;
    });
  };

  test.each<[string, number[], number[]]>([
    ['forth', [1000, 9000, 9001], [1000, 9000, 9001]],
    ['back, a serial counts on', [1000, 400, 401, 402], [1000, 1001, 1002, 1003]],
    ['back, changes of one second have one serial', [1000, 400, 400, 401], [1000, 1001, 1001, 1002]],
    ['back and forth again, it takes up the time', [1000, 999, 1000, 1005], [1000, 1001, 1002, 1005]],
    ['over the end of 32 bits', [2 ** 32 - 1, 2 ** 32 + 3], [2 ** 32 - 1, 3]],
  ])('%s', (_what, moments, expected) => {
    expect(serialsAt(moments)).toEqual(expected);
  });
});

test('their generation advances with the value of one of them, not with every change', () => {
  const clocked = new Clocked();
  const { generation } = clocked.store.serials;
  clocked.store.upsert(service('a/s'));
  const first = generation.current;
  clocked.store.upsert(service('a/t'));
  expect(generation.current).toBe(first);
  clocked.seconds++;
  clocked.store.upsert(service('a/u'));
  expect(generation.current).toBeGreaterThan(first);
});
