/** Objects of all files -> the cluster that they make: what a list of every kind would give. */
import { createHash } from 'node:crypto';
import type { ClusterObject, Kind } from '../../objects.ts';
import type { Selector } from '../../selector.ts';
import { MULTICLUSTER_SERVICE_LABEL, trim } from '../../trim.ts';
import { computeSlices } from './endpoints.ts';
import { type Fields, fields, list, text } from './json.ts';
import type { Manifest, ManifestKind } from './parse.ts';

export interface Selection {
  readonly kinds: readonly Kind[];
  /** False leaves only the EndpointSlices of other clusters (`noendpoints`). */
  readonly endpoints: boolean;
  /** For Services, EndpointSlices and pods. */
  readonly labels: Selector;
  /** For Namespaces. */
  readonly namespaceLabels: Selector;
}

/** Where an object stands. */
export interface Located {
  readonly file: string;
  readonly manifest: Manifest;
}

export interface Cluster {
  /** By `keyText`. */
  readonly objects: ReadonlyMap<string, ClusterObject>;
  readonly warnings: readonly string[];
}

/** Namespaces that Kubernetes makes by itself. */
const BUILT_IN_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/**
 * A namespace exists if a Namespace object declares it, if any object is in it, or if every cluster has it. So a
 * folder with one application resolves as it is, and an object never is in a namespace that does not exist, which
 * no API server would allow either. Every namespace has the label `kubernetes.io/metadata.name`.
 */
export function assemble(located: readonly Located[], selection: Selection): Cluster {
  const warnings: string[] = [];
  const unique = withoutDuplicates(located, warnings);
  for (const entry of unique) warnOfMissingIP(entry, warnings);
  const byKind = Map.groupBy(
    unique.map(({ manifest }) => manifest),
    ({ kind }) => kind,
  );
  const json = (kind: ManifestKind) => (byKind.get(kind) ?? []).map((manifest) => manifest.json);
  const computed = computeSlices({
    services: json('Service'),
    slices: json('EndpointSlice'),
    pods: json('Pod'),
    endpoints: json('Endpoints'),
  });
  const candidates: { readonly [K in Kind]: readonly Fields[] } = {
    Namespace: namespaces(unique),
    Service: json('Service'),
    EndpointSlice: [...computed, ...json('EndpointSlice')],
    Pod: json('Pod'),
    ServiceImport: json('ServiceImport'),
  };
  const objects = new Map<string, ClusterObject>();
  for (const kind of selection.kinds) {
    for (const candidate of candidates[kind]) {
      const object = isSelected(kind, candidate, selection) ? versioned(kind, candidate) : undefined;
      if (object !== undefined) objects.set(keyText(object), object);
    }
  }
  return { objects, warnings };
}

export function keyText(object: ClusterObject): string {
  return `${object.kind} ${object.kind === 'Namespace' ? '' : object.namespace}/${object.name}`;
}

/** The last of several objects with one key, at the place of the first. */
function withoutDuplicates(located: readonly Located[], warnings: string[]): Located[] {
  const unique = new Map<string, Located>();
  for (const entry of located) {
    const { kind, namespace, name } = entry.manifest;
    const key = `${kind} ${namespace}/${name}`;
    const earlier = unique.get(key);
    if (earlier !== undefined) {
      const title = titleOf(entry.manifest);
      warnings.push(`${placeOf(entry)}: ${title} is at ${placeOf(earlier)} too: the later one is used`);
    }
    unique.set(key, entry);
  }
  return [...unique.values()];
}

function warnOfMissingIP(entry: Located, warnings: string[]): void {
  if (entry.manifest.kind !== 'Service') return;
  const { type, clusterIP, clusterIPs } = fields(entry.manifest.json.spec);
  if (type === 'ExternalName' || text(clusterIP) !== '' || list(clusterIPs).length > 0) return;
  const title = titleOf(entry.manifest);
  warnings.push(`${placeOf(entry)}: ${title} has no spec.clusterIP: add one, or dump it from a cluster`);
}

function titleOf({ kind, namespace, name }: Manifest): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

function placeOf({ file, manifest }: Located): string {
  return `${file}:${manifest.line}`;
}

function namespaces(located: readonly Located[]): Fields[] {
  const labelsOf = new Map<string, Fields>(BUILT_IN_NAMESPACES.map((name) => [name, {}]));
  for (const { manifest } of located) {
    if (manifest.kind === 'Namespace') {
      labelsOf.set(manifest.name, fields(fields(manifest.json.metadata).labels));
    } else if (!labelsOf.has(manifest.namespace)) {
      labelsOf.set(manifest.namespace, {});
    }
  }
  return [...labelsOf].map(([name, labels]) => ({
    metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
  }));
}

function isSelected(kind: Kind, json: Fields, selection: Selection): boolean {
  const labels = fields(fields(json.metadata).labels);
  switch (kind) {
    case 'Namespace':
      return selection.namespaceLabels(labels);
    case 'EndpointSlice':
      return (
        selection.labels(labels) && (selection.endpoints || Object.hasOwn(labels, MULTICLUSTER_SERVICE_LABEL))
      );
    case 'Pod':
      return selection.labels(labels) && !hasEnded(json);
    case 'Service':
      return selection.labels(labels);
    case 'ServiceImport':
      return true;
  }
}

/** Pods in these phases have given their address back. */
function hasEnded(pod: Fields): boolean {
  return ['Succeeded', 'Failed', 'Unknown'].includes(text(fields(pod.status).phase));
}

/** Files that did not change keep their JSON, and so do not cost another hash. */
const known = new WeakMap<Fields, ClusterObject>();

/**
 * The trimmed object. Its resourceVersion is a hash of what is left of it: the one in a file may be absent, or the
 * same after an edit, and a new dump of a cluster that DNS answers do not depend on must change nothing.
 */
function versioned(kind: Kind, json: Fields): ClusterObject | undefined {
  const earlier = known.get(json);
  if (earlier !== undefined) return earlier;
  const object = trim(kind, json);
  if (object === undefined) return undefined;
  const hash = createHash('sha256').update(JSON.stringify({ ...object, resourceVersion: '' }));
  const versionedObject = { ...object, resourceVersion: hash.digest('base64url') };
  known.set(json, versionedObject);
  return versionedObject;
}
