/** Documents of one file -> the Kubernetes objects that matter here, each with its line. */
import type { Kind } from '../../objects.ts';
import type { Json } from '../../trim.ts';
import { type ManifestDocument, parseJson, parseYaml } from './documents.ts';
import { type Fields, fields, isFields, list, text } from './json.ts';

export type ManifestKind = Kind | 'Endpoints';

/** An object as a file has it, reduced to the fields that are read. `namespace` is empty for a Namespace. */
export interface Manifest {
  readonly kind: ManifestKind;
  readonly namespace: string;
  readonly name: string;
  readonly json: Fields;
  /** From 1. */
  readonly line: number;
}

export interface ParsedFile {
  readonly manifests: readonly Manifest[];
  readonly warnings: readonly { readonly line: number; readonly message: string }[];
  /** Kinds that are not read, with their number. */
  readonly otherKinds: ReadonlyMap<string, number>;
}

/** API groups: a kind of the same name in another group (a Knative Service) is another kind. */
const GROUPS: { readonly [Kind in ManifestKind]: string } = {
  Namespace: '',
  Service: '',
  EndpointSlice: 'discovery.k8s.io',
  Pod: '',
  ServiceImport: 'multicluster.x-k8s.io',
  Endpoints: '',
};

/** @throws {ManifestError} the text is not of the format */
export function parseManifests(content: string, format: 'yaml' | 'json'): ParsedFile {
  const parser = new ManifestParser();
  const documents = format === 'json' ? parseJson(content) : parseYaml(content);
  for (const document of documents) parser.addDocument(document);
  return parser;
}

class ManifestParser implements ParsedFile {
  readonly manifests: Manifest[] = [];
  readonly warnings: { line: number; message: string }[] = [];
  readonly otherKinds = new Map<string, number>();

  addDocument({ json, line, itemLines }: ManifestDocument): void {
    if (json === null) return;
    const kind = text(fields(json).kind);
    const items = fields(json).items;
    if (kind !== 'List' && !(kind.endsWith('List') && Array.isArray(items))) {
      this.#addObject(json, kind, text(fields(json).apiVersion), line);
      return;
    }
    // The items of a typed list, as the API gives it, do not repeat their kind.
    const ofItems = kind.slice(0, -'List'.length);
    const apiVersion = ofItems === '' ? '' : text(fields(json).apiVersion);
    for (const [index, item] of list(items).entries()) {
      const own = fields(item);
      const itemLine = itemLines[index] ?? line;
      this.#addObject(item, text(own.kind) || ofItems, text(own.apiVersion) || apiVersion, itemLine);
    }
  }

  #addObject(json: Json, kind: string, apiVersion: string, line: number): void {
    if (!isFields(json)) {
      this.warnings.push({ line, message: 'not a Kubernetes object: passed over' });
      return;
    }
    if (!isRead(kind, apiVersion)) {
      const name = kind === '' ? 'no kind' : kind;
      this.otherKinds.set(name, (this.otherKinds.get(name) ?? 0) + 1);
      return;
    }
    const metadata = fields(json.metadata);
    const name = text(metadata.name);
    if (name === '') {
      this.warnings.push({ line, message: `${kind} without metadata.name (as text): passed over` });
      return;
    }
    const namespace = kind === 'Namespace' ? '' : text(metadata.namespace) || 'default';
    this.manifests.push({ kind, namespace, name, json: reduce(kind, json, namespace), line });
  }
}

function isRead(kind: string, apiVersion: string): kind is ManifestKind {
  if (!Object.hasOwn(GROUPS, kind)) return false;
  const slash = apiVersion.indexOf('/');
  return apiVersion === '' || apiVersion.slice(0, Math.max(0, slash)) === GROUPS[kind as ManifestKind];
}

/** Dumps of a cluster are mostly pod specs and managed fields, which nobody asks for again. */
function reduce(kind: ManifestKind, json: Fields, namespace: string): Fields {
  const { name, labels = {}, annotations = {}, deletionTimestamp } = fields(json.metadata);
  const metadata = { name, namespace, labels, annotations, deletionTimestamp };
  if (kind !== 'Pod') return { ...json, metadata };
  const spec = fields(json.spec);
  const status = fields(json.status);
  return {
    metadata,
    spec: {
      hostname: spec.hostname,
      subdomain: spec.subdomain,
      hostNetwork: spec.hostNetwork,
      dnsPolicy: spec.dnsPolicy,
      dnsConfig: { searches: fields(spec.dnsConfig).searches },
      containers: list(spec.containers).map(container),
      initContainers: list(spec.initContainers).map(container),
    },
    status: {
      phase: status.phase,
      podIP: status.podIP,
      podIPs: status.podIPs,
      conditions: status.conditions,
    },
  };
}

function container(json: Json): Fields {
  const { ports, restartPolicy } = fields(json);
  return { ports, restartPolicy };
}
