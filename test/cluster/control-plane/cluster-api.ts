/** What the tests do to a cluster, as its administrator. */
import {
  CoreV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  type V1PodStatus,
  type V1ServiceStatus,
} from '@kubernetes/client-node';

export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** An object as it stands in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface TokenOptions {
  /** A Secret of the same namespace that the token is bound to: it is worth nothing without it. */
  readonly secret?: string;
}

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

export class ClusterApi {
  readonly config: KubeConfig;
  readonly #objects: KubernetesObjectApi;
  readonly #core: CoreV1Api;

  constructor(config: KubeConfig) {
    this.config = config;
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#core = config.makeApiClient(CoreV1Api);
  }

  /** Ready to serve, its own first objects made. */
  async isReady(): Promise<boolean> {
    try {
      await this.#core.readNamespace({ name: 'kube-system' });
      return true;
    } catch {
      return false;
    }
  }

  async exists({ apiVersion, kind, name, namespace }: ObjectKey): Promise<boolean> {
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    try {
      await this.#objects.read({ apiVersion, kind, metadata });
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  async create(manifest: Manifest): Promise<void> {
    await this.#objects.create(copyOf(manifest));
  }

  async delete({ apiVersion, kind, name, namespace }: ObjectKey): Promise<void> {
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    await this.#objects.delete({ apiVersion, kind, metadata });
  }

  /** Merges the fields given into an object. */
  async merge(manifest: Manifest): Promise<void> {
    await this.#objects.patch(
      copyOf(manifest),
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );
  }

  async bind(namespace: string, pod: string, node: string): Promise<void> {
    const body = { metadata: { name: pod }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
    await this.#core.createNamespacedPodBinding({ name: pod, namespace, body });
  }

  async setPodStatus(namespace: string, name: string, status: V1PodStatus): Promise<void> {
    await this.#core.patchNamespacedPodStatus({ name, namespace, body: { status } }, MERGE);
  }

  /** As a cloud's controller does. */
  async setServiceStatus(namespace: string, name: string, status: V1ServiceStatus): Promise<void> {
    await this.#core.patchNamespacedServiceStatus({ name, namespace, body: { status } }, MERGE);
  }

  /** As the kubelet does at the end of a pod. */
  async removePod(namespace: string, name: string): Promise<void> {
    await this.#core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
  }

  /** A token of a service account, as the kubelet asks for one. */
  async token(namespace: string, name: string, { secret }: TokenOptions = {}): Promise<string> {
    const bound = secret !== undefined && {
      boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: secret },
    };
    const body = { spec: { audiences: [], expirationSeconds: 3600, ...bound } };
    const { status } = await this.#core.createNamespacedServiceAccountToken({ name, namespace, body });
    if (status?.token === undefined) throw new Error('a token request without a token');
    return status.token;
  }
}

/** The library's types want fields that may change. */
function copyOf(manifest: Manifest) {
  return structuredClone(manifest) as Parameters<KubernetesObjectApi['create']>[0];
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
