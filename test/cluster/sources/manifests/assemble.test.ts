import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../src/cluster/objects.ts';
import { parseSelector } from '../../../../src/cluster/selector.ts';
import { assemble, type Cluster } from '../../../../src/cluster/sources/manifests/assemble.ts';
import { parseManifests } from '../../../../src/cluster/sources/manifests/parse.ts';
import { kubernetesList, pod, service, slice } from './support.ts';

const ALL: Kind[] = ['Namespace', 'Service', 'EndpointSlice', 'Pod', 'ServiceImport'];

interface Options {
  readonly kinds?: readonly Kind[];
  readonly endpoints?: boolean;
  readonly labels?: string;
  readonly namespaceLabels?: string;
}

/** The cluster of one list per file: `0.json`, `1.json`. */
function cluster(files: readonly (readonly object[])[], options: Options = {}): Cluster {
  const located = files.flatMap((items, index) =>
    parseManifests(JSON.stringify(kubernetesList(...items), null, 1), 'json').manifests.map((manifest) => ({
      file: `${index}.json`,
      manifest,
    })),
  );
  return assemble(located, {
    kinds: options.kinds ?? ALL,
    endpoints: options.endpoints ?? true,
    labels: parseSelector(options.labels ?? ''),
    namespaceLabels: parseSelector(options.namespaceLabels ?? ''),
  });
}

function names(kind: Kind, items: readonly object[], options: Options = {}): string[] {
  const objects = [...cluster([items], options).objects.values()];
  return objects.filter((object) => object.kind === kind).map((object) => object.name);
}

function namespace(name: string, labels: object = {}) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function labelled<T extends { metadata: object }>(object: T, labels: object): T {
  return { ...object, metadata: { ...object.metadata, labels } };
}

describe('namespaces', () => {
  const BUILT_IN = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
  it.each([
    ['nothing at all', [], []],
    ['declared', [namespace('shop')], ['shop']],
    ['named by an object', [service('web')], ['shop']],
    ['named by one, another declared', [service('web'), namespace('data')], ['data', 'shop']],
    ['both', [service('web'), namespace('shop')], ['shop']],
    [
      'of an object without namespace',
      [{ kind: 'Service', metadata: { name: 'x' }, spec: { clusterIP: 'None' } }],
      [],
    ],
  ])('%s', (_title, items, expected) => {
    expect(names('Namespace', items).toSorted()).toEqual([...BUILT_IN, ...expected].toSorted());
  });

  it.each([
    ['team=a', ['shop']],
    ['team!=a', [...BUILT_IN, 'data']],
    ['kubernetes.io/metadata.name in (data, shop)', ['data', 'shop']],
  ])('selected by %s', (namespaceLabels, expected) => {
    const items = [
      namespace('shop', { team: 'a' }),
      service('web'),
      service('db', { clusterIP: 'None' }, 'data'),
    ];
    expect(names('Namespace', items, { namespaceLabels }).toSorted()).toEqual(expected.toSorted());
  });
});

describe('an object that is in two places', () => {
  it('is the later one, with both places in a warning', () => {
    const { objects, warnings } = cluster([
      [service('web', { clusterIP: '10.96.0.1' })],
      [service('db', { clusterIP: 'None' }), service('web', { clusterIP: '10.96.0.2' })],
    ]);
    expect(objects.get('Service shop/web')).toMatchObject({ clusterIPs: [{ text: '10.96.0.2' }] });
    expect(warnings).toEqual(['1.json:16: Service shop/web is at 0.json:5 too: the later one is used']);
  });

  it('is not one of another kind or namespace', () => {
    const items = [
      service('web'),
      service('web', { clusterIP: '10.96.0.9' }, 'data'),
      pod('web', '10.0.0.1'),
    ];
    expect(cluster([items]).warnings).toEqual([]);
  });
});

describe('a Service without cluster IP', () => {
  it.each([
    ['none', {}, ['0.json:5: Service shop/web has no spec.clusterIP: add one, or dump it from a cluster']],
    ['clusterIP', { clusterIP: '10.96.0.1' }, []],
    ['clusterIPs', { clusterIPs: ['10.96.0.1'] }, []],
    ['headless', { clusterIP: 'None' }, []],
    ['ExternalName', { type: 'ExternalName', externalName: 'example.org' }, []],
  ])('%s', (_title, spec, expected) => {
    expect(cluster([[service('web', spec)]]).warnings).toEqual(expected);
  });
});

describe('selection', () => {
  const mc = { 'multicluster.kubernetes.io/service-name': 'web' };
  const items = [
    labelled(service('web', { clusterIP: 'None', selector: { app: 'web' } }), { team: 'a' }),
    labelled(service('db'), { team: 'b' }),
    pod('p', '10.0.0.1'),
    pod('ended', '10.0.0.2', { status: { phase: 'Succeeded' } }),
    pod('lost', '10.0.0.3', { status: { phase: 'Unknown' } }),
    labelled(slice('other', 'db', []), { 'kubernetes.io/service-name': 'db', team: 'b' }),
    labelled(slice('remote', '', []), { ...mc, team: 'a' }),
    { apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ServiceImport', metadata: { name: 'web' } },
  ];

  it.each<[string, Kind, Options, string[]]>([
    ['all slices, computed ones too', 'EndpointSlice', {}, ['web:IPv4:', 'other', 'remote']],
    ['noendpoints: of other clusters only', 'EndpointSlice', { endpoints: false }, ['remote']],
    ['labels of slices', 'EndpointSlice', { labels: 'team=a' }, ['web:IPv4:', 'remote']],
    ['labels of Services', 'Service', { labels: 'team=a' }, ['web']],
    ['pods that have not ended', 'Pod', {}, ['p']],
    ['labels of pods', 'Pod', { labels: 'team=a' }, []],
    [
      'labels do not touch imports',
      'ServiceImport',
      { labels: 'team=a', namespaceLabels: 'team=a' },
      ['web'],
    ],
    [
      'labels do not touch namespaces',
      'Namespace',
      { labels: 'team=none', namespaceLabels: 'kubernetes.io/metadata.name=shop' },
      ['shop'],
    ],
    ['kinds that are not wanted', 'Pod', { kinds: ['Namespace', 'Service'] }, []],
  ])('%s', (_title, kind, options, expected) => {
    expect(names(kind, items, options)).toEqual(expected);
  });

  it('slices that are not selected still keep others from being computed', () => {
    const web = service('web', { clusterIP: 'None', selector: { app: 'web' } });
    const own = [web, pod('p', '10.0.0.1'), slice('web-x', 'web', ['10.0.0.9'])];
    expect(names('EndpointSlice', own, { labels: '!kubernetes.io/service-name' })).toEqual([]);
  });
});

describe('resourceVersion', () => {
  const version = (object: object) => cluster([[object]]).objects.get('Service shop/web')?.resourceVersion;
  const web = service('web');

  it('is that of the content, whatever the file says', () => {
    const stale = { ...web, metadata: { ...web.metadata, resourceVersion: '7', annotations: { a: 'b' } } };
    expect(version(web)).toMatch(/^[\w-]{43}$/);
    expect(version(stale)).toBe(version(web));
    expect(version(service('web', { clusterIP: '10.96.0.2' }))).not.toBe(version(web));
  });
});
