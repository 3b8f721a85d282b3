/** What `kubectl apply -k` does with each folder of manifests/ at a real API server, and the way back. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifests, objectOf, type Workload } from '../../manifests/read.ts';
import { ControlPlane, hasControlPlane } from './control-plane.ts';
import { kubectl as kubectlOf } from './kubectl.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';

const PROMETHEUS_RULES = fileURLToPath(new URL('prometheus-rule-crd.yaml', import.meta.url));
const COREDNS = 'registry.k8s.io/coredns/coredns:v1.14.3';

describe.skipIf(!hasControlPlane())('manifests at a real API server', () => {
  let plane: ControlPlane;
  let kubelet: Kubelet;
  const kubectl = (...args: string[]) => kubectlOf(plane, args);
  const applyStrictly = (folder: string, ...args: string[]) =>
    kubectl('apply', '-k', manifests + folder, '--validate=strict', ...args);
  const inKubeSystem = (...args: string[]) => kubectl('-n', 'kube-system', ...args);
  const image = () =>
    inKubeSystem('get', 'deployment', 'coredns', '-o', 'jsonpath={.spec.template.spec.containers[0].image}');
  const rolledOut = () => inKubeSystem('rollout', 'status', 'deployment/coredns', '--timeout=60s');

  beforeAll(async () => {
    plane = await ControlPlane.start();
    kubelet = await startKubelet(plane.api);
    await kubectl('apply', '-f', PROMETHEUS_RULES);
    await kubectl('wait', '--for=condition=established', 'crd/prometheusrules.monitoring.coreos.com');
  });
  afterAll(async () => {
    await kubelet?.[Symbol.asyncDispose]();
    await plane?.[Symbol.asyncDispose]();
  });

  test.each(['base', 'monitoring'])(
    '%s passes strict validation, and is the same the second time',
    async (folder) => {
      expect(await applyStrictly(folder, '--dry-run=server')).toMatch(
        /^(\S+ created \(server dry run\)\n)+$/,
      );
      expect(await applyStrictly(folder)).toMatch(/^(\S+ created\n)+$/);
      expect(await applyStrictly(folder)).not.toMatch(/created/);
    },
  );

  test('pods of the Deployment become ready, and are what the Service kube-dns leads to', async () => {
    await rolledOut();
    const addresses = await inKubeSystem(
      ...['get', 'endpointslices', '-l', 'kubernetes.io/service-name=kube-dns'],
      ...['-o', 'jsonpath={range .items[*].endpoints[*]}{.addresses[0]}={.conditions.ready} {end}'],
    );
    expect(addresses).toMatch(/^(10\.244\.\d+\.\d+=true ){2}$/);
    expect(kubelet.failures).toEqual([]);
  });

  // What kubeadm made has no memory of an earlier `kubectl apply`, which what manifests/base made has.
  test.each(['apply', 'create'])(
    'nodelocal is added to a cluster made by `kubectl %s`, and taken back',
    async (verb) => {
      await kubectl('delete', '-k', `${manifests}base`, '--wait');
      await kubectl(verb, '-k', `${manifests}base`);
      const service = (field: string) =>
        inKubeSystem('get', 'service', 'kube-dns', '-o', `jsonpath={.${field}}`);
      const rest = async () =>
        [await service('spec.ports'), await service('spec.clusterIP'), await service('spec.selector')].join();
      const before = await rest();
      await applyStrictly('nodelocal', '--dry-run=server');
      await applyStrictly('nodelocal');
      expect(await service('spec.trafficDistribution')).toBe('PreferSameNode');
      expect(await rest()).toBe(before);
      const back = JSON.stringify([{ op: 'remove', path: '/spec/trafficDistribution' }]);
      await inKubeSystem('patch', 'service', 'kube-dns', '--type=json', '-p', back);
      await inKubeSystem('delete', 'daemonset', 'corvidns-node');
      expect(await service('spec.trafficDistribution')).toBe('');
    },
  );

  test("kind replaces the image of kubeadm's CoreDNS, and an undo brings it back", async () => {
    // `kubectl create` made the Deployment, as the last row above left it.
    await inKubeSystem('set', 'image', 'deployment/coredns', `coredns=${COREDNS}`);
    await rolledOut();
    await applyStrictly('kind', '--dry-run=server');
    await applyStrictly('kind');
    await rolledOut();
    expect(await image()).toBe(
      objectOf<Workload>('base', 'Deployment').spec.template.spec.containers[0].image,
    );
    await inKubeSystem('rollout', 'undo', 'deployment/coredns');
    await rolledOut();
    expect(await image()).toBe(COREDNS);
  });
});
