/** A folder with a hosts file, and a plugin that reads it. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatRecord } from '../../../src/dns/index.ts';
import { hostsPlugin } from '../../../src/plugins/hosts/index.ts';
import type { Handler, Plugin } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, type SetupOptions, setUp, type TestSetup } from '../../support/setup.ts';

export class HostsFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'corvidns-hosts-'));
  #writes = 0;

  /** Each time with another modification time, however fast they follow. */
  write(text: string, name = 'hosts'): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    this.#writes++;
    utimesSync(file, 1_700_000_000, 1_700_000_000 + this.#writes);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

export interface RunningHosts extends AsyncDisposable {
  readonly setup: TestSetup;
  readonly plugin: Plugin;
  /** What the plugin answers; `next` is the answer of the rest of the chain. */
  ask(parts: QueryParts, next?: Handler): Reply;
  /** The records of the answer in text. */
  answer(name: string, type: number): string[];
}

/** @param corefile lines of `hosts` */
export async function startHosts(
  corefile: string,
  options: SetupOptions & { readonly root?: string } = {},
): Promise<RunningHosts> {
  const setup = makeSetup({ plugin: 'hosts', ...options });
  setup.settings.root = options.root ?? '';
  const plugin = setUp(hostsPlugin, corefile, setup);
  if (plugin === undefined) throw new Error('hosts is a part of the chain');
  await setup.start();
  const ask = (parts: QueryParts, next: Handler = passedOn) => {
    const reply = plugin.serve(makeQuery(parts), next);
    if (reply instanceof Promise) throw new Error('hosts answers at once');
    return reply;
  };
  return {
    setup,
    plugin,
    ask,
    answer: (name, type) => ask({ name, type }).answer.map(formatRecord),
    [Symbol.asyncDispose]: () => setup.shutdown(),
  };
}

/** Stands for the rest of the chain. */
export const PASSED_ON = makeReply({ plugin: 'next' });
export const passedOn: Handler = () => PASSED_ON;
