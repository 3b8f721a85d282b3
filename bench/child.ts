/** A process that prints the port where it listens, on processors of its own where that is asked for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

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

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGQUIT');
    await exit;
  }
}
