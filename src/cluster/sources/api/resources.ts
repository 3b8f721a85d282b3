/** Which resources of the API a configuration needs, and how each is asked for. */
import type { Kind } from '../../objects.ts';
import { MULTICLUSTER_SERVICE_LABEL } from '../../trim.ts';

export interface Resource {
  readonly kind: Kind;
  /** Plural, as RBAC rules have it. */
  readonly plural: string;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly labelSelector: string;
  readonly fieldSelector: string;
}

export interface Selection {
  /** Label selector of Services, EndpointSlices and pods. */
  readonly labels?: string | undefined;
  /** Label selector of Namespaces. */
  readonly namespaceLabels?: string | undefined;
  /** Whether pods are watched (`pods verified`). */
  readonly pods: boolean;
  /** Whether ServiceImports and their EndpointSlices are watched (`multicluster`). */
  readonly multicluster: boolean;
  /** Whether EndpointSlices of Services are watched: false for `noendpoints`. */
  readonly endpoints: boolean;
}

/** Finished pods have given their address back. */
const LIVE_PODS = 'status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown';

export function resourcesFor(selection: Selection): Resource[] {
  const labels = selection.labels ?? '';
  const resources = [
    core('Service', 'services', labels),
    core('Namespace', 'namespaces', selection.namespaceLabels ?? ''),
  ];
  if (selection.endpoints) resources.push(endpointSlices(labels));
  else if (selection.multicluster) resources.push(endpointSlices(both(labels, MULTICLUSTER_SERVICE_LABEL)));
  if (selection.pods) resources.push({ ...core('Pod', 'pods', labels), fieldSelector: LIVE_PODS });
  if (selection.multicluster) resources.push(serviceImports());
  return resources;
}

export function pathOf({ group, version, plural }: Resource): string {
  return group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`;
}

/** `v1.Service`: what log lines call it. */
export function titleOf({ version, kind }: Resource): string {
  return `${version}.${kind}`;
}

function core(kind: Kind, plural: string, labelSelector: string): Resource {
  return { kind, plural, group: '', version: 'v1', labelSelector, fieldSelector: '' };
}

function endpointSlices(labelSelector: string): Resource {
  return {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    group: 'discovery.k8s.io',
    version: 'v1',
    labelSelector,
    fieldSelector: '',
  };
}

function serviceImports(): Resource {
  return {
    kind: 'ServiceImport',
    plural: 'serviceimports',
    group: 'multicluster.x-k8s.io',
    version: 'v1alpha1',
    labelSelector: '',
    fieldSelector: '',
  };
}

function both(first: string, second: string): string {
  return first === '' ? second : `${first},${second}`;
}
