/** What holds for any cluster and any course of changes, over a small universe of names. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { certainPod } from '../../src/cluster/certain-pod.ts';
import type { ClusterObject, Kind } from '../../src/cluster/objects.ts';
import type { ObjectKey } from '../../src/cluster/source.ts';
import { ClusterStore } from '../../src/cluster/store.ts';
import type { ClusterZone } from '../../src/cluster/zone/cluster-zone.ts';
import type { Lookup } from '../../src/cluster/zone/lookup.ts';
import { formatRdata, type ResourceRecord, RrType, typeName } from '../../src/dns/index.ts';
import { address, allKinds, storeOf } from '../support/cluster.ts';
import { type Expected, Oracle } from './model/oracle.ts';
import { Owners } from './model/owners.ts';
import {
  addresses,
  anyOptions,
  type Change,
  nameOf,
  names,
  someChanges,
  someObjects,
  types,
  zoneOf,
  zonesOf,
} from './model/universe.ts';

const TIMEOUT = { timeout: 120_000 };
/** Types that differ in what they are made of. */
const chosenTypes = [RrType.A, RrType.AAAA, RrType.SRV, RrType.PTR, RrType.SOA, RrType.NS, RrType.TXT];

/** The whole of a lookup but for its validity, record order included. */
function textOf({ outcome, answer, authority, additional, chase, reason }: Lookup): string {
  const sections = [answer, authority, additional].map((records) => records.map(recordText).join('\n'));
  return [outcome, reason?.code, chase, ...sections].join('\n');
}

function recordText({ owner, ttl, type, data }: ResourceRecord): string {
  return `${owner} ${ttl} ${typeName(type)} ${formatRdata(data)}`;
}

function keyOf(object: ClusterObject): ObjectKey {
  const namespace = object.kind === 'Namespace' ? '' : object.namespace;
  return { kind: object.kind, namespace, name: object.name };
}

/** A store, its clock, and beside it in the plainest way what it must hold. */
class Cluster {
  readonly store: ClusterStore;
  readonly #held = new Map<string, ClusterObject>();
  #nowMs = 1_000_000;

  /** @param kinds those that the store waits for */
  constructor(kinds: readonly Kind[] = []) {
    const nowMs = () => this.#nowMs;
    this.store = new ClusterStore({ kinds, nowMs, elapsedMs: nowMs });
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'upsert':
        this.store.upsert(change.object);
        this.#hold(change.object);
        break;
      case 'remove':
        this.store.remove(keyOf(change.object));
        this.#held.delete(JSON.stringify(keyOf(change.object)));
        break;
      case 'list':
        this.#list(change);
        break;
      case 'wait':
        this.#nowMs += change.ms;
        break;
      case 'interrupt':
        this.store.interrupt('Pod');
        break;
      case 'resume':
        this.store.resume('Pod');
        break;
    }
  }

  get held(): ClusterObject[] {
    return [...this.#held.values()];
  }

  #hold(object: ClusterObject): void {
    if (object.kind === 'Pod' && object.terminating) return;
    this.#held.set(JSON.stringify(keyOf(object)), object);
  }

  #list({ of, objects }: Extract<Change, { kind: 'list' }>): void {
    const list = this.store.beginList(of);
    const listed = new Set(objects.map((object) => JSON.stringify(keyOf(object))));
    for (const object of objects) {
      list.upsert(object);
      this.#hold(object);
    }
    list.finish();
    for (const [key, object] of this.#held) {
      if (object.kind === of && !listed.has(key)) this.#held.delete(key);
    }
  }
}

function* lookups(zones: readonly ClusterZone[], asked: readonly number[]) {
  for (const text of names) {
    const name = nameOf(text);
    const zone = zoneOf(zones, name);
    for (const type of asked)
      yield { question: `${text} ${typeName(type)}`, lookup: zone.lookup(name, type) };
  }
}

test('an answer stands while its generation does', TIMEOUT, () => {
  const waitedFor = fc.constantFrom<Kind[]>([], [], ['Service']);
  fc.assert(
    fc.property(anyOptions, waitedFor, someObjects, someChanges(15), (options, kinds, objects, changes) => {
      const cluster = new Cluster(kinds);
      for (const object of objects) cluster.apply({ kind: 'upsert', object });
      const zones = zonesOf(cluster.store, options);
      const known = new Map<string, { text: string; validWhile: Lookup['validWhile'] }>();
      const look = () => {
        for (const { question, lookup } of lookups(zones, chosenTypes)) {
          const before = known.get(question);
          const text = textOf(lookup);
          const stands = before?.validWhile.of.current === before?.validWhile.generation;
          if (before === undefined || !stands) known.set(question, { text, validWhile: lookup.validWhile });
          else if (text !== before.text) expect(text, question).toBe(before.text);
        }
      };
      look();
      for (const change of changes) {
        cluster.apply(change);
        look();
      }
    }),
    { numRuns: 80 },
  );
});

