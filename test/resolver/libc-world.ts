/**
 * A program for namespaces of its own (network, mounts, host name) (`libc.test.ts`): serves a script at 127.0.0.1 to 127.0.0.3, port 53,
 * puts a file over /etc/resolv.conf, has clients look names up, and prints what each asked and got, as JSON.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Script } from './script.ts';
import { scriptedServer } from './scripted.ts';

export interface WorldCase {
  readonly resolvConf: string;
  readonly script: Script;
  readonly name: string;
}

export interface WorldResult {
  readonly asked: readonly string[];
  /** What the client printed: addresses, or an error's number. */
  readonly printed: string;
}

const NSSWITCH = '/etc/nsswitch.conf';
const SERVERS = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];

/** Arguments: a file with the cases, a scratch file for resolv.conf, the client's command line. */
const [casesFile = '', confFile = '', ...client] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(casesFile, 'utf8')) as WorldCase[];

writeFileSync(confFile, '');
execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('mount', ['--bind', confFile, '/etc/resolv.conf']);
// Nothing of this machine is to have a say: glibc searches the domain of its name, and asks whom nsswitch.conf names.
writeFileSync('/proc/sys/kernel/hostname', 'world');
if (existsSync(NSSWITCH)) {
  const nsswitch = `${confFile}.nsswitch`;
  writeFileSync(nsswitch, 'hosts: dns\n');
  execFileSync('mount', ['--bind', nsswitch, NSSWITCH]);
}
const results: WorldResult[] = [];
for (const one of cases) results.push(await run(one));
process.stdout.write(JSON.stringify(results));

async function run({ resolvConf, script, name }: WorldCase): Promise<WorldResult> {
  // Over the same inode: the mount shows it.
  writeFileSync(confFile, resolvConf);
  const alive = SERVERS.filter((host) => script[host] !== 'dead');
  const asked: string[] = [];
  const servers = await Promise.all(alive.map((host) => scriptedServer(script, { host, port: 53, asked })));
  const [command = '', ...args] = client;
  const child = spawn(command, [...args, name], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(child, 'close');
  for (const server of servers) await server[Symbol.asyncDispose]();
  return { asked, printed: printed.trim() };
}
