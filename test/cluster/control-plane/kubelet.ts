/**
 * A stand-in for scheduler and kubelets: binds every pod to a node and says what its containers would. No container runs, but the
 * EndpointSlices that come of it are the controllers' own.
 */
import { CoreV1Api, makeInformer, type V1Pod } from '@kubernetes/client-node';
import { type ClusterApi, statusOf } from './cluster-api.ts';

/** An annotation of a pod: `false` keeps it from becoming ready. */
export const READY = 'test.corvidns/ready';
/** An annotation of a pod: its IPv4 address, where the next one of the pods' network will not do. */
export const ADDRESS = 'test.corvidns/address';

export interface Kubelet extends AsyncDisposable {
  /** What went wrong so far. */
  readonly failures: readonly string[];
}

/** Nodes by name, with their zone each. */
const NODES: readonly (readonly [name: string, zone: string])[] = [
  ['node-a', 'zone-a'],
  ['node-b', 'zone-b.example'],
  ['node-c', 'zone-a'],
];

/** Pods take turns on the nodes that this makes. */
export async function startKubelet(api: ClusterApi): Promise<Kubelet> {
  for (const [name, zone] of NODES) {
    const metadata = { name, labels: { 'topology.kubernetes.io/zone': zone } };
    await api.create({ apiVersion: 'v1', kind: 'Node', metadata });
  }
  const core = api.config.makeApiClient(CoreV1Api);
  const informer = makeInformer(api.config, '/api/v1/pods', () => core.listPodForAllNamespaces());
  const failures: string[] = [];
  const seen = new Set<string>();
  let bound = 0;
  const handle = async (pod: V1Pod) => {
    const { name = '', namespace = '', uid = '', deletionTimestamp } = pod.metadata ?? {};
    if (deletionTimestamp !== undefined) return api.removePod(namespace, name);
    if (pod.spec?.nodeName === undefined && !seen.has(uid)) {
      seen.add(uid);
      const number = ++bound;
      const [node = ''] = NODES[number % NODES.length] ?? [];
      await api.bind(namespace, name, node);
      return api.setPodStatus(namespace, name, statusFor(pod, number));
    }
    const isReady = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    if (pod.status?.podIP !== undefined && isReady !== wantsReady(pod)) {
      return api.setPodStatus(namespace, name, { conditions: conditionsOf(pod) });
    }
  };
  const take = (pod: V1Pod) => {
    handle(pod).catch((error) => {
      // It may be gone, or a newer version of it on its way here.
      if (![404, 409].includes(statusOf(error) ?? 0)) failures.push(`${pod.metadata?.name}: ${error}`);
    });
  };
  informer.on('add', take);
  informer.on('update', take);
  informer.on('error', () => {
    // The API server may be restarted by a test.
    if (!stopped) retry = setTimeout(() => void informer.start().catch(() => {}), 100);
  });
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  await informer.start();
  return {
    failures,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearTimeout(retry);
      await informer.stop();
    },
  };
}

function wantsReady(pod: V1Pod): boolean {
  return pod.metadata?.annotations?.[READY] !== 'false';
}

function conditionsOf(pod: V1Pod) {
  const status = wantsReady(pod) ? 'True' : 'False';
  return ['Initialized', 'ContainersReady', 'Ready', 'PodScheduled'].map((type) => ({
    type,
    status: type.endsWith('Ready') ? status : 'True',
    lastTransitionTime: new Date(),
  }));
}

/** Addresses of both families, the `number`th of the pods' networks. */
function statusFor(pod: V1Pod, number: number) {
  const v4 = pod.metadata?.annotations?.[ADDRESS] ?? `10.244.${number >> 8}.${number & 255}`;
  const v6 = `fd00:10:244::${number.toString(16)}`;
  return {
    phase: 'Running',
    podIP: v4,
    podIPs: [{ ip: v4 }, { ip: v6 }],
    conditions: conditionsOf(pod),
  };
}
