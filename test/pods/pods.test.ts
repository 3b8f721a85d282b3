/**
 * Pods' own resolvers against the server: network namespaces as pods, with the resolv.conf that kubelet writes. Each program gets the
 * right address, and asks the server what the resolver library says that its C library asks.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { glibcClient, hasGlibc, muslClient, muslVersion } from '../resolver/clients.ts';
import type { PodCase, PodClient, PodResult, PodSpec } from './pods-world.ts';

const home: PodSpec = { name: 'home', namespace: 'default', options: {} };
const neighbour: PodSpec = { name: 'neighbour', namespace: 'other', options: {} };
const fewDots: PodSpec = { name: 'fewdots', namespace: 'default', options: { ndots: '2' } };
const overTcp: PodSpec = { name: 'overtcp', namespace: 'default', options: { 'use-vc': '' } };

const CROWD = Array.from({ length: 40 }, (_, at) => `10.1.1.${at + 1}`)
  .sort()
  .join(' ');
const WORLD = '192.0.2.10 2001:db8::10';

const table: readonly [pod: PodSpec, name: string, addresses: string][] = [
  [home, 'redis', '10.96.1.1'],
  [home, 'redis.other', '10.96.2.1'],
  [home, 'redis.other.svc', '10.96.2.1'],
  [home, 'redis.other.svc.cluster.local', '10.96.2.1'],
  [home, 'redis.other.svc.cluster.local.', '10.96.2.1'],
  [home, 'web', '10.96.1.2 fd00:96::2'],
  [home, 'db', '10.1.0.100 10.1.0.101'],
  [home, 'db-1.db', '10.1.0.101'],
  [home, 'site', WORLD],
  [home, 'www.example.org', WORLD],
  [home, 'www.example.org.', WORLD],
  [home, 'nosuch', ''],
  [home, 'nosuch.example.org', ''],
  [home, 'redis.nosuch.svc.cluster.local', ''],
  [neighbour, 'redis', '10.96.2.1'],
  [neighbour, 'redis.default', '10.96.1.1'],
  [neighbour, 'web', ''],
  [fewDots, 'redis.other', '10.96.2.1'],
  [fewDots, 'www.example.org', WORLD],
  [overTcp, 'redis', '10.96.1.1'],
  [overTcp, 'www.example.org', WORLD],
];

/** glibc alone: other programs take dots enough for a name that is whole, and musl before 1.2.4 takes a truncated answer. */
const glibcTable: typeof table = [
  [fewDots, 'redis.other.svc', '10.96.2.1'],
  [home, 'crowd.other', CROWD],
  [overTcp, 'crowd.other', CROWD],
];

const GETENT = ['sh', '-c', `getent ahosts "$1" | awk '{ print $1 }'`, 'getent'];
const DIG = ['sh', '-c', 'dig +search +short "$1" A "$1" AAAA | grep -v "[.]$"', 'dig'];

const has = (command: string) => spawnSync('which', [command]).status === 0;
/** Network, mounts, and processes that end with their first. */
const NAMESPACES = ['-n', '-m', '-p', '-f', '--kill-child', '--mount-proc'];
const world = fileURLToPath(new URL('pods-world.ts', import.meta.url));
const canUnshare = spawnSync('unshare', [...NAMESPACES, 'true']).status === 0 && has('ip');

const programs: readonly { program: string; missing: string; client: (folder: string) => PodClient }[] = [
  {
    program: 'getent',
    missing: has('getent') && hasGlibc() ? '' : 'there is no getent of glibc',
    client: () => ({ libc: 'glibc', version: '', command: GETENT }),
  },
  {
    program: "Node's dns.lookup",
    missing: hasGlibc() ? '' : 'this Node is not linked to glibc',
    client: () => ({ libc: 'glibc', version: '', command: glibcClient() }),
  },
  {
    program: 'a program on musl',
    missing: muslVersion() === undefined ? 'musl-gcc (musl-tools) is not installed' : '',
    client: (folder) => ({ libc: 'musl', version: muslVersion() ?? '', command: muslClient(folder) }),
  },
  {
    program: 'dig +search',
    missing: has('dig') ? '' : 'dig is not installed',
    client: () => ({ libc: 'glibc', version: '', command: DIG }),
  },
];

const folder = mkdtempSync(join(tmpdir(), 'corvidns-'));
const madeNetns = !existsSync('/etc/netns');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  // The namespaces had a file system of their own there; the folder to put it on was ours.
  if (madeNetns && existsSync('/etc/netns')) rmdirSync('/etc/netns');
});

async function runWorld(cases: readonly PodCase[]): Promise<readonly PodResult[]> {
  const file = join(folder, 'cases.json');
  writeFileSync(file, JSON.stringify(cases));
  const { stdout } = await promisify(execFile)('unshare', [
    ...NAMESPACES,
    '--',
    ...[process.execPath, world, file, folder],
  ]);
  return JSON.parse(stdout) as PodResult[];
}

describe.each(programs)('$program', ({ program, missing, client }) => {
  if (!canUnshare || missing !== '') {
    test.skip(`not asked: ${canUnshare ? missing : 'network namespaces need root, unshare and ip'}`, () => {});
    return;
  }
  const rows = [...table, ...(program === 'getent' || program === "Node's dns.lookup" ? glibcTable : [])];
  let results: readonly PodResult[] = [];
  beforeAll(async () => {
    const one = client(folder);
    results = await runWorld(rows.map(([pod, name]) => ({ pod, client: one, name })));
  }, 180_000);

  test.each(rows.map(([pod, name, addresses], at) => ({ pod: pod.name, name, addresses, at })))(
    '$name in $pod',
    ({ addresses, at }) => {
      const { printed = '', asked, predicted } = results[at] ?? {};
      // An error has a name with some of them, and is silence with others.
      expect(printed.replace(/^EAI_\w+$/, '')).toBe(addresses);
      // dig goes its own way.
      if (program === 'dig +search') return;
      expect(asked).toEqual(predicted?.asked);
      if (printed !== '') expect(printed).toBe(predicted?.printed);
    },
  );
});
