import { describe, expect, it } from 'vitest';
import { ManifestError } from '../../../../src/cluster/sources/manifests/documents.ts';
import { parseManifests } from '../../../../src/cluster/sources/manifests/parse.ts';
import { trim } from '../../../../src/cluster/trim.ts';
import { limits } from '../../../../src/limits.ts';

/** `Service shop/web at 3`. */
function found(text: string, format: 'yaml' | 'json' = 'yaml'): string[] {
  return parseManifests(text, format).manifests.map(
    ({ kind, namespace, name, line }) => `${kind} ${namespace}/${name} at ${line}`,
  );
}

function failure(text: string, format: 'yaml' | 'json' = 'yaml'): string {
  try {
    parseManifests(text, format);
  } catch (error) {
    if (error instanceof ManifestError) return `${error.line}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('objects in a file', () => {
  it('YAML documents, with and without namespace, comments and empty documents between', () => {
    const text = `# a comment
---
apiVersion: v1
kind: Service
metadata: {name: web}
---
---
# only a comment
---
kind: Pod
apiVersion: v1
metadata:
  name: db-0
  namespace: data
`;
    expect(found(text)).toEqual(['Service default/web at 3', 'Pod data/db-0 at 10']);
  });

  it('a list as kubectl dumps it', () => {
    const text = `apiVersion: v1
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: web
    namespace: shop
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata:
    name: web-x
    namespace: shop
kind: List
metadata:
  resourceVersion: ""
`;
    expect(found(text)).toEqual(['Service shop/web at 3', 'EndpointSlice shop/web-x at 8']);
  });

  it.each([
    '{"apiVersion":"v1","kind":"PodList",\n"items":[\n{"metadata":{"name":"a"}},\n{"metadata":{"name":"b"}}]}',
  ])('a typed list, whose items do not repeat their kind', (text) => {
    expect(found(text, 'json')).toEqual(['Pod default/a at 3', 'Pod default/b at 4']);
    expect(found(text, 'yaml')).toEqual(['Pod default/a at 3', 'Pod default/b at 4']);
  });

  it('JSON with a byte order mark and white space before', () => {
    expect(found('\uFEFF\n\n{"kind":"Namespace","metadata":{"name":"shop"}}', 'json')).toEqual([
      'Namespace /shop at 3',
    ]);
  });

  it('a Namespace has no namespace', () => {
    expect(found('{kind: Namespace, metadata: {name: shop, namespace: x}}')).toEqual([
      'Namespace /shop at 1',
    ]);
  });

  it.each([
    ['every kind that is read', 'v1', 'Service', 1],
    ['', 'v1', 'Endpoints', 1],
    ['', 'discovery.k8s.io/v1', 'EndpointSlice', 1],
    ['', 'multicluster.x-k8s.io/v1alpha1', 'ServiceImport', 1],
    ['a Service of Knative', 'serving.knative.dev/v1', 'Service', 0],
    ['a ConfigMap', 'v1', 'ConfigMap', 0],
    ['a name of Object.prototype', 'v1', 'toString', 0],
    ['a custom list', 'example.org/v1', 'AllowList', 0],
  ])('%s: %s %s', (_title, apiVersion, kind, count) => {
    const parsed = parseManifests(JSON.stringify({ apiVersion, kind, metadata: { name: 'x' } }), 'yaml');
    expect(parsed.manifests).toHaveLength(count);
    expect([...parsed.otherKinds]).toEqual(count === 0 ? [[kind, 1]] : []);
    expect(parsed.warnings).toEqual([]);
  });

  it('YAML as kubectl reads it: words for booleans, times as text, anchors and merges', () => {
    const text = `kind: Service
metadata: {name: web, deletionTimestamp: 2026-01-01T00:00:00Z}
spec:
  publishNotReadyAddresses: yes
  selector: &labels {app: web}
  other: {<<: *labels, tier: off}
`;
    const [web] = parseManifests(`%YAML 1.1\n---\n${text}`, 'yaml').manifests;
    expect(web?.json).toMatchObject({
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec: { publishNotReadyAddresses: true, other: { app: 'web', tier: false } },
    });
  });

  it('of pods, only what is read is kept', () => {
    const text = JSON.stringify({
      kind: 'Pod',
      metadata: { name: 'a', managedFields: ['large'] },
      spec: { nodeName: 'large', containers: [{ image: 'large', ports: [{ name: 'http' }] }] },
      status: { podIP: '10.0.0.1', containerStatuses: ['large'] },
    });
    expect(JSON.stringify(parseManifests(text, 'json').manifests)).not.toContain('large');
  });

  it.each([{ hostNetwork: true }, { dnsPolicy: 'Default' }, { dnsConfig: { searches: ['corp.example'] } }])(
    'of pods, whether they search as their namespace does: %j',
    (spec) => {
      const text = JSON.stringify({ kind: 'Pod', metadata: { name: 'a' }, spec });
      const [pod] = parseManifests(text, 'json').manifests;
      expect(pod && trim('Pod', pod.json)).toMatchObject({ hasClusterSearch: false });
    },
  );
});

describe('what is no object is passed over with a warning', () => {
  it.each([
    ['kind: Service\n', 1, 'Service without metadata.name (as text): passed over'],
    ['---\nkind: Service\nmetadata: {name: 1}\n', 2, 'Service without metadata.name (as text): passed over'],
    ['just words', 1, 'not a Kubernetes object: passed over'],
    ['- a\n', 1, 'not a Kubernetes object: passed over'],
    ['kind: List\nitems:\n- 5\n', 3, 'not a Kubernetes object: passed over'],
    ['kind: List\nitems: &a\n- *a', 3, 'not a Kubernetes object: passed over'],
  ])('%j', (text, line, message) => {
    const parsed = parseManifests(text, 'yaml');
    expect(parsed.manifests).toEqual([]);
    expect(parsed.warnings).toEqual([{ line, message }]);
  });

  it('and the others of the file stand', () => {
    expect(found('kind: Pod\n---\nkind: Pod\nmetadata: {name: a}\n')).toEqual(['Pod default/a at 3']);
  });

  it.each(['', '\n', '# only a comment', '---\n---\n', 'null'])('nothing is no mistake: %j', (text) => {
    expect(parseManifests(text, 'yaml')).toMatchObject({ manifests: [], warnings: [] });
  });
});

describe('bad YAML, with its line', () => {
  it.each([
    [
      'kind: Service\nmetadata:\n  name: x\n bad: 1\n',
      '4: bad YAML: All mapping items must start at the same column',
    ],
    ['a:\n\tb: 1', '2: bad YAML: Tabs are not allowed as indentation'],
    ['kind: A\n---\nkind: B\nkind: C\n', "4: bad YAML: the key 'kind' is here twice"],
    ['a: {{ .Values.name }}', '1: bad YAML: a key that is not plain text'],
    ['x: 1\na: *b\n', '2: bad YAML: no anchor &b above'],
    [
      'a: 1\n---\nb: [',
      '3: bad YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('%j', (text, expected) => {
    expect(failure(text)).toBe(expected);
  });

  it('aliases up to the bound', () => {
    const aliases = (count: number) => `a: &a 1\nb:\n${'- *a\n'.repeat(count)}`;
    expect(failure(aliases(limits.manifestAliases))).toBe('none');
    const line = limits.manifestAliases + 3;
    expect(failure(aliases(limits.manifestAliases + 1))).toBe(`${line}: bad YAML: more than 1000 aliases`);
  });

  it('few aliases that multiply', () => {
    const level = (i: number) =>
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`;
    const bomb = (levels: number) =>
      ['a0: &a0 [x]', ...Array.from({ length: levels }, (_, i) => level(i + 1))].join('\n');
    expect(failure(bomb(3))).toBe('none');
    expect(9 ** 5).toBeGreaterThan(limits.manifestAliasNodes);
    expect(failure(bomb(5))).toBe('1: bad YAML: aliases stand for too many nodes');
  });

  it.each(['['.repeat(50_000), '['.repeat(50_000) + ']'.repeat(50_000), '{a: b, '.repeat(50_000)])(
    'nested without end (%#)',
    (text) => {
      expect(failure(text)).toBe('1: bad YAML: nested too deeply');
    },
  );

  it('very many keys are no danger', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(failure(keys)).toBe('none');
  });
});

describe('bad JSON, with its line', () => {
  it.each([
    ['', '1: bad JSON: it ends too early'],
    ['{"a": 1,\n}', "2: bad JSON: unexpected '}'"],
    ['{"a":\n[1\n', '3: bad JSON: it ends too early'],
    ['{"a": 1}\n{"b": 2}', "2: bad JSON: unexpected '{'"],
    ['kind: Service', "1: bad JSON: unexpected 'k'"],
  ])('%j', (text, expected) => {
    expect(failure(text, 'json')).toBe(expected);
  });
});
