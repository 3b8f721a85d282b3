/** The servers that are compared: one process each, all on one processor, with the same Corefile where they read one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Child } from '../../test/cluster/control-plane/child-processes.ts';
import type { ControlPlane } from '../../test/cluster/control-plane/control-plane.ts';
import { peer } from '../../test/peers/peers.ts';
import { get } from '../../test/proof/servers.ts';
import { freePorts } from '../../test/support/free-ports.ts';
import { pin, SERVER_PROCESSOR } from './processors.ts';
import { zoneFile } from './world.ts';

const READY_POLL_MS = 2;
const READY_MS = 60_000;
/** As the image starts it. */
const FLAG = '--max-semi-space-size=4';
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const main = here('../../bundle/main.mjs');

export interface Contestant {
  readonly name: string;
  readonly kind: 'corvidns' | 'CoreDNS' | 'Knot DNS' | 'dgram';
  /** Lines of the Corefile beside kubeadm's own. */
  readonly corefile: readonly string[];
  readonly args?: readonly string[];
}

const KUBEADM = ['cache 30'];
const NEWER_KUBEADM = ['cache 30 {', 'disable success cluster.local', 'disable denial cluster.local', '}'];

export const contestants = [
  { name: 'CoreDNS, cache 30', kind: 'CoreDNS', corefile: KUBEADM },
  { name: 'CoreDNS, newer kubeadm', kind: 'CoreDNS', corefile: NEWER_KUBEADM },
  { name: 'CoreDNS, no cache', kind: 'CoreDNS', corefile: [] },
  { name: 'Knot DNS', kind: 'Knot DNS', corefile: [] },
  { name: 'dgram alone', kind: 'dgram', corefile: [] },
  { name: 'corvidns', kind: 'corvidns', corefile: KUBEADM },
  { name: 'corvidns, dgram', kind: 'corvidns', corefile: KUBEADM, args: ['-udp', 'dgram'] },
  { name: 'corvidns, 1 worker', kind: 'corvidns', corefile: [...KUBEADM, 'multisocket 1'] },
  { name: 'corvidns, 2 workers', kind: 'corvidns', corefile: [...KUBEADM, 'multisocket 2'] },
] as const satisfies readonly Contestant[];

export type ContestantName = (typeof contestants)[number]['name'];

export interface Running extends Contestant {
  readonly child: Child;
  readonly port: number;
  /** From the start of the process; undefined where it does not say. */
  readonly readySeconds: number | undefined;
}

export interface Surroundings {
  readonly plane: ControlPlane;
  readonly upstreamPort: number;
}

export async function start(contestant: Contestant, surroundings: Surroundings): Promise<Running> {
  const [port = 0, readyPort = 0, healthPort = 0, metricsPort = 0] = await freePorts(4);
  const { plane, upstreamPort } = surroundings;
  const { folder } = plane.files;
  const begun = performance.now();
  const run = (command: readonly string[], environment = {}) => {
    const pinned = ['-c', String(SERVER_PROCESSOR), ...command];
    return plane.processes.start(contestant.name.replaceAll(/\W+/g, '-'), 'taskset', pinned, environment);
  };
  if (contestant.kind === 'Knot DNS') {
    const config = join(folder, 'knot.conf');
    writeFileSync(config, knotConfig(folder, port, zoneFile(folder)));
    const child = run(['knotd', '-c', config]);
    await sleep(1000);
    pin(child.pid, SERVER_PROCESSOR);
    return { ...contestant, child, port, readySeconds: undefined };
  }
  if (contestant.kind === 'dgram') {
    const child = run([process.execPath, FLAG, here('../upstream.ts')]);
    await sleep(1000);
    pin(child.pid, SERVER_PROCESSOR);
    return { ...contestant, child, port: Number(child.output()), readySeconds: undefined };
  }
  const corefile = join(folder, `${port}.Corefile`);
  writeFileSync(
    corefile,
    `.:${port} {
  bind 127.0.0.1
  errors
  health 127.0.0.1:${healthPort}
  ready 127.0.0.1:${readyPort}
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${plane.files.adminKubeconfig}
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 30
  }
  prometheus 127.0.0.1:${metricsPort}
  forward . 127.0.0.1:${upstreamPort} {
    max_concurrent 1000
  }
  ${contestant.corefile.join('\n  ')}
  loadbalance
}
`,
  );
  const program = contestant.kind === 'CoreDNS' ? [peer('coredns')] : [process.execPath, FLAG, main];
  const child = run([...program, '-conf', corefile, ...(contestant.args ?? [])], { GOMAXPROCS: '1' });
  while ((await get(readyPort, '/ready')).status !== 200) {
    const isLate = performance.now() - begun > READY_MS;
    if (child.hasEnded() || isLate) throw new Error(`${contestant.name}: ${child.output().slice(-2000)}`);
    await sleep(READY_POLL_MS);
  }
  const readySeconds = (performance.now() - begun) / 1000;
  pin(child.pid, SERVER_PROCESSOR);
  return { ...contestant, child, port, readySeconds };
}

function knotConfig(folder: string, port: number, zone: string): string {
  return `server:
  rundir: "${folder}"
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "${join(folder, 'knot')}"
log:
  - target: stderr
    any: warning
zone:
  - domain: cluster.local.
    file: "${zone}"
    zonefile-load: whole
    journal-content: none
`;
}
