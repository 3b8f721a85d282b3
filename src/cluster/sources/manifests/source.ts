/** Cluster objects from manifest files: a cluster without an API server. */
import { resolve } from 'node:path';
import { limits } from '../../../limits.ts';
import type { Logger } from '../../../telemetry/logger.ts';
import type { ClusterObject, Kind } from '../../objects.ts';
import { parseSelector } from '../../selector.ts';
import { type ClusterSink, type ClusterSource, SourceError } from '../../source.ts';
import { assemble, type Cluster, type Located, type Selection } from './assemble.ts';
import { ManifestFiles, type ReadFiles, type Remark } from './files.ts';
import { type Listing, scan } from './scan.ts';
import { FolderWatch } from './watch.ts';

export interface ManifestSourceOptions {
  /** Files, and folders with everything below them. */
  readonly paths: readonly string[];
  readonly log: Logger;
  /** Whether pods are given to the sink (`pods verified`). Slices are computed from them in any case. */
  readonly pods: boolean;
  /** Whether ServiceImports and EndpointSlices of other clusters are given to the sink. */
  readonly multicluster: boolean;
  /** Whether EndpointSlices of Services are given to the sink: false for `noendpoints`. */
  readonly endpoints: boolean;
  /** Label selector of Services, EndpointSlices and pods; evaluated here, after slices were computed. */
  readonly labels?: string | undefined;
  /** Label selector of Namespaces. */
  readonly namespaceLabels?: string | undefined;
}

/**
 * Reads Kubernetes objects from YAML and JSON files, those of a person and dumps of a cluster alike, adds what the
 * control plane would (`assemble`, `computeSlices`), and follows the files from then on: every change is told to the
 * sink as a difference. A file that becomes bad stays what it was; a configured path that disappears too.
 */
export class ManifestSource implements ClusterSource {
  readonly #paths: readonly string[];
  readonly #log: Logger;
  readonly #selection: Selection;
  readonly #files = new ManifestFiles();
  readonly #watch: FolderWatch;
  #sink: ClusterSink | undefined;
  #objects: ReadonlyMap<string, ClusterObject> = new Map();
  /** Of the files that were read last; undefined once any of them has changed since. */
  #fingerprint: string | undefined;
  #filePaths: ReadonlySet<string> = new Set();
  /** Ids of the remarks of the last reading: they are told. */
  #told: ReadonlySet<string> = new Set();
  #poll: NodeJS.Timeout | undefined;
  #debounce: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #stopped = false;

  /** @throws {Error} a selector is not one */
  constructor(options: ManifestSourceOptions) {
    this.#paths = options.paths.map((path) => resolve(path));
    this.#log = options.log;
    this.#selection = {
      kinds: kindsOf(options),
      endpoints: options.endpoints,
      labels: parseSelector(options.labels ?? ''),
      namespaceLabels: parseSelector(options.namespaceLabels ?? ''),
    };
    this.#watch = new FolderWatch(
      (path) => this.#noticed(path),
      (line) => this.#log.info(`${line}: changes there are noticed within ${limits.manifestPollMs} ms`),
    );
  }

  /** @throws {SourceError} a path is missing or a file is bad: `FILE:LINE: what is wrong: what to do` */
  async start(sink: ClusterSink): Promise<void> {
    const listing = await scan(this.#paths);
    const read = await this.#files.read(listing);
    const error = read.remarks.find(({ level }) => level === 'error');
    if (error !== undefined) throw new SourceError(error.line);
    if (this.#stopped) return;
    this.#sink = sink;
    this.#remember(listing);
    const cluster = this.#assemble(read);
    for (const kind of this.#selection.kinds) {
      const list = sink.beginList(kind);
      for (const object of cluster.objects.values()) if (object.kind === kind) list.upsert(object);
      list.finish();
    }
    this.#objects = cluster.objects;
    if (read.files.length === 0) {
      this.#log.warning(`no manifest files (*.yaml, *.yml, *.json) in ${this.#paths.join(', ')}`);
    }
    this.#log.info(`${cluster.objects.size} objects from ${read.files.length} manifest files`);
    this.#watch.follow(listing.folders);
    this.#poll = setInterval(() => this.#check(), limits.manifestPollMs).unref();
    // What happened between the scan and the watch left no sign.
    this.#check();
  }

  /** Resolves when the sink is told nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#sink = undefined;
    clearInterval(this.#poll);
    clearTimeout(this.#debounce);
    this.#watch.close();
    await this.#reading;
  }

  /** A file that is written twice within one tick of the file system's clock has the same times: it is read anyway. */
  #noticed(path: string): void {
    if (this.#filePaths.has(path)) this.#fingerprint = undefined;
    this.#check();
  }

  /** Looks for changes a moment later, once for all signs until then. */
  #check(): void {
    if (this.#sink === undefined || this.#debounce !== undefined) return;
    this.#debounce = setTimeout(() => {
      this.#debounce = undefined;
      if (this.#reading !== undefined) return this.#check();
      this.#reading = this.#readChanges().finally(() => {
        this.#reading = undefined;
      });
    }, limits.manifestDebounceMs).unref();
  }

  async #readChanges(): Promise<void> {
    try {
      const listing = await scan(this.#paths);
      if (this.#sink === undefined) return;
      this.#watch.follow(listing.folders);
      if (listing.fingerprint === this.#fingerprint) return;
      // Before reading: a sign that comes meanwhile must count.
      this.#remember(listing);
      const read = await this.#files.read(listing);
      if (this.#sink === undefined) return;
      this.#tell(this.#sink, this.#assemble(read).objects);
    } catch (error) {
      this.#fingerprint = undefined;
      this.#log.error(`manifests: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #remember(listing: Listing): void {
    this.#fingerprint = listing.fingerprint;
    this.#filePaths = new Set(listing.paths.flatMap((path) => path.files.map((file) => file.path)));
  }

  #assemble({ files, remarks }: ReadFiles): Cluster {
    const located = files.flatMap(({ path, parsed }) =>
      parsed.manifests.map((manifest): Located => ({ file: path, manifest })),
    );
    const cluster = assemble(located, this.#selection);
    const warnings = cluster.warnings.map((line): Remark => ({ level: 'warning', line, id: line }));
    this.#report([...remarks, ...warnings]);
    return cluster;
  }

  #report(remarks: readonly Remark[]): void {
    for (const { level, line, id } of remarks) if (!this.#told.has(id)) this.#log[level](line);
    this.#told = new Set(remarks.map(({ id }) => id));
  }

  /** Gives the sink what differs, in one go: no query sees a state between. */
  #tell(sink: ClusterSink, objects: ReadonlyMap<string, ClusterObject>): void {
    let changed = 0;
    for (const [key, object] of objects) {
      if (this.#objects.get(key)?.resourceVersion === object.resourceVersion) continue;
      sink.upsert(object);
      changed++;
    }
    let removed = 0;
    for (const [key, object] of this.#objects) {
      if (objects.has(key)) continue;
      const namespace = object.kind === 'Namespace' ? '' : object.namespace;
      sink.remove({ kind: object.kind, namespace, name: object.name });
      removed++;
    }
    this.#objects = objects;
    if (changed + removed > 0) {
      this.#log.info(`manifests changed: ${changed} objects new or changed, ${removed} gone`);
    }
  }
}

function kindsOf({ pods, multicluster, endpoints }: ManifestSourceOptions): Kind[] {
  const kinds: Kind[] = ['Namespace', 'Service'];
  if (endpoints || multicluster) kinds.push('EndpointSlice');
  if (pods) kinds.push('Pod');
  if (multicluster) kinds.push('ServiceImport');
  return kinds;
}
