/** corvidns and CoreDNS as processes beside a control plane, both of one Corefile. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from '../cluster/control-plane/child-processes.ts';
import type { ControlPlane } from '../cluster/control-plane/control-plane.ts';
import { peer } from '../peers/peers.ts';
import { freePorts } from '../support/free-ports.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type ServerName = 'corvidns' | 'CoreDNS';

/** All on 127.0.0.1. */
export interface DnsServer {
  readonly name: ServerName;
  readonly child: Child;
  readonly dnsPort: number;
  readonly readyPort: number;
  readonly metricsPort: number;
}

export interface StartOptions {
  /** Default: the administrator's. */
  readonly kubeconfig?: string;
  /** What starts corvidns. Default: its sources. */
  readonly program?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Flags. Default: none. */
  readonly flags?: readonly string[];
  /** Further lines of the server block. */
  readonly directives?: readonly string[];
}

let started = 0;

/** Resolves when the process runs; it may not listen yet. */
export async function startServer(
  name: ServerName,
  plane: ControlPlane,
  {
    kubeconfig = plane.files.adminKubeconfig,
    program = [process.execPath, main],
    environment = {},
    flags = [],
    directives = [],
  }: StartOptions = {},
): Promise<DnsServer> {
  const [dnsPort = 0, readyPort = 0, metricsPort = 0] = await freePorts(3);
  const label = `${name}-${++started}`;
  const corefile = join(plane.files.folder, `${label}.Corefile`);
  writeFileSync(
    corefile,
    `.:${dnsPort} {
  bind 127.0.0.1
  errors
  ready 127.0.0.1:${readyPort}
  prometheus 127.0.0.1:${metricsPort}
  ${directives.join('\n  ')}
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
  }
}
`,
  );
  const command = name === 'CoreDNS' ? [peer('coredns')] : program;
  const [file = '', ...args] = [...command, ...flags, '-conf', corefile];
  return {
    name,
    child: plane.processes.start(label, file, args, environment),
    dnsPort,
    readyPort,
    metricsPort,
  };
}

/** What the kubeconfig of the administrator says, with the API server at another address. */
export function kubeconfigBy(url: string, plane: ControlPlane): string {
  const path = join(plane.files.folder, `by-${new URL(url).port}.kubeconfig`);
  writeFileSync(path, readFileSync(plane.files.adminKubeconfig, 'utf8').replace(plane.url, url));
  return path;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Status 0 where nobody answers. */
export async function get(port: number, path: string): Promise<HttpAnswer> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 0, body: '' };
  }
}

/** Fails with what the server wrote where it has ended. */
export async function isReady({ child, readyPort }: DnsServer): Promise<boolean> {
  if (child.hasEnded()) throw new Error(`${child.name} ended:\n${child.output().slice(-4000)}`);
  return (await get(readyPort, '/ready')).status === 200;
}
