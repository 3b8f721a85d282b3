/** The programs that corvidns is tested against: where each is, once `npm run peers` has built it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder beside this file with the `go.mod` and `go.sum` that pin what is built. */
export interface PeerModule {
  readonly name: 'coredns' | 'etcd' | 'kubernetes';
  /** The Go module that is pinned. */
  readonly path: string;
  /** By the name of the program: the package that it is built from. */
  readonly programs: Readonly<Record<string, string>>;
  /** The variable that the programs take their version from. */
  readonly versionVariable?: string;
}

export const modules: readonly PeerModule[] = [
  { name: 'etcd', path: 'go.etcd.io/etcd/server/v3', programs: { etcd: 'go.etcd.io/etcd/server/v3' } },
  {
    name: 'kubernetes',
    path: 'k8s.io/kubernetes',
    programs: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    versionVariable: 'k8s.io/component-base/version.gitVersion',
  },
  {
    name: 'coredns',
    path: 'github.com/coredns/coredns',
    programs: { coredns: 'github.com/coredns/coredns' },
  },
];

export const peers = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl', 'coredns'] as const;

export type Peer = (typeof peers)[number];

const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = process.env.CORVIDNS_PEERS ?? join(homedir(), '.cache', 'corvidns-peers');

/** Where the pins of a module are. */
export function sourceFolder({ name }: PeerModule): string {
  return join(HERE, name);
}

/** The version that a module's `go.mod` pins, e.g. `v1.14.7`. */
export function pinnedVersion(module: PeerModule): string {
  const text = readFileSync(join(sourceFolder(module), 'go.mod'), 'utf8');
  const line = text.split('\n').find((each) => each.includes(`${module.path} v`));
  const version = / (v\S+)/.exec(line ?? '')?.[1];
  if (version === undefined)
    throw new Error(`${sourceFolder(module)}/go.mod does not require ${module.path}`);
  return version;
}

/** Where its programs are, or are to be. Other pins, or another way to build, give another folder. */
export function binaryFolder(module: PeerModule): string {
  const hash = createHash('sha256').update(JSON.stringify(module));
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(sourceFolder(module), file)));
  return join(CACHE, `${module.name}-${hash.digest('hex').slice(0, 12)}`);
}

/** The path of a program. */
export function peer(name: Peer): string {
  const module = modules.find(({ programs }) => name in programs);
  if (module === undefined) throw new Error(`no module builds ${name}`);
  return join(binaryFolder(module), name);
}

/** Those of the peers that are not built. */
export function missing(wanted: readonly Peer[]): Peer[] {
  return wanted.filter((name) => !existsSync(peer(name)));
}
