/** Whose address it is: the pod, or nobody where there is any doubt. */
import { describe, expect, test } from 'vitest';
import { certainPod } from '../../src/cluster/certain-pod.ts';
import type { Kind, Pod } from '../../src/cluster/objects.ts';
import { ClusterStore } from '../../src/cluster/store.ts';
import { limits } from '../../src/limits.ts';
import { address, pod } from '../support/cluster.ts';

const IP = '10.1.0.7';
const LONG_MS: number = limits.podCertainMs;

class World {
  #nowMs = 0;
  readonly store: ClusterStore;

  constructor(kinds: readonly Kind[] = ['Pod']) {
    this.store = new ClusterStore({ kinds, elapsedMs: () => this.#nowMs });
  }

  list(...pods: readonly Pod[]): this {
    const list = this.store.beginList('Pod');
    for (const one of pods) list.upsert(one);
    list.finish();
    return this;
  }

  upsert(one: Pod): this {
    this.store.upsert(one);
    return this;
  }

  remove(path: string): this {
    const [namespace = '', name = ''] = path.split('/');
    this.store.remove({ kind: 'Pod', namespace, name });
    return this;
  }

  wait(ms: number = LONG_MS): this {
    this.#nowMs += ms;
    return this;
  }

  owner(ip = IP): string | undefined {
    const owner = certainPod(this.store, address(ip).bytes);
    return owner && `${owner.namespace}/${owner.name}`;
  }
}

const world = () => new World();
const leaving = (path: string) => pod(path, IP, { version: 'leaving', terminating: true });

const rows: [what: string, world: World, owner: string | undefined][] = [
  ['a pod that is known for long', world().list(pod('shop/web', IP)).wait(), 'shop/web'],
  ['an address of nobody', world().list(pod('shop/web', '10.1.0.8')).wait(), undefined],
  ['a pod without an address', world().list(pod('shop/web')).wait(), undefined],
  [
    'a young pod',
    world()
      .list(pod('shop/web', IP))
      .wait(LONG_MS - 1),
    undefined,
  ],
  [
    'a pod that came later',
    world()
      .list()
      .wait()
      .upsert(pod('shop/web', IP))
      .wait(LONG_MS - 1),
    undefined,
  ],
  ['the same a while later', world().list().wait().upsert(pod('shop/web', IP)).wait(), 'shop/web'],
  [
    'one that changes all the time',
    world().list(pod('shop/web', IP)).wait().upsert(pod('shop/web', IP)),
    'shop/web',
  ],
  [
    'a pod that got the address now',
    world().list(pod('shop/web', '10.1.0.8')).wait().upsert(pod('shop/web', IP)),
    undefined,
  ],
  ['two pods', world().list(pod('shop/a', IP), pod('bank/b', IP)).wait(), undefined],
  ['two pods of one namespace', world().list(pod('shop/a', IP), pod('shop/b', IP)).wait(), undefined],
  [
    'the one that is left of two',
    world().list(pod('shop/a', IP), pod('bank/b', IP)).wait().remove('shop/a'),
    'bank/b',
  ],
  ['a pod on its way out', world().list(pod('shop/web', IP)).wait().upsert(leaving('shop/web')), undefined],
  ['the same for long', world().list(pod('shop/web', IP)).upsert(leaving('shop/web')).wait(), undefined],
  [
    'a pod on its way out beside the next',
    world().list(pod('shop/a', IP)).upsert(leaving('shop/a')).upsert(pod('bank/b', IP)).wait(),
    undefined,
  ],
  ['a pod that is gone', world().list(pod('shop/web', IP)).wait().remove('shop/web'), undefined],
  [
    'an address used again in another namespace',
    world().list(pod('shop/a', IP)).wait().remove('shop/a').upsert(pod('bank/b', IP)),
    undefined,
  ],
  [
    'the same a while later',
    world().list(pod('shop/a', IP)).wait().remove('shop/a').upsert(pod('bank/b', IP)).wait(),
    'bank/b',
  ],
  [
    'an address used again between two lists',
    world().list(pod('shop/a', IP)).wait().list(pod('bank/b', IP)),
    undefined,
  ],
  ['a pod after a new list', world().list(pod('shop/a', IP)).wait().list(pod('shop/a', IP)), 'shop/a'],
  ['a pod of a list that goes on', world().upsert(pod('shop/a', IP)).wait(), undefined],
  ['a state that is not complete', new World(['Pod', 'Service']).list(pod('shop/a', IP)).wait(), undefined],
];

test.each(rows)('%s', (_what, made, expected) => {
  expect(made.owner()).toBe(expected);
});

describe('a watch that fails', () => {
  test('makes everybody uncertain, until it has worked again for a while', () => {
    const known = world().list(pod('shop/web', IP)).wait();
    known.store.interrupt('Pod');
    expect(known.wait().owner()).toBeUndefined();
    known.store.resume('Pod');
    expect(known.wait(LONG_MS - 1).owner()).toBeUndefined();
    expect(known.wait(1).owner()).toBe('shop/web');
  });

  test('of other kinds is no matter', () => {
    const known = world().list(pod('shop/web', IP)).wait();
    known.store.interrupt('Service');
    expect(known.owner()).toBe('shop/web');
  });
});
