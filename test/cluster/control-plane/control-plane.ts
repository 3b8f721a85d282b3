/** A real control plane on loopback: etcd, kube-apiserver with RBAC and TLS, kube-controller-manager. No node: see `kubelet.ts`. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { missing, type Peer, peer } from '../../peers/peers.ts';
import { freePorts } from '../../support/free-ports.ts';
import { until } from '../../support/until.ts';
import { type Child, ChildProcesses } from './child-processes.ts';
import { ClusterApi } from './cluster-api.ts';
import {
  apiServerArgs,
  controllerManagerArgs,
  etcdArgs,
  type Files,
  filesIn,
  type Ports,
} from './components.ts';
import { kubeconfigText } from './kubeconfig.ts';

const PEERS: readonly Peer[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'];

/** Whether one can be started here, and `further` programs. */
export function hasControlPlane(further: readonly Peer[] = []): boolean {
  return missing([...PEERS, ...further]).length === 0;
}

/** The account that the manifests bind to the role. */
export const DNS_USER = 'system:serviceaccount:kube-system:coredns';

/** What the API server did for {@link DNS_USER}. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly responseStatus?: { readonly code: number };
}

/** Nothing but what the tests read: the log of all requests is large. */
const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    users: ["${DNS_USER}"]
  - level: None
`;

const ATTEMPTS = 3;

export class ControlPlane implements AsyncDisposable {
  readonly files: Files;
  readonly url: string;
  readonly api: ClusterApi;
  readonly processes: ChildProcesses;
  readonly #ports: Ports;
  #apiServer: Child;

  private constructor(processes: ChildProcesses, files: Files, ports: Ports, apiServer: Child) {
    this.processes = processes;
    this.files = files;
    this.#ports = ports;
    this.#apiServer = apiServer;
    this.url = urlOf(ports);
    const config = new KubeConfig();
    config.loadFromFile(files.adminKubeconfig);
    this.api = new ClusterApi(config);
  }

  /** Resolves once the API server is ready and the controllers work. */
  static async start(): Promise<ControlPlane> {
    for (let attempt = 1; ; attempt++) {
      const processes = new ChildProcesses();
      try {
        return await ControlPlane.#start(processes);
      } catch (error) {
        await processes[Symbol.asyncDispose]();
        // A free port may be taken by another before it is used.
        if (attempt === ATTEMPTS || !String(error).includes('address already in use')) throw error;
      }
    }
  }

  static async #start(processes: ChildProcesses): Promise<ControlPlane> {
    const files = filesIn(processes.folder);
    const [etcdClient = 0, etcdPeer = 0, apiServer = 0] = await freePorts(3);
    const ports = { etcdClient, etcdPeer, apiServer };
    const token = randomBytes(16).toString('hex');
    writeFileSync(files.tokens, `${token},admin,admin,system:masters\n`);
    writeFileSync(files.serviceAccountKey, newKey());
    writeFileSync(files.auditPolicy, AUDIT_POLICY);
    const etcd = processes.start('etcd', peer('etcd'), etcdArgs(files, ports));
    const server = startApiServer(processes, files, ports);
    await holdsWhileAlive('the serving certificate', [etcd, server], () =>
      existsSync(files.servingCertificate),
    );
    writeFileSync(
      files.adminKubeconfig,
      kubeconfigText({ server: urlOf(ports), ca: files.servingCertificate, token }),
    );
    const plane = new ControlPlane(processes, files, ports, server);
    await holdsWhileAlive('readiness of the API server', [etcd, server], () => plane.api.isReady());
    const manager = processes.start(
      'kube-controller-manager',
      peer('kube-controller-manager'),
      controllerManagerArgs(files),
    );
    await holdsWhileAlive('the controllers', [etcd, server, manager], () =>
      plane.api.exists({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        name: 'default',
        namespace: 'kube-system',
      }),
    );
    return plane;
  }

  /** As when its node is lost: connections end without a word, and what it had cached is forgotten. */
  async killApiServer(): Promise<void> {
    await this.#apiServer.kill();
  }

  /** At the same address as before. */
  async startApiServer(): Promise<void> {
    this.#apiServer = startApiServer(this.processes, this.files, this.#ports);
    await holdsWhileAlive('readiness of the API server', [this.#apiServer], () => this.api.isReady());
  }

  /** Has etcd forget all that was before now: who watches from an older version is told that it is gone. */
  async compact(): Promise<void> {
    const call = async (path: string, body: object) => {
      const url = `http://127.0.0.1:${this.#ports.etcdClient}/v3/kv/${path}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      return (await response.json()) as { header: { revision: string } };
    };
    const { header } = await call('range', { key: 'AA==' });
    await call('compaction', { revision: header.revision, physical: true });
  }

  /** What the account of the DNS server asked for, and what it got. */
  auditOfDns(): AuditEvent[] {
    const lines = readFileSync(this.files.audit, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as AuditEvent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.processes[Symbol.asyncDispose]();
  }
}

function urlOf({ apiServer }: Ports): string {
  return `https://127.0.0.1:${apiServer}`;
}

function startApiServer(processes: ChildProcesses, files: Files, ports: Ports): Child {
  return processes.start('kube-apiserver', peer('kube-apiserver'), apiServerArgs(files, ports));
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Fails with what a program wrote where it ends in the meantime. */
async function holdsWhileAlive(
  what: string,
  children: readonly Child[],
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  await until(what, async () => {
    const dead = children.find((child) => child.hasEnded());
    if (dead !== undefined) throw new Error(`${dead.name} ended:\n${dead.output().slice(-4000)}`);
    return holds();
  });
}
