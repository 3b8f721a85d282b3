/** The program as a child process, as an operator starts it, in folders that are removed again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ProgramOptions {
  /** What standard input holds. Default: nothing. */
  readonly stdin?: string;
  /** Added to an environment that has nothing but a path. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: an empty folder. */
  readonly cwd?: string;
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Ends every program and removes every folder: for `afterEach`. */
export async function cleanUp(): Promise<void> {
  await Promise.all(
    [...children].map(async (child) => {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }),
  );
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A new folder with these files, by path below it. */
export function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'corvidns-'));
  folders.add(folder);
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

export class Program {
  /** What was written so far. */
  stdout = '';
  stderr = '';
  /** The exit code, or the signal that killed it. */
  readonly exit: Promise<number | string>;
  readonly #child: ChildProcess;
  #ended = false;

  constructor(args: readonly string[], { stdin = '', env = {}, cwd = makeFolder() }: ProgramOptions) {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: 'pipe',
    });
    this.#child = child;
    children.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // A program that does not read its input may be gone before it is written.
    child.stdin.on('error', () => {}).end(stdin);
    this.exit = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        children.delete(child);
        this.#ended = true;
        resolve(code ?? signal ?? 'neither code nor signal');
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** As when the other end of a pipe goes away. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Whole lines on standard output. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  /** Waits for the `count`th line on standard output that is this one, or matches; gives it with its groups. */
  async wait(line: string | RegExp, count = 1): Promise<readonly string[]> {
    const matches = () =>
      this.lines.flatMap((each) => {
        if (typeof line === 'string') return each === line ? [[each]] : [];
        const found = line.exec(each);
        return found === null ? [] : [[...found]];
      });
    const output = () => `\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
    let found: string[][] = [];
    const holds = () => {
      // In this order: what it wrote last may come with its end.
      const ended = this.#ended;
      found = matches();
      if (found.length < count && ended) throw new Error(`the program ended without ${line}${output()}`);
      return found.length >= count;
    };
    await until(`line ${line}`, holds).catch((error) => {
      throw new Error(`${error.message}${output()}`);
    });
    return found[count - 1] ?? [];
  }

  /** Waits until DNS is answered; the port of the first listener on 127.0.0.1. */
  async port(): Promise<number> {
    const [, port] = await this.wait(/^\S+:(\d+) on 127\.0\.0\.1$/);
    return Number(port);
  }

  /** Where a directive with port 0 listens: for Corefiles with `debug`. */
  async portOf(directive: string): Promise<number> {
    const [, port] = await this.wait(
      new RegExp(`^\\[DEBUG\\] plugin/${directive}: Listening on \\S+ port (\\d+)$`),
    );
    return Number(port);
  }
}

export function start(args: readonly string[], options: ProgramOptions = {}): Program {
  return new Program(args, options);
}

/** Serves a Corefile from a folder of its own, with further files beside it. */
export function serve(corefile: string, files: Readonly<Record<string, string>> = {}): Program {
  return start([], { cwd: makeFolder({ Corefile: corefile, ...files }) });
}
