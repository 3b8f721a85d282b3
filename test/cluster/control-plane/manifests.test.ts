/** What `kubectl apply -k` does with each folder of manifests/ at a real API server, and the way back. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifests } from '../../manifests/read.ts';
import { ControlPlane, hasControlPlane } from './control-plane.ts';
import { kubectl as kubectlOf } from './kubectl.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';

const PROMETHEUS_RULES = fileURLToPath(new URL('prometheus-rule-crd.yaml', import.meta.url));
const COREDNS = 'registry.k8s.io/coredns/coredns:v1.14.3';
const STRICT = '--validate=strict';

describe.skipIf(!hasControlPlane())('manifests at a real API server', () => {
  let plane: ControlPlane;
  let kubelet: Kubelet;
  const kubectl = (...args: string[]) => kubectlOf(plane, args);
  const image = () =>
    kubectl('-n', 'kube-system', 'get', 'deployment', 'coredns', '-o', 'jsonpath={..containers[0].image}');
  const rolledOut = () =>
    kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s');

  beforeAll(async () => {
    plane = await ControlPlane.start();
    kubelet = await startKubelet(plane.api, ['node-a', 'node-b']);
    kubectl('apply', '-f', PROMETHEUS_RULES);
    kubectl('wait', '--for=condition=established', 'crd/prometheusrules.monitoring.coreos.com');
  });
  afterAll(async () => {
    await kubelet?.[Symbol.asyncDispose]();
    await plane?.[Symbol.asyncDispose]();
  });

  // In this order: the others need the base, or the Deployment of kubeadm that it stands for.
  test.each(['base', 'kind', 'nodelocal', 'monitoring'])(
    '%s passes strict validation and is taken',
    (folder) => {
      const apply = ['apply', '-k', manifests + folder, STRICT];
      const tried = kubectl(...apply, '--dry-run=server');
      expect(tried).toMatch(/(created|configured|unchanged) \(server dry run\)/);
      expect(kubectl(...apply).replaceAll(' ', '')).toBe(
        tried.replaceAll(' (server dry run)', '').replaceAll(' ', ''),
      );
      expect(kubectl(...apply)).not.toMatch(/created/);
    },
  );

  test('pods of the Deployment become ready, and are what the Service kube-dns leads to', () => {
    rolledOut();
    const addresses = kubectl(
      ...['-n', 'kube-system', 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=kube-dns'],
      ...['-o', 'jsonpath={range .items[*].endpoints[*]}{.addresses[0]}={.conditions.ready} {end}'],
    );
    expect(addresses).toMatch(/^(10\.244\.\d+\.\d+=true ){2}$/);
    expect(kubelet.failures).toEqual([]);
  });

  test('kind replaces the image of a running CoreDNS, and an undo brings it back', () => {
    kubectl('-n', 'kube-system', 'set', 'image', 'deployment/coredns', `coredns=${COREDNS}`);
    rolledOut();
    const before = image();
    kubectl('apply', '-k', `${manifests}kind`, STRICT);
    rolledOut();
    expect(image()).not.toBe(before);
    kubectl('-n', 'kube-system', 'rollout', 'undo', 'deployment/coredns');
    rolledOut();
    expect(image()).toBe(COREDNS);
  });
});
