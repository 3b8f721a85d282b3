/**
 * Child processes and a folder that do not outlive the test process, however that ends. A shell of its own session reads a
 * pipe from us: each line is a process to guard, and its end without `done` means that we are gone: it kills them all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GUARD = `
pids=
while read -r line; do
  [ "$line" = done ] && exit 0
  pids="$pids $line"
done
[ -n "$pids" ] && kill -9 $pids 2>/dev/null
rm -rf "$1"
`;

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** What it wrote so far, both streams. */
  output(): string;
  hasEnded(): boolean;
  /** SIGKILL, and wait for its end: for what keeps nothing that matters. */
  kill(): Promise<void>;
  /** SIGTERM, and wait for its end. */
  terminate(): Promise<void>;
}

export class ChildProcesses implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'corvidns-cluster-'));
  readonly #guard: ChildProcess;
  readonly #children = new Set<Child>();

  constructor() {
    const guard = spawn('sh', ['-c', GUARD, 'guard', this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    guard.stdin.on('error', () => {});
    this.#guard = guard;
  }

  /** @param environment all that it gets beside a path and a home in `folder` */
  start(
    name: string,
    file: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Child {
    const log = join(this.folder, `${name}.log`);
    const out = openSync(log, 'a');
    const process_ = spawn(file, args, {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, ...environment },
      stdio: ['ignore', out, out],
    });
    closeSync(out);
    this.#guard.stdin?.write(`${process_.pid}\n`);
    const child = asChild(name, process_, log);
    this.#children.add(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.kill()));
    const guardEnded = once(this.#guard, 'exit');
    this.#guard.stdin?.end('done\n');
    await guardEnded;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function asChild(name: string, process_: ChildProcess, log: string): Child {
  let ended = false;
  const end = new Promise<void>((resolve) => {
    const close = () => {
      ended = true;
      resolve();
    };
    process_.once('exit', close).once('error', close);
  });
  const endBy = async (signal: NodeJS.Signals) => {
    process_.kill(signal);
    await end;
  };
  return {
    name,
    pid: process_.pid ?? 0,
    output: () => readFileSync(log, 'utf8'),
    hasEnded: () => ended,
    kill: () => endBy('SIGKILL'),
    terminate: () => endBy('SIGTERM'),
  };
}
