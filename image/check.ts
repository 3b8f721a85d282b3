/**
 * Makes the image from the Dockerfile in folders, without a container engine, and starts it as a kubelet does. Needs root,
 * debootstrap, capsh, dig and a way to Debian's mirror and npm's registry. Exits 1 with what is not as it should be.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../test/support/until.ts';
import { command } from './command.ts';
import { type Confinement, Container, writeCorefile } from './container.ts';
import { parseDockerfile } from './dockerfile.ts';
import { distrolessRoot, nodeRoot } from './roots.ts';
import { carryOut, type Start } from './stage.ts';

const COREFILE = `.:53 {
  errors
  health :8080
  ready
  kubernetes cluster.local in-addr.arpa {
    manifests /usr/lib/corvidns/manifests/demo/cluster
  }
  forward . 127.0.0.1:9
  cache 30
}
`;
const ARGS = ['-conf', '/etc/coredns/Corefile'];
/** As kubeadm's Deployment has it, where the runtime leaves the kernel's default. */
const KUBEADM: Confinement = { add: 'cap_net_bind_service', unprivilegedPortStart: 1024 };

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'corvidns-image-'));
try {
  const { root, start } = makeImage();
  writeCorefile(join(folder, 'config'), COREFILE);
  await serves(root, start);
  await readsCompileCache(root, start);
  await needsCapability(root, start);
} finally {
  rmSync(folder, { recursive: true });
}

function makeImage(): { root: string; start: Start } {
  const stages = parseDockerfile(readFileSync(join(project, 'Dockerfile'), 'utf8'));
  const roots = new Map<string, string>();
  let root = '';
  let start: Start | undefined;
  let debian = '';
  for (const stage of stages) {
    root = join(folder, stage.name);
    if (stage.base.startsWith('node:')) nodeRoot(root, /-(\w+)-slim$/.exec(stage.base)?.[1] ?? '');
    else distrolessRoot(root, debian);
    debian = root;
    start = carryOut(stage, root, project, roots);
    console.log(`made stage ${stage.name} on what stands for ${stage.base}`);
  }
  if (start === undefined) throw new Error('the Dockerfile has no stage');
  console.log(command('du', ['-sh', '--exclude=dev', root]).trim());
  return { root, start };
}

function run(root: string, start: Start, confinement: Confinement, args = ARGS): Container {
  return new Container(root, start, join(folder, 'config'), args, confinement);
}

function must(what: string, holds: boolean, container: Container): void {
  if (!holds) throw new Error(`${what}: no\n${container.output}`);
  console.log(`ok: ${what}`);
}

/** Port 53, read-only root, all capabilities but one dropped, SIGTERM. */
async function serves(root: string, start: Start): Promise<void> {
  const container = run(root, start, KUBEADM);
  try {
    await served(container);
    must(
      'user 65532, no new privileges',
      /^Uid:\t65532\t65532[\s\S]*^NoNewPrivs:\t1$/m.test(container.status),
      container,
    );
    const answer = container.dig('web.shop.svc.cluster.local', '+short');
    must('UDP port 53 answers', answer === '10.96.20.10\n', container);
    const overTcp = container.dig('web.shop.svc.cluster.local', '+short', '+tcp');
    must('TCP port 53 answers', overTcp === '10.96.20.10\n', container);
    container.signal('SIGTERM');
    must('SIGTERM ends the first process with 0', (await container.exit) === 0, container);
  } finally {
    await container.remove();
  }
}

async function readsCompileCache(root: string, start: Start): Promise<void> {
  // Variables of Node's own count too: it takes them when the capability is the only one that it has.
  const container = run(root, start, { ...KUBEADM, env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } });
  try {
    await served(container);
    const read = /bundle\/program-\w+\.mjs.* accepted/.test(container.output);
    must('the compile cache is read', read, container);
  } finally {
    await container.remove();
  }
}

/** The price of the capability on the binary: a pod that drops it and does not add it cannot start, as with CoreDNS. */
async function needsCapability(root: string, start: Start): Promise<void> {
  const container = run(root, start, { add: 'none', unprivilegedPortStart: 0 });
  try {
    await container.exit;
    must('without NET_BIND_SERVICE it does not start', /execve .* failed/.test(container.output), container);
  } finally {
    await container.remove();
  }
}

async function served(container: Container): Promise<void> {
  let ended = false;
  void container.exit.then(() => {
    ended = true;
  });
  await until('the image serves', () => {
    if (ended) throw new Error(`it ended:\n${container.output}`);
    return /^CorviDNS-/m.test(container.output);
  });
}
