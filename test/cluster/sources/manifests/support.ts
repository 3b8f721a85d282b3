import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { ClusterObject, Kind } from '../../../../src/cluster/objects.ts';
import type { ClusterSink, ListInProgress, ObjectKey } from '../../../../src/cluster/source.ts';
import {
  ManifestSource,
  type ManifestSourceOptions,
} from '../../../../src/cluster/sources/manifests/source.ts';
import { type RecordingLogger, recordingLogger } from '../../../support/logger.ts';

/** A sink that keeps its contract in the plainest way, and what it was told. */
export class RecordingSink implements ClusterSink {
  readonly objects = new Map<string, ClusterObject>();
  readonly synced = new Set<Kind>();
  /** `+ Service shop/web`, `- Service shop/web`: what changed something. */
  changes: string[] = [];

  upsert(object: ClusterObject): void {
    const key = keyText(keyOf(object));
    const before = this.objects.get(key);
    if (
      before !== undefined &&
      before.resourceVersion !== '' &&
      before.resourceVersion === object.resourceVersion
    ) {
      return;
    }
    this.objects.set(key, object);
    this.changes.push(`+ ${key}`);
  }

  remove(key: ObjectKey): void {
    if (this.objects.delete(keyText(key))) this.changes.push(`- ${keyText(key)}`);
  }

  interrupt(): void {
    throw new Error('files are always followed');
  }

  resume(): void {}

  beginList(kind: Kind): ListInProgress {
    const listed = new Set<string>();
    return {
      holds: () => false,
      upsert: (object) => {
        listed.add(keyText(keyOf(object)));
        this.upsert(object);
      },
      finish: () => {
        for (const object of this.objects.values()) {
          if (object.kind === kind && !listed.has(keyText(keyOf(object)))) this.remove(keyOf(object));
        }
        this.synced.add(kind);
      },
    };
  }

  has(key: string): boolean {
    return this.objects.has(key);
  }

  keys(kind?: Kind): string[] {
    return [...this.objects.keys()].filter((key) => kind === undefined || key.startsWith(`${kind} `)).sort();
  }

  /** All there is, in an order of its own. */
  state(): unknown {
    return [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function keyOf(object: ClusterObject): ObjectKey {
  const namespace = object.kind === 'Namespace' ? '' : object.namespace;
  return { kind: object.kind, namespace, name: object.name };
}

function keyText({ kind, namespace, name }: ObjectKey): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** A folder that goes with the test. */
export class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    const path = await mkdtemp(join(tmpdir(), 'corvidns-manifests-'));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    return new Folder(path);
  }

  /** A folder within this one, which goes with it. */
  below(name: string): Folder {
    return new Folder(this.at(name));
  }

  at(name: string): string {
    return join(this.path, name);
  }

  async write(name: string, content: string | object): Promise<string> {
    const path = this.at(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return path;
  }

  /** Undefined where there is no such file. */
  async read(name: string): Promise<string | undefined> {
    return readFile(this.at(name), 'utf8').catch(() => undefined);
  }

  async remove(name: string): Promise<void> {
    await rm(this.at(name), { recursive: true });
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(this.at(from), this.at(to));
  }

  async link(target: string, name: string): Promise<void> {
    await symlink(target, this.at(name));
  }
}

export interface Started {
  readonly sink: RecordingSink;
  readonly source: ManifestSource;
  readonly log: RecordingLogger;
}

/** Starts a source that stops with the test. */
export async function started(
  paths: readonly string[],
  options: Partial<ManifestSourceOptions> = {},
): Promise<Started> {
  const sink = new RecordingSink();
  const { source, log } = makeSource(paths, options);
  await source.start(sink);
  sink.changes = [];
  return { sink, source, log };
}

export function makeSource(
  paths: readonly string[],
  options: Partial<ManifestSourceOptions> = {},
): { source: ManifestSource; log: RecordingLogger } {
  const log = recordingLogger();
  const all = { paths, log, pods: true, multicluster: true, endpoints: true, ...options };
  const source = new ManifestSource(all);
  onTestFinished(() => source.stop());
  return { source, log };
}

/** Waits for a condition, not for a time: the end only turns a hanging test into a failing one. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error(`still not: ${what}`);
  }
}

export function service(name: string, spec: object = { clusterIP: '10.96.0.1' }, namespace = 'shop') {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

export function pod(
  name: string,
  ip: string,
  more: { metadata?: object; spec?: object; status?: object } = {},
) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: 'web' }, ...more.metadata },
    spec: { containers: [], ...more.spec },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: 'True' }], ...more.status },
  };
}

export function slice(name: string, service: string, addresses: readonly string[]) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [],
    endpoints: addresses.map((address) => ({ addresses: [address] })),
  };
}

export function kubernetesList(...items: readonly object[]) {
  return { apiVersion: 'v1', kind: 'List', items };
}
