/** The DNS server as a process, and what it says it was asked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ask } from '../support/ask.ts';
import { until } from '../support/until.ts';

/** The line that `log` writes: who, over what, which name, which type. */
const ASKED = /^\[INFO\] ASKED (\S+) (\S+) (\S+) (\S+)$/;

interface Asked {
  readonly client: string;
  readonly transport: string;
  readonly name: string;
  readonly type: string;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export class QueryLog implements AsyncDisposable {
  readonly #server: ChildProcess;
  #lines: Asked[] = [];
  #marks = 0;

  private constructor(server: ChildProcess) {
    this.#server = server;
  }

  /** Starts the server; DNS is answered at both of its addresses when this settles. */
  static async ofServer(corefile: string): Promise<QueryLog> {
    const server = spawn(process.execPath, [main, '-conf', corefile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const log = new QueryLog(server);
    let listeners = 0;
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.startsWith('.:53 on ')) listeners++;
      const [, client = '', transport = '', name = '', type = ''] = ASKED.exec(line) ?? [];
      if (name !== '') log.#lines.push({ client, transport, name, type });
    });
    await until('the server serves', () => {
      if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
      return listeners === 2;
    });
    return log;
  }

  /**
   * What a client has asked since the last time. Types of one name in a row are together, sorted: two queries that are sent
   * at once may change places on the way, and so may what each of them asks in turn (the name that an alias leads to).
   */
  async takeOf(client: string): Promise<string[]> {
    const mark = `mark-${++this.#marks}.cluster.local.`;
    await ask(53, mark, 'A');
    await until(mark, () => this.#lines.some(({ name }) => name === mark));
    const lines = this.#lines.filter((line) => line.client === client && !line.name.startsWith('mark-'));
    this.#lines = [];
    return inRows(lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.kill('SIGTERM');
    await closed;
  }
}

function inRows(lines: readonly Asked[]): string[] {
  const rows: { what: string; types: string[] }[] = [];
  for (const { transport, name, type } of lines) {
    const what = `${transport} ${name}`;
    const same = rows.slice(-2).findLast((row) => row.what === what && !row.types.includes(type));
    if (same === undefined) rows.push({ what, types: [type] });
    else same.types.push(type);
  }
  return rows.map(({ what, types }) => `${what} ${types.sort().join(' ')}`);
}
