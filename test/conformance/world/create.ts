/** Puts the world into an API server, and reads what became of it: addresses and slices are the control plane's. */
import { networkInterfaces } from 'node:os';
import {
  CoreV1Api,
  DiscoveryV1Api,
  type V1EndpointSlice,
  type V1Pod,
  type V1Service,
} from '@kubernetes/client-node';
import type { ClusterApi, Manifest } from '../../cluster/control-plane/cluster-api.ts';
import type { ControlPlane } from '../../cluster/control-plane/control-plane.ts';
import { until } from '../../support/until.ts';
import { base, fixed } from './fixed.ts';
import { generated } from './generated.ts';
import { imports } from './multicluster.ts';
import { service, slice } from './objects.ts';
import { Random } from './random.ts';

export interface World {
  readonly namespaces: readonly string[];
  readonly services: readonly V1Service[];
  readonly slices: readonly V1EndpointSlice[];
  readonly pods: readonly V1Pod[];
}

export interface WorldOptions {
  readonly seed: number;
  /** Services beside those that are one of each kind. */
  readonly generatedServices: number;
}

/** The CustomResourceDefinition of ServiceImports must be there, and a kubelet. */
export async function createWorld({ api }: ControlPlane, options: WorldOptions): Promise<World> {
  await inTurns(base, (manifest) => api.create(manifest));
  const random = new Random(options.seed);
  const all = [...nameServers(), ...fixed, ...imports, ...generated(random, options.generatedServices)];
  for (const kind of ['Pod', 'Service', 'Endpoints', 'EndpointSlice', 'ServiceImport']) {
    await inTurns(
      all.filter((manifest) => manifest.kind === kind),
      (manifest) => createOnce(api, manifest),
    );
  }
  await api.setServiceStatus('edge', 'balancer', { loadBalancer: { ingress: [{ ip: '203.0.113.8' }] } });
  await until('the controllers are done', async () => isSettled(await readWorld(api)));
  return readWorld(api);
}

/** The Service that leads to the servers themselves, as far as this machine has addresses that an endpoint may have. */
function nameServers(): Manifest[] {
  const kubeDns = service('kube-system/kube-dns', { ports: ['dns/UDP/53', 'dns-tcp/TCP/53'] });
  const [own] = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  if (own === undefined) return [kubeDns];
  const toThis = { of: 'kube-dns', ports: ['dns/UDP/53'], endpoints: [{ addresses: [own.address] }] };
  return [kubeDns, slice('kube-system/kube-dns-1', toThis)];
}

/** Service accounts are made a moment after their namespace, and pods need them. */
async function createOnce(api: ClusterApi, manifest: Manifest): Promise<void> {
  await until(`${manifest.kind} ${manifest.metadata.name} is taken`, async () => {
    try {
      await api.create(manifest);
      return true;
    } catch (error) {
      if (manifest.kind === 'Pod' && String(error).includes('service account')) return false;
      throw new Error(`${manifest.kind} ${manifest.metadata.name}: ${error}`);
    }
  });
}

const AT_A_TIME = 8;

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

async function readWorld({ config }: ClusterApi): Promise<World> {
  const core = config.makeApiClient(CoreV1Api);
  const discovery = config.makeApiClient(DiscoveryV1Api);
  const namespaces = await core.listNamespace();
  return {
    namespaces: namespaces.items.map(({ metadata }) => metadata?.name ?? ''),
    services: (await core.listServiceForAllNamespaces()).items,
    slices: (await discovery.listEndpointSliceForAllNamespaces()).items,
    pods: (await core.listPodForAllNamespaces()).items,
  };
}

/** Every ready pod that a Service selects is in a slice as ready; what is mirrored is there. */
function isSettled({ services, slices, pods }: World): boolean {
  const readyPods = pods.filter((pod) =>
    pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
  );
  const wantsReady = pods.filter(
    ({ metadata }) => metadata?.annotations?.['test.corvidns/ready'] !== 'false',
  );
  if (readyPods.length !== wantsReady.length || pods.some(({ status }) => status?.podIP === undefined))
    return false;
  const selecting = services.filter(
    ({ spec }) => spec?.selector !== undefined && spec.type !== 'ExternalName',
  );
  const mirrored = ['legacy', 'outside-legacy'].every((name) =>
    slices.some((each) => ownerOf(each) === name),
  );
  return mirrored && selecting.every((each) => hasItsPods(each, slices, readyPods));
}

function hasItsPods(of: V1Service, slices: readonly V1EndpointSlice[], readyPods: readonly V1Pod[]): boolean {
  const selector = Object.entries(of.spec?.selector ?? {});
  const selected = readyPods.filter(
    ({ metadata }) =>
      metadata?.namespace === of.metadata?.namespace &&
      selector.every(([key, value]) => metadata?.labels?.[key] === value),
  );
  const families = of.spec?.ipFamilies ?? [];
  return families.every((family) => {
    const own = slices.filter(
      (each) =>
        each.metadata?.namespace === of.metadata?.namespace &&
        ownerOf(each) === of.metadata?.name &&
        each.addressType === family,
    );
    const ready = own.flatMap((each) => each.endpoints ?? []).filter(({ conditions }) => conditions?.ready);
    return ready.length >= selected.length;
  });
}

export function ownerOf({ metadata }: V1EndpointSlice): string | undefined {
  return metadata?.labels?.['kubernetes.io/service-name'];
}