const someCourse = fc
  .tuple(someObjects, someChanges(20))
  .map(([objects, changes]) => [
    ...objects.map((object): Change => ({ kind: 'upsert', object })),
    ...changes,
  ]);

test('the state is that of a fresh list, whatever led to it', TIMEOUT, () => {
  fc.assert(
    fc.property(anyOptions, someCourse, fc.infiniteStream(fc.nat()), (options, course, places) => {
      const cluster = new Cluster();
      const zones = zonesOf(cluster.store, options);
      for (const change of course) {
        cluster.apply(change);
        // What a question made the store remember must not outlive a change.
        for (const _ of lookups(zones, [RrType.A]));
      }
      const fresh = storeOf(shuffled(cluster.held, places));
      expect(summaryOf(cluster.store)).toEqual(summaryOf(fresh));
      const expected = new Map<string, string>();
      for (const { question, lookup } of lookups(zonesOf(fresh, options), chosenTypes)) {
        expected.set(question, withoutSerial(textOf(lookup)));
      }
      for (const { question, lookup } of lookups(zones, chosenTypes)) {
        const text = withoutSerial(textOf(lookup));
        if (text !== expected.get(question)) expect(text, question).toBe(expected.get(question));
      }
    }),
    { numRuns: 200 },
  );
});

test('the pod of an address is certain if the course of changes says so', TIMEOUT, () => {
  fc.assert(
    fc.property(someCourse, (course) => {
      const cluster = new Cluster();
      const owners = new Owners();
      for (const change of course) {
        cluster.apply(change);
        owners.apply(change);
        for (const text of addresses) {
          const pod = certainPod(cluster.store, address(text).bytes);
          expect(pod && `${pod.namespace}/${pod.name}`, text).toBe(owners.of(text));
        }
      }
    }),
    { numRuns: 300 },
  );
});

function shuffled<T>(list: readonly T[], places: Iterator<number>): T[] {
  return list
    .map((item) => ({ item, place: places.next().value }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function summaryOf(store: ClusterStore) {
  const counts = allKinds.map((kind) => store.count(kind));
  return { counts, namespaces: [...store.namespaces()].map(({ name }) => name).sort() };
}

/** Serials tell of the course that led here; nothing else may. */
function withoutSerial(text: string): string {
  return text.replace(/(SOA \S+ \S+) \d+/, '$1');
}

test('a name that exists for one type is missing for none', TIMEOUT, () => {
  fc.assert(
    fc.property(anyOptions, someObjects, fc.boolean(), (options, objects, isSynced) => {
      const store = isSynced ? storeOf(objects) : new ClusterStore({ kinds: ['Namespace'] });
      if (!isSynced) for (const object of objects) store.upsert(object);
      const zones = zonesOf(store, options);
      for (const text of names) {
        const name = nameOf(text);
        const zone = zoneOf(zones, name);
        const outcomes = new Set(types.map((type) => zone.lookup(name, type).outcome));
        if (outcomes.has('nxdomain')) expect(outcomes, text).toEqual(new Set(['nxdomain']));
        if (outcomes.has('unsynced') || !isSynced) expect(outcomes.has('nxdomain'), text).toBe(false);
      }
    }),
    { numRuns: 250 },
  );
});

test('addresses, services and pointers are what the raw objects say', TIMEOUT, () => {
  fc.assert(
    fc.property(anyOptions, someObjects, (options, objects) => {
      const cluster = new Cluster();
      for (const object of objects) cluster.apply({ kind: 'upsert', object });
      const { held } = cluster;
      const zones = zonesOf(storeOf(held), options);
      const oracle = new Oracle(held, options);
      for (const text of names) {
        // Name servers depend on the server's own addresses, of which the oracle knows nothing.
        if (text.startsWith('ns.dns.') || text === 'in-addr.arpa.' || text === 'ip6.arpa.') continue;
        const zone = zoneOf(zones, nameOf(text));
        for (const type of ['A', 'AAAA', 'SRV', 'PTR'] as const) {
          const lookup = zone.lookup(nameOf(text), RrType[type]);
          expect(linesOf(lookup), `${text} ${type}`).toEqual(oracle.answer(text, type));
        }
      }
    }),
    { numRuns: 400 },
  );
});

function linesOf({ outcome, answer, additional, chase }: Lookup): Expected | string {
  if (outcome !== 'answer') return outcome;
  const line = ({ owner, type, data }: ResourceRecord) => `${owner} ${typeName(type)} ${formatRdata(data)}`;
  return [
    ...answer.map(line),
    ...additional.map((record) => `+ ${line(record)}`),
    ...(chase === undefined ? [] : [`? ${chase}`]),
  ].sort();
}
