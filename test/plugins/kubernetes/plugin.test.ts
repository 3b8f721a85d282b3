/** From lookups to replies: zones, classes, fallthrough, validity, and names that lead elsewhere. */
import { describe, expect, test } from 'vitest';
import { ClusterStore } from '../../../src/cluster/store.ts';
import { ClusterZone } from '../../../src/cluster/zone/cluster-zone.ts';
import { Name } from '../../../src/dns/name.ts';
import { record } from '../../../src/dns/record.ts';
import { formatRecord } from '../../../src/dns/text/record.ts';
import { Rcode, RrClass, RrType } from '../../../src/dns/types.ts';
import { Fallthrough } from '../../../src/plugins/fallthrough.ts';
import { KubernetesPlugin } from '../../../src/plugins/kubernetes/plugin.ts';
import type { Query } from '../../../src/plugins/plugin.ts';
import { failure, makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { namespace, service, storeOf } from '../../support/cluster.ts';
import { makeQuery, type QueryParts, unreachable } from '../../support/query.ts';

const NEXT = makeReply({ plugin: 'next' });

function objects() {
  return [
    namespace('prod'),
    service('prod/web', { ips: ['10.96.0.1'] }),
    service('prod/away', { externalName: 'api.example.com' }),
    service('prod/near', { externalName: 'away.prod.svc.cluster.local' }),
  ];
}

interface Parts {
  readonly store?: ClusterStore;
  readonly zones?: readonly string[];
  readonly fallthrough?: readonly string[];
}

function makePlugin({ store = storeOf(objects()), zones = ['cluster.local'], fallthrough = [] }: Parts = {}) {
  return new KubernetesPlugin(
    zones.map((zone) => new ClusterZone(store, { origin: Name.fromText(zone) })),
    new Fallthrough(fallthrough.map((zone) => Name.fromText(zone))),
  );
}

/** Its reply, or that of the next plugin. */
function serve(plugin: KubernetesPlugin, parts: QueryParts): Reply {
  const reply = plugin.serve(makeQuery(parts), () => NEXT);
  if (reply instanceof Promise) throw new Error('it was not answered at once');
  return reply;
}

const texts = ({ answer }: Reply) => answer.map((rr) => formatRecord(rr).replaceAll('\t', ' '));

describe('whose query it is', () => {
  test.each([
    ['web.prod.svc.cluster.local', RrClass.IN, false],
    ['nosuch.prod.svc.cluster.local', RrClass.IN, false],
    ['example.org', RrClass.IN, true],
    ['local', RrClass.IN, true],
    ['notcluster.local', RrClass.IN, true],
    ['web.prod.svc.cluster.local', RrClass.CH, true],
    ['web.prod.svc.cluster.local', 255, true],
  ])('%s in class %i', (name, rrClass, goesOn) => {
    expect(serve(makePlugin(), { name, class: rrClass }) === NEXT).toBe(goesOn);
  });

  test('the longest of its zones, in whatever order they stand', () => {
    const zones = ['cluster.local', 'inner.cluster.local', '.'];
    for (const order of [zones, zones.toReversed()]) {
      const plugin = makePlugin({ zones: order });
      const ownerOf = (name: string) => String(serve(plugin, { name, type: RrType.MX }).authority[0]?.owner);
      expect(ownerOf('x.inner.cluster.local')).toBe('inner.cluster.local.');
      expect(ownerOf('x.cluster.local')).toBe('cluster.local.');
      expect(ownerOf('example.org')).toBe('.');
    }
  });
});

describe('fallthrough', () => {
  const plugin = makePlugin({ fallthrough: ['prod.svc.cluster.local'] });
  const rows: [name: string, type: number, goesOn: boolean][] = [
    ['nosuch.prod.svc.cluster.local', RrType.A, true],
    ['nosuch.PROD.svc.cluster.local', RrType.TXT, true],
    ['nosuch.data.svc.cluster.local', RrType.A, false],
    // Only what does not exist goes on.
    ['web.prod.svc.cluster.local', RrType.A, false],
    ['web.prod.svc.cluster.local', RrType.AAAA, false],
    ['prod.svc.cluster.local', RrType.A, false],
    ['nosuch.prod.svc.cluster.local', RrType.AXFR, false],
  ];
  test.each(rows)('%s %i', (name, type, goesOn) => {
    expect(serve(plugin, { name, type }) === NEXT).toBe(goesOn);
  });
});

describe('replies', () => {
  test('records: authoritative, valid while the namespace stands', () => {
    const store = storeOf(objects());
    const reply = serve(makePlugin({ store }), { name: 'web.prod.svc.cluster.local' });
    expect(reply).toMatchObject({ rcode: 0, aa: true, plugin: 'kubernetes', reason: undefined });
    expect(texts(reply)).toEqual(['web.prod.svc.cluster.local. 5 IN A 10.96.0.1']);
    const isValid = () =>
      reply.validity.kind === 'while' && reply.validity.of.current === reply.validity.generation;
    store.upsert(service('data/other', { ips: ['10.96.0.2'] }));
    expect(isValid()).toBe(true);
    store.upsert(service('prod/web', { ips: ['10.96.0.3'] }));
    expect(isValid()).toBe(false);
  });

  test('no records: why, with the SOA', () => {
    const missing = serve(makePlugin(), { name: 'nosuch.prod.svc.cluster.local' });
    expect(missing).toMatchObject({ rcode: Rcode.NXDOMAIN, aa: true, reason: reasons.noSuchService });
    expect(missing.authority.map(({ type }) => type)).toEqual([RrType.SOA]);
    const other = serve(makePlugin(), { name: 'web.prod.svc.cluster.local', type: RrType.MX });
    expect(other).toMatchObject({ rcode: Rcode.NOERROR, aa: true, reason: reasons.noRecordOfType });
  });

  test('a transfer is refused, as the core refuses', () => {
    const reply = serve(makePlugin(), { name: 'cluster.local', type: RrType.AXFR });
    expect(reply).toMatchObject({ rcode: Rcode.REFUSED, aa: false, plugin: '', authority: [] });
  });

  test('what is not known yet: SERVFAIL, authoritative, with the SOA, for nobody else', () => {
    const store = new ClusterStore({ kinds: ['Service'] });
    const reply = serve(makePlugin({ store }), { name: 'web.prod.svc.cluster.local' });
    expect(reply).toMatchObject({
      ...{ rcode: Rcode.SERVFAIL, aa: true, plugin: 'kubernetes' },
      ...{ reason: reasons.notSynced, validity: { kind: 'never' }, error: undefined },
    });
    expect(reply.authority.map(({ type }) => type)).toEqual([RrType.SOA]);
  });
});

describe('an ExternalName outside', () => {
  const AWAY = 'away.prod.svc.cluster.local';
  const CNAME = `${AWAY}. 5 IN CNAME api.example.com.`;
  const target = record(Name.fromText('api.example.com'), 60, {
    kind: 'A',
    address: Uint8Array.of(192, 0, 2, 9),
  });
  const stray = record(Name.fromText('stray.example'), 60, {
    kind: 'A',
    address: Uint8Array.of(192, 0, 2, 1),
  });

  function asking(resolved: Reply | Promise<Reply>, name = AWAY, type: number = RrType.A) {
    const questions: string[] = [];
    const resolve: Query['resolve'] = (asked, askedType) => {
      questions.push(`${asked} ${askedType}`);
      return resolved;
    };
    return { reply: makePlugin().serve(makeQuery({ name, type, resolve }), unreachable), questions };
  }

  test('is asked of the whole server; only the answer section comes back', () => {
    const inner = makeReply({
      ...{ answer: [target], authority: [stray], additional: [stray] },
      ...{ ra: true, ad: true, plugin: 'forward' },
    });
    const { reply, questions } = asking(inner, AWAY, RrType.AAAA);
    expect(questions).toEqual(['api.example.com. 28']);
    if (reply instanceof Promise) throw new Error('it was not answered at once');
    expect(texts(reply)).toEqual([CNAME, 'api.example.com. 60 IN A 192.0.2.9']);
    expect(reply).toMatchObject({
      ...{ rcode: 0, aa: true, ra: false, ad: false, tc: false, authority: [], additional: [] },
      ...{ plugin: 'kubernetes', reason: undefined, validity: { kind: 'never' } },
    });
  });

  test('can be awaited', async () => {
    const { reply } = asking(Promise.resolve(makeReply({ answer: [target] })));
    expect(reply).toBeInstanceOf(Promise);
    expect(texts(await reply)).toHaveLength(2);
  });

  test('behind a name inside: the whole chain', () => {
    const { reply, questions } = asking(makeReply({ answer: [target] }), 'near.prod.svc.cluster.local');
    expect(questions).toEqual(['api.example.com. 1']);
    expect(texts(reply as Reply)).toEqual([
      'near.prod.svc.cluster.local. 5 IN CNAME away.prod.svc.cluster.local.',
      CNAME,
      'api.example.com. 60 IN A 192.0.2.9',
    ]);
  });

  test.each([Rcode.NXDOMAIN, Rcode.SERVFAIL, Rcode.REFUSED])(
    'rcode %i inside leaves the CNAME alone',
    (rcode) => {
      const { reply } = asking(failure(rcode, reasons.upstreamTimeout, 'late'));
      expect(texts(reply as Reply)).toEqual([CNAME]);
      expect(reply).toMatchObject({ rcode: 0, aa: true, reason: reasons.upstreamTimeout, error: undefined });
    },
  );

  test('an answer that was cut short is told to be', () => {
    expect(asking(makeReply({ answer: [target], tc: true })).reply).toMatchObject({ tc: true });
  });

  test('is not asked for its CNAME, nor for types that are not followed', () => {
    for (const type of [RrType.CNAME, RrType.MX, RrType.TXT, 255]) {
      expect(asking(NEXT, AWAY, type).questions).toEqual([]);
    }
  });
});
