/** `manifests/base` is what kubeadm sets up, but for what its comments say. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resourcesFor } from '../../src/cluster/sources/api/resources.ts';
import { CorefileErrors, parseCorefile, parseKey } from '../../src/corefile/index.ts';
import { Server } from '../../src/server/server.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { KUBEADM } from '../support/kubeadm.ts';
import { recordingLogger } from '../support/logger.ts';
import {
  type KubernetesObject,
  manifests,
  objectOf,
  type Rule,
  readYaml,
  resourcesOf,
  type Workload,
} from './read.ts';

const deployment = objectOf<Workload>('base', 'Deployment');
const pod = deployment.spec.template;
const [container] = pod.spec.containers;
const corefile = readFileSync(`${manifests}base/Corefile`, 'utf8');

/** What setting it up, with nothing opened, has against a Corefile. */
function mistakesIn(text: string): string[] {
  const { blocks } = parseCorefile(text, `${manifests}base/Corefile`);
  try {
    new Server(blocks, { dnsPort: 53, log: recordingLogger(), metrics: new PromMetrics() });
    return [];
  } catch (error) {
    if (error instanceof CorefileErrors) return error.errors.map(({ message }) => message);
    throw error;
  }
}

test('the objects have the names by which others know them', () => {
  const names = resourcesOf('base').map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
  );
  expect(names.sort()).toEqual([
    'ClusterRole /system:coredns',
    'ClusterRoleBinding /system:coredns',
    'Deployment kube-system/coredns',
    'PodDisruptionBudget kube-system/coredns',
    'Service kube-system/kube-dns',
    'ServiceAccount kube-system/coredns',
  ]);
});

describe('ConfigMap', () => {
  test('coredns has the key Corefile, and no hash in its name', () => {
    expect(readYaml('base/kustomization.yaml')).toMatchObject({
      configMapGenerator: [{ name: 'coredns', namespace: 'kube-system', files: ['Corefile'] }],
      generatorOptions: { disableNameSuffixHash: true },
    });
  });

  test("its Corefile is kubeadm's", () => {
    expect(corefile).toBe(KUBEADM);
  });

  test('corvidns takes it whole', () => {
    expect(mistakesIn(corefile)).toEqual([]);
  });
});

describe('Deployment', () => {
  test('two replicas, of which none is ended before another is ready', () => {
    expect(deployment.spec).toMatchObject({
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
  });

  test("the pod is kubeadm's", () => {
    expect(pod.metadata).toEqual({ labels: { 'k8s-app': 'kube-dns' } });
    expect(pod.spec).toMatchObject({
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: 'coredns',
      dnsPolicy: 'Default',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      ],
      volumes: [
        {
          name: 'config-volume',
          configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
        },
      ],
    });
  });

  test("the container is kubeadm's but for its image", () => {
    expect(container).toEqual({
      name: 'coredns',
      image: expect.stringMatching(/^ghcr\.io\/corvidns\/corvidns:/),
      imagePullPolicy: 'IfNotPresent',
      args: ['-conf', '/etc/coredns/Corefile'],
      resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
      volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
      ports: [
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
        { name: 'liveness-probe', containerPort: 8080, protocol: 'TCP' },
        { name: 'readiness-probe', containerPort: 8181, protocol: 'TCP' },
      ],
      livenessProbe: {
        httpGet: { path: '/health', port: 'liveness-probe', scheme: 'HTTP' },
        initialDelaySeconds: 60,
        timeoutSeconds: 5,
        successThreshold: 1,
        failureThreshold: 5,
      },
      readinessProbe: { httpGet: { path: '/ready', port: 'readiness-probe', scheme: 'HTTP' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      },
    });
  });

  test('its ports are those of the Corefile', () => {
    const { blocks } = parseCorefile(corefile, 'Corefile');
    const dns = blocks.flatMap(({ keys }) =>
      keys.flatMap((key) => parseKey(key, { dnsPort: 0 }).map(({ port }) => port)),
    );
    const [metrics] = blocks.flatMap(({ directives }) =>
      directives.filter(({ name }) => name.text === 'prometheus'),
    );
    const portOf = (name: string) => container.ports.find((port) => port.name === name)?.containerPort;
    expect([portOf('dns'), portOf('dns-tcp')]).toEqual([dns[0], dns[0]]);
    expect(`:${portOf('metrics')}`).toBe(metrics?.args[0]?.text);
  });
});

test('the Service leads to the pods, under the address that kubeadm gives it', () => {
  expect(objectOf('base', 'Service')).toMatchObject({
    metadata: {
      labels: {
        'k8s-app': 'kube-dns',
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'CoreDNS',
      },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP: '10.96.0.10',
      selector: pod.metadata.labels,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  });
});

interface Role extends KubernetesObject {
  readonly rules: readonly Rule[];
}

interface Component {
  readonly patches: readonly { readonly patch: string }[];
}

/** `group/resource`, each with its verbs. */
function granted(rules: readonly Rule[]): string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}: ${verbs.join(', ')}`)),
    )
    .sort();
}

function needed(selection: { readonly pods: boolean; readonly multicluster: boolean }): string[] {
  return resourcesFor({ ...selection, endpoints: true })
    .map(({ group, plural }) => `${group}/${plural}: list, watch`)
    .sort();
}

/** The rules that a component adds to those of the base. */
function added(component: string): Rule[] {
  const { patches } = readYaml<Component>(`components/${component}/kustomization.yaml`);
  return patches.flatMap(({ patch }) => {
    const operations: { op: string; path: string; value: Rule }[] = parse(patch);
    return operations.map(({ value }) => value);
  });
}

describe('the role grants what is watched, and nothing else', () => {
  const { rules } = objectOf<Role>('base', 'ClusterRole');

  test.each([
    { components: [], pods: false, multicluster: false },
    { components: ['pods-verified'], pods: true, multicluster: false },
    { components: ['multicluster'], pods: false, multicluster: true },
    { components: ['pods-verified', 'multicluster'], pods: true, multicluster: true },
  ])('with $components', ({ components, ...selection }) => {
    expect(granted([...rules, ...components.flatMap(added)])).toEqual(needed(selection));
  });

  test("the pod's account has it", () => {
    expect(objectOf('base', 'ClusterRoleBinding')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [{ kind: 'ServiceAccount', name: pod.spec.serviceAccountName, namespace: 'kube-system' }],
    });
  });
});
