/** A process that prints the port where it listens, on processors of its own where that is asked for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

export class Child {
  readonly #process: ChildProcess;

  constructor(command: readonly string[]) {
    const [file = '', ...args] = command;
    this.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** @throws {Error} it ended without saying so */
  async port(line: RegExp): Promise<number> {
    let text = '';
    const output = this.#process.stdout;
    if (output === null) throw new Error('no output');
    for await (const chunk of output.iterator({ destroyOnReturn: false })) {
      text += chunk;
      const [, port] = line.exec(text) ?? [];
      if (port === undefined) continue;
      output.resume();
      return Number(port);
    }
    throw new Error(`it ended without serving:\n${text}`);
  }

  /** Processor time of all its threads so far, in seconds. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, proc(5): the 14th and 15th field; the first two are cut off.
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGQUIT');
    await exit;
  }
}
