/**
 * Starts the image's entry point as a kubelet's runtime does: first process of its own namespaces, root read-only, not
 * root, no new privileges. Of the network it has nothing but loopback.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Start } from './stage.ts';

export interface Confinement {
  /** What `capabilities.add` gives beside `drop: [ALL]`. */
  readonly add: 'cap_net_bind_service' | 'none';
  /** `net.ipv4.ip_unprivileged_port_start`: the kernel's own is 1024; containerd 2 and Docker set 0. */
  readonly unprivilegedPortStart: 0 | 1024;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * $0 root, $1 first port without privileges, $2 Corefile, $3 and on the rest. As runc has it, the process has the capability
 * as permitted before it becomes the entry point, but neither inheritable nor ambient: execve(2) would take it away.
 */
const CONFINE = `root="$0"; ports="$1"; corefile="$2"; shift 2
ip link set lo up
echo "$ports" >/proc/sys/net/ipv4/ip_unprivileged_port_start
mount --bind "$root" "$root"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$corefile" "$root/etc/coredns"
mount -o remount,bind,ro "$root"
exec env -i "$@"`;

export class Container {
  output = '';
  readonly exit: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  /** @param config the folder that is mounted as /etc/coredns */
  constructor(root: string, start: Start, config: string, args: readonly string[], confinement: Confinement) {
    const { add, unprivilegedPortStart, env = {} } = confinement;
    const [shell = '', ...entry] = start.entrypoint;
    const [uid = '', gid = ''] = start.user.split(':');
    const permitted = add === 'none' ? '' : `${add}=ep`;
    const confine = [
      ...Object.entries({ ...start.env, ...env }).map(([key, value]) => `${key}=${value}`),
      ...['/usr/sbin/capsh', `--chroot=${root}`, '--keep=1', `--drop=${allBut(add)}`],
      ...['--groups=', `--gid=${gid}`, `--uid=${uid}`, `--caps=${permitted}`, '--no-new-privs'],
      ...[`--shell=${shell}`, '--', ...entry, ...args],
    ];
    for (const folder of ['dev', 'proc', 'etc/coredns']) mkdirSync(join(root, folder), { recursive: true });
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child'];
    this.#child = spawn(
      'unshare',
      [...namespaces, 'sh', '-ec', CONFINE, root, String(unprivilegedPortStart), config, ...confine],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#closed = once(this.#child, 'close');
    this.exit = this.#closed.then(() => this.#child.exitCode ?? this.#child.signalCode ?? 'no code');
  }

  /** The entry point's process as this machine numbers it. */
  get pid(): number {
    const { pid } = this.#child;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  }

  get status(): string {
    return readFileSync(`/proc/${this.pid}/status`, 'utf8');
  }

  /** What `dig` prints from within the container's network. */
  dig(...args: readonly string[]): string {
    const command = ['--target', String(this.#child.pid), '--net', 'dig', '@127.0.0.1', ...args];
    return spawnSync('nsenter', command, { encoding: 'utf8' }).stdout;
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Ends it, whatever it does. The death of its parent would not: a binary with capabilities is not told of it. */
  async remove(): Promise<void> {
    const isRunning = this.#child.exitCode === null && this.#child.signalCode === null;
    if (isRunning && this.pid > 0) process.kill(this.pid, 'SIGKILL');
    await this.#closed;
  }
}

/** Capabilities for the bounding set to lose. */
function allBut(kept: Confinement['add']): string {
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  const all = Array.from({ length: last + 1 }, (_, number) => String(number));
  const NET_BIND_SERVICE = '10';
  return all.filter((number) => kept === 'none' || number !== NET_BIND_SERVICE).join(',');
}

export function writeCorefile(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Corefile'), text);
}
