/** A repeated answer is what the chain would say now, octet by octet, whatever happens to the cluster. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/objects.ts';
import { ClusterStore } from '../../../src/cluster/store.ts';
import type { ClusterZone } from '../../../src/cluster/zone/cluster-zone.ts';
import { RrType } from '../../../src/dns/types.ts';
import { Fallthrough } from '../../../src/plugins/fallthrough.ts';
import { KubernetesPlugin } from '../../../src/plugins/kubernetes/plugin.ts';
import type { Packet } from '../../../src/server/engine.ts';
import {
  anyOptions,
  type Change,
  names,
  someChanges,
  someObjects,
  zonesOf,
} from '../../cluster/model/universe.ts';
import { unreachable } from '../../support/query.ts';
import { makeEngine, packet } from '../engines.ts';

const packets: readonly Packet[] = names.flatMap((name) => [
  ...[RrType.A, RrType.SRV, RrType.PTR].map((type) => packet({ name: name.toLowerCase(), type })),
  packet({ name: name.toUpperCase() }),
  packet({ name: name.toLowerCase(), type: RrType.AAAA, edns: { udpSize: 512, do: true } }),
]);

/** An engine over the zones, and how often its chain was asked. */
function engineOf(zones: readonly ClusterZone[]) {
  const plugin = new KubernetesPlugin(zones, new Fallthrough([]));
  let chainAsked = 0;
  const { engine } = makeEngine({
    '.': (query) => {
      chainAsked++;
      return plugin.serve(query, unreachable);
    },
  });
  return { engine, chainAsked: () => chainAsked };
}

function apply(store: ClusterStore, change: Change, wait: (ms: number) => void): void {
  if (change.kind === 'upsert') store.upsert(change.object);
  else if (change.kind === 'remove') store.remove(keyOf(change.object));
  else if (change.kind === 'wait') wait(change.ms);
  else if (change.kind === 'list') {
    const list = store.beginList(change.of);
    for (const object of change.objects) list.upsert(object);
    list.finish();
  }
}

function keyOf(object: ClusterObject) {
  const namespace = object.kind === 'Namespace' ? '' : object.namespace;
  return { kind: object.kind, namespace, name: object.name };
}

test('hot answers equal cold ones after every change', { timeout: 120_000 }, () => {
  let [asked, hot] = [0, 0];
  fc.assert(
    fc.property(anyOptions, someObjects, someChanges(6), (options, objects, changes) => {
      let nowMs = 1_000_000;
      const store = new ClusterStore({ kinds: ['Service'], nowMs: () => nowMs, elapsedMs: () => nowMs });
      for (const object of objects) store.upsert(object);
      const zones = zonesOf(store, options);
      const { engine, chainAsked } = engineOf(zones);
      const compare = () => {
        const fresh = engineOf(zones).engine;
        for (const each of packets) {
          const before = chainAsked();
          const octets = engine.handle(each);
          asked++;
          if (chainAsked() === before) hot++;
          expect(octets).toBeInstanceOf(Uint8Array);
          if (Buffer.compare(octets as Uint8Array, fresh.handle(each) as Uint8Array) !== 0)
            expect(octets).toEqual(fresh.handle(each));
        }
      };
      for (let i = 0; i < 2; i++) compare();
      for (const change of changes) {
        apply(store, change, (ms) => {
          nowMs += ms;
        });
        compare();
      }
    }),
    { numRuns: 12 },
  );
  // Else it would have compared cold answers with cold ones.
  expect(hot).toBeGreaterThan(asked / 100);
});
