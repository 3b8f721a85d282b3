/** The search paths that kubelet writes for pods, and which pods have one here. */
import { describe, expect, test } from 'vitest';
import { ClusterStore } from '../../../src/cluster/store.ts';
import { Name } from '../../../src/dns/name.ts';
import { limits } from '../../../src/limits.ts';
import { kubernetesPlugin } from '../../../src/plugins/kubernetes/index.ts';
import { hostDomains, PodSearchPaths } from '../../../src/plugins/kubernetes/search-paths.ts';
import type { SearchPaths } from '../../../src/plugins/plugin.ts';
import { podResolvConf } from '../../../src/resolver/index.ts';
import { pod } from '../../support/cluster.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const ZONE = 'cluster.local.';
const names = (...texts: string[]) => texts.map((text) => Name.fromText(text));

/** Pods that have been known for long. */
function pathsOf(
  zones: readonly string[],
  host: readonly string[] = [],
  pods = [pod('shop/web', '10.1.0.7')],
): SearchPaths {
  let nowMs = 0;
  const store = new ClusterStore({ kinds: [], elapsedMs: () => nowMs });
  const list = store.beginList('Pod');
  for (const one of pods) list.upsert(one);
  list.finish();
  nowMs = limits.podCertainMs;
  return new PodSearchPaths(store, names(...zones), names(...host));
}

function pathFor(paths: SearchPaths, name: string, address = '10.1.0.7'): string[] | undefined {
  const family = address.includes(':') ? 6 : 4;
  return paths.searchPathOf(makeQuery({ name, client: { address, family } }))?.map(String);
}

describe('the path', () => {
  const rows: [zones: string[], host: string[], name: string, expected: string[] | undefined][] = [
    [[ZONE], [], 'web.shop.svc.cluster.local.', ['shop.svc.cluster.local.', 'svc.cluster.local.', ZONE, '.']],
    [
      [ZONE],
      ['corp.example.', 'example.'],
      'web.shop.svc.cluster.local.',
      ['shop.svc.cluster.local.', 'svc.cluster.local.', ZONE, 'corp.example.', 'example.', '.'],
    ],
    [
      [ZONE],
      ['.', 'corp.example.'],
      'a.b.svc.cluster.local.',
      ['shop.svc.cluster.local.', 'svc.cluster.local.', ZONE, '.', 'corp.example.'],
    ],
    // The zone that the name is in, the longest of them.
    [
      [ZONE, 'k8s.example.'],
      [],
      'a.b.svc.k8s.example.',
      ['shop.svc.k8s.example.', 'svc.k8s.example.', 'k8s.example.', '.'],
    ],
    [['.', ZONE], [], 'a.b.svc.cluster.local.', ['shop.svc.cluster.local.', 'svc.cluster.local.', ZONE, '.']],
    [['.'], ['corp.example.'], 'web.shop.svc.', ['shop.svc.', 'svc.', '.', 'corp.example.']],
    [[ZONE], [], 'web.shop.pod.cluster.local.', undefined],
    [[ZONE], [], 'shop.svc.cluster.local.', undefined],
    [[ZONE], [], 'www.example.org.', undefined],
    [[`${'x'.repeat(63)}.`.repeat(3)], [], `a.b.svc.${`${'x'.repeat(63)}.`.repeat(3)}`, undefined],
  ];
  test.each(rows)('of zones %j with %j for %s', (zones, host, name, expected) => {
    const paths = pathsOf(zones, host);
    expect(pathFor(paths, name)).toEqual(expected);
    expect(paths.concerns(Name.fromText(name))).toBe(expected !== undefined);
  });

  test('is what kubelet writes, the name as it is behind it', () => {
    const hostConf = 'search corp.example example\nnameserver 192.0.2.1\n';
    const { searches } = podResolvConf({ namespace: 'shop', clusterDNS: ['10.96.0.10'], hostConf });
    const path = pathFor(
      pathsOf([ZONE], hostDomains(hostConf, names(ZONE)).map(String)),
      'a.shop.svc.cluster.local.',
    );
    expect(path).toEqual([...searches.map((domain) => `${domain}.`), '.']);
  });

  test('is bounded as kubelet has it', () => {
    const host = Array.from({ length: 40 }, (_, n) => `d${n}.example.`);
    const path = pathFor(pathsOf([ZONE], host), 'a.shop.svc.cluster.local.') ?? [];
    expect(path).toHaveLength(limits.autopathCandidates);
    expect(path.at(-2)).toBe('d28.example.');
    expect(path.at(-1)).toBe('.');
  });
});

