/** What is applied to a cluster that has DNS changes what it says and leaves the rest alone. */
import { relative } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { cleanUp, makeFolder } from '../support/program.ts';
import {
  hasKubectl,
  type KubernetesObject,
  kubectl,
  manifests,
  objectOf,
  resourcesOf,
  type Workload,
} from './read.ts';

const base = objectOf<Workload>('base', 'Deployment');
const [corvidns] = base.spec.template.spec.containers;

/** The base's Deployment as CoreDNS's, with what an operator may have changed. */
function operatorsOwn(image: string): object {
  const { template } = base.spec;
  const containers = [
    { ...corvidns, image, args: [...corvidns.args, '-quiet'], env: [{ name: 'GOGC', value: '50' }] },
    { name: 'sidecar', image: 'example.org/sidecar:1' },
  ];
  const spec = { ...template.spec, containers };
  return { ...base, spec: { ...base.spec, replicas: 5, template: { ...template, spec } } };
}

/** As the API server would merge it. */
function merged(object: object, patch: object): unknown {
  const args = ['patch', '--local', '--type=strategic', '-f', '-', '-o', 'json', '-p', JSON.stringify(patch)];
  return JSON.parse(kubectl(args, stringify(object)));
}

describe('manifests/kind', () => {
  test('holds nothing but the image in the pod template: an undo brings back no more', () => {
    expect(resourcesOf('kind')).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: base.metadata.name, namespace: 'kube-system' },
        spec: { template: { spec: { containers: [{ name: 'coredns', image: corvidns.image }] } } },
      },
    ]);
  });

  test.skipIf(!hasKubectl)('merged into a Deployment it changes the image alone (kubectl)', () => {
    const before = operatorsOwn('registry.k8s.io/coredns/coredns:v1.14.7');
    const after = operatorsOwn(corvidns.image);
    expect(merged(before, objectOf('kind', 'Deployment'))).toEqual(merged(after, {}));
  });
});

describe('manifests/nodelocal', () => {
  const daemonset = objectOf<Workload>('nodelocal', 'DaemonSet');
  const { template, selector } = daemonset.spec;

  test("its pod is the Deployment's, on every node", () => {
    expect(template.spec).toEqual({
      ...base.spec.template.spec,
      // One for each node: there is nothing to spread.
      affinity: undefined,
      topologySpreadConstraints: undefined,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
    });
  });

  test('the Service and the DaemonSet select its pods, the Deployment and its budget do not', () => {
    expect(template.metadata.labels).toMatchObject(base.spec.selector.matchLabels);
    expect(template.metadata.labels).toEqual(selector.matchLabels);
    expect(base.spec.template.metadata.labels).not.toMatchObject(selector.matchLabels);
    expect(objectOf('base', 'PodDisruptionBudget')).toMatchObject({
      spec: {
        selector: {
          matchExpressions: [
            {
              key: 'app.kubernetes.io/component',
              operator: 'NotIn',
              values: [selector.matchLabels['app.kubernetes.io/component']],
            },
          ],
        },
      },
    });
  });

  test('of the Service it changes whom a node asks first', () => {
    const { spec, ...service } = objectOf<KubernetesObject & { readonly spec: object }>('base', 'Service');
    expect(objectOf('nodelocal', 'Service')).toEqual({
      ...service,
      spec: { ...spec, clusterIP: undefined, trafficDistribution: 'PreferSameNode' },
    });
  });
});

describe.skipIf(!hasKubectl)('kubectl kustomize', () => {
  afterEach(cleanUp);

  const built = (folder: string) =>
    parseAllDocuments(kubectl(['kustomize', folder])).map((each) => each.toJS());

  test.each(['base', 'kind', 'nodelocal', 'monitoring'])('builds manifests/%s', (folder) => {
    const names = built(manifests + folder).map(({ kind }) => kind);
    const made = folder === 'base' ? ['ConfigMap'] : [];
    expect(names.sort()).toEqual([...resourcesOf(folder).map(({ kind }) => kind), ...made].sort());
  });

  test('adds the components to a role', () => {
    const folder = makeFolder();
    const to = (path: string) => relative(folder, manifests + path);
    const kustomization = {
      resources: [to('base')],
      components: [to('components/pods-verified'), to('components/multicluster')],
    };
    const own = makeFolder({ 'kustomization.yaml': stringify(kustomization) });
    const role = built(own).find(({ kind }) => kind === 'ClusterRole');
    const resources = role.rules.flatMap((rule: { resources: string[] }) => rule.resources);
    expect(resources).toEqual(['services', 'namespaces', 'endpointslices', 'pods', 'serviceimports']);
  });
});
