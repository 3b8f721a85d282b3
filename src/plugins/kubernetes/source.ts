/** Which source feeds the store, and which kinds of objects it lists. */
import { dirname, resolve } from 'node:path';
import type { Kind } from '../../cluster/objects.ts';
import type { ClusterSource } from '../../cluster/source.ts';
import type { Token } from '../../corefile/ast.ts';
import { VERSION } from '../../version.ts';
import type { SetupContext } from '../plugin.ts';
import type { KubernetesOptions } from './options.ts';

export function kindsOf(options: KubernetesOptions): Kind[] {
  const multicluster = options.multiclusterZones.length > 0;
  const kinds: Kind[] = ['Namespace', 'Service'];
  if (options.endpoints || multicluster) kinds.push('EndpointSlice');
  if (options.pods === 'verified') kinds.push('Pod');
  if (multicluster) kinds.push('ServiceImport');
  return kinds;
}

/** Loads only the source that is used: each brings libraries of its own. */
export async function makeSource(options: KubernetesOptions, context: SetupContext): Promise<ClusterSource> {
  const common = {
    labels: options.labels,
    namespaceLabels: options.namespaceLabels,
    pods: options.pods === 'verified',
    multicluster: options.multiclusterZones.length > 0,
    endpoints: options.endpoints,
  };
  if (options.manifests !== undefined) {
    const paths = options.manifests.map((token) => manifestPath(token, context.settings.root));
    const { ManifestSource } = await import('../../cluster/sources/manifests/source.ts');
    return new ManifestSource({ ...common, log: context.log, paths });
  }
  const { kubeconfig, endpoint, tls } = options;
  const parts = { log: context.log, metrics: context.metrics, version: VERSION };
  const { ApiSource } = await import('../../cluster/sources/api/api-source.ts');
  return new ApiSource({ ...common, kubeconfig, endpoint, tls }, parts);
}

/** Relative to `root` where that is given, else to the Corefile that names it. */
function manifestPath(token: Token, root: string): string {
  return resolve(root === '' ? dirname(token.position.file) : root, token.text);
}
