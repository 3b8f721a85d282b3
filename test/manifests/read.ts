/** What the folders of `manifests/` hold, as plain data. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export const manifests = fileURLToPath(new URL('../../manifests/', import.meta.url));

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object };
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Port {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: string;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly Port[];
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly [Container, ...Container[]];
  readonly volumes: readonly object[];
}

/** A Deployment or a DaemonSet. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

/** One YAML document below `manifests/`. */
export function readYaml<T>(path: string): T {
  return parse(readFileSync(manifests + path, 'utf8'));
}

/** The objects in the files that a folder's kustomization names. */
export function resourcesOf(folder: string): KubernetesObject[] {
  const { resources } = readYaml<{ resources: string[] }>(`${folder}/kustomization.yaml`);
  return resources.flatMap((file) =>
    parseAllDocuments(readFileSync(`${manifests}${folder}/${file}`, 'utf8')).map((each) => each.toJS()),
  );
}

/** @throws {Error} the folder has none */
export function objectOf<T extends KubernetesObject>(folder: string, kind: string): T {
  const found = resourcesOf(folder).find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`manifests/${folder} has no ${kind}`);
  return found as T;
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

/**
 * Runs kubectl, which needs no cluster for what it is asked here.
 * @throws {Error} with what it says
 */
export function kubectl(args: readonly string[], stdin = ''): string {
  const { status, stdout, stderr } = spawnSync('kubectl', args, { input: stdin, encoding: 'utf8' });
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