describe('who has one', () => {
  const rows: [what: string, pods: ReturnType<typeof pod>[], address: string, first: string | undefined][] = [
    ['a pod', [pod('bank/a', '10.1.0.7')], '10.1.0.7', 'bank.svc.cluster.local.'],
    ['a pod of IPv6', [pod('bank/a', 'fd00::7')], 'fd00:0::7', 'bank.svc.cluster.local.'],
    ['an unknown client', [pod('bank/a', '10.1.0.7')], '10.1.0.8', undefined],
    ['two pods', [pod('bank/a', '10.1.0.7'), pod('shop/b', '10.1.0.7')], '10.1.0.7', undefined],
    [
      'a pod with a path of its own',
      [pod('bank/a', '10.1.0.7', { hasClusterSearch: false })],
      '10.1.0.7',
      undefined,
    ],
    [
      'a pod beside one in the network of the host',
      [pod('bank/a', '10.1.0.7'), pod('kube-system/b', '10.1.0.7', { hasClusterSearch: false })],
      '10.1.0.7',
      undefined,
    ],
    ['a namespace that is no name', [pod(`${'x'.repeat(64)}/a`, '10.1.0.7')], '10.1.0.7', undefined],
    ['a namespace that is two names', [pod('a.b/a', '10.1.0.7')], '10.1.0.7', undefined],
    ['nobody', [], '', undefined],
  ];
  test.each(rows)('%s', (_what, pods, address, first) => {
    expect(pathFor(pathsOf([ZONE], [], pods), 'web.shop.svc.cluster.local.', address)?.[0]).toBe(first);
  });
});

describe('domains of the node', () => {
  test.each([
    ['search corp.example example.', ['corp.example.', 'example.']],
    ['nameserver 192.0.2.1', []],
    ['', []],
    ['search .', ['.']],
    // kubelet does not look at it.
    ['domain corp.example', []],
    // Those of this server's own pod are none.
    ['search kube-system.svc.cluster.local svc.cluster.local cluster.local corp.example', ['corp.example.']],
    ['search a..b corp.example', ['corp.example.']],
  ])('%j', (hostConf, expected) => {
    expect(hostDomains(hostConf, names(ZONE, '.')).map(String)).toEqual(expected);
  });
});

describe('what autopath gets', () => {
  function offered(lines: string, wanted = true) {
    const setup = makeSetup({ plugin: 'kubernetes' });
    if (wanted) setup.context.offers.wantedSearchPaths.add('kubernetes');
    setUp(kubernetesPlugin, `kubernetes cluster.local in-addr.arpa clusterset.local {\n${lines}\n}`, setup);
    return { paths: setup.context.offers.searchPaths.get('kubernetes'), lines: setup.lines };
  }
  const concerned = (paths: SearchPaths | undefined, name: string) => paths?.concerns(Name.fromText(name));

  test('with pods verified', () => {
    const { paths, lines } = offered('pods verified\n multicluster clusterset.local');
    expect(lines).toEqual([]);
    expect(concerned(paths, 'web.shop.svc.cluster.local')).toBe(true);
    expect(concerned(paths, 'web.shop.svc.in-addr.arpa')).toBe(false);
    expect(concerned(paths, 'web.shop.svc.clusterset.local')).toBe(false);
  });

  test.each(['disabled', 'insecure'])('with pods %s: nothing, and a warning', (mode) => {
    const { paths, lines } = offered(`pods ${mode}`);
    expect(lines).toEqual([
      `[WARNING] plugin/kubernetes: autopath @kubernetes does nothing with "pods ${mode}": write "pods verified"`,
    ]);
    expect(concerned(paths, 'web.shop.svc.cluster.local')).toBe(false);
  });

  test('nothing where nobody asks', () => {
    expect(offered('pods insecure', false)).toEqual({ paths: undefined, lines: [] });
  });
});
