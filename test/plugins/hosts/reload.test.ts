import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RrType } from '../../../src/dns/types.ts';
import { limits } from '../../../src/limits.ts';
import { hostsPlugin } from '../../../src/plugins/hosts/index.ts';
import { makeQuery, unreachable } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';
import { until } from '../../support/until.ts';
import { HostsFolder, startHosts } from './folder.ts';

const { A } = RrType;
const FAST = 'reload 50ms';

/** Lets others with the same period have their turn more than once: changes of another file are seen three times. */
async function severalPeriods(folder: HostsFolder): Promise<void> {
  const path = folder.write('10.0.0.1 0.example', 'witness');
  await using witness = await startHosts(`hosts ${path} {\n${FAST}\n}`);
  for (const name of ['1.example', '2.example', '3.example']) {
    folder.write(`10.0.0.1 ${name}`, 'witness');
    await until(name, () => witness.answer(name, A).length === 1);
  }
}

describe('a file that changes', () => {
  test('is read again', async () => {
    using folder = new HostsFolder();
    const path = folder.write('10.0.0.1 old.example same.example');
    await using hosts = await startHosts(`hosts ${path} {\n${FAST}\n10.0.0.9 inline.example\n}`);
    expect(hosts.answer('old.example.', A)).toHaveLength(1);
    folder.write('10.0.0.2 new.example same.example');
    await until('the new name', () => hosts.answer('new.example.', A).length === 1);
    expect(hosts.ask({ name: 'old.example.' }).rcode).toBe(2);
    expect(hosts.answer('same.example.', A)).toEqual(['same.example.\t3600\tIN\tA\t10.0.0.2']);
    expect(hosts.answer('inline.example.', A)).toHaveLength(1);
  });

  test('is taken when it comes later', async () => {
    using folder = new HostsFolder();
    const path = join(folder.path, 'hosts');
    await using hosts = await startHosts(`hosts ${path} {\n${FAST}\n}`);
    expect(hosts.setup.lines).toEqual([`[WARNING] plugin/hosts: File does not exist: ${path}`]);
    expect(hosts.ask({ name: 'late.example.' }).rcode).toBe(2);
    folder.write('10.0.0.1 late.example');
    await until('the late name', () => hosts.answer('late.example.', A).length === 1);
  });

  test('keeps its entries when it goes away, and is said to be gone once', async () => {
    using folder = new HostsFolder();
    const path = folder.write('10.0.0.1 kept.example');
    await using hosts = await startHosts(`hosts ${path} {\n${FAST}\n}`);
    const complaints = () => hosts.setup.lines.filter((line) => line.startsWith('[ERROR]'));
    rmSync(path);
    await until('the complaint', () => complaints().length > 0);
    await severalPeriods(folder);
    expect(hosts.answer('kept.example.', A)).toHaveLength(1);
    folder.write('10.0.0.1 back.example');
    await until('its return', () => hosts.answer('back.example.', A).length === 1);
    expect(complaints()).toEqual([
      `[ERROR] plugin/hosts: Hosts file is not read, entries stay: ENOENT: no such file or directory, stat '${path}'`,
    ]);
  });

  test('is followed through the links that a ConfigMap is mounted with', async () => {
    using folder = new HostsFolder();
    for (const version of ['v1', 'v2']) mkdirSync(join(folder.path, version));
    folder.write('10.0.0.1 first.example', 'v1/hosts');
    folder.write('10.0.0.1 other.example', 'v2/hosts');
    symlinkSync('v1', join(folder.path, 'data'));
    await using hosts = await startHosts(`hosts ${join(folder.path, 'data', 'hosts')} {\n${FAST}\n}`);
    expect(hosts.answer('first.example.', A)).toHaveLength(1);
    symlinkSync('v2', join(folder.path, 'next'));
    renameSync(join(folder.path, 'next'), join(folder.path, 'data'));
    await until('the other version', () => hosts.answer('other.example.', A).length === 1);
  });

  test('is not read again with reload 0, nor after shutdown', async () => {
    using folder = new HostsFolder();
    const path = folder.write('10.0.0.1 old.example');
    await using never = await startHosts(`hosts ${path} {\nreload 0\n}`);
    await using ended = await startHosts(`hosts ${path} {\n${FAST}\n}`);
    await using witness = await startHosts(`hosts ${path} {\n${FAST}\n}`);
    await ended.setup.shutdown();
    folder.write('10.0.0.1 new.example');
    await until('the new name', () => witness.answer('new.example.', A).length === 1);
    await severalPeriods(folder);
    expect(never.answer('old.example.', A)).toHaveLength(1);
    expect(ended.answer('old.example.', A)).toHaveLength(1);
    rmSync(path);
    await severalPeriods(folder);
    expect([...never.setup.lines, ...ended.setup.lines].filter((line) => line.includes('ENOENT'))).toEqual(
      [],
    );
  });

  test('is not taken when the shutdown comes while it is read', async () => {
    using folder = new HostsFolder();
    const path = folder.write('10.0.0.1 a.example');
    const setup = makeSetup();
    const plugin = setUp(hostsPlugin, `hosts ${path} {\n${FAST}\n}`, setup);
    const starting = setup.start();
    await setup.shutdown(true);
    await starting;
    expect(plugin?.serve(makeQuery({ name: 'a.example.' }), unreachable)).toMatchObject({ rcode: 2 });
    folder.write('#'.repeat(limits.hostsFileBytes + 1));
    await severalPeriods(folder);
    expect(setup.lines).toEqual([]);
  });
});

describe('metrics', () => {
  test('count entries as CoreDNS does: addresses, and names of addresses', async () => {
    using folder = new HostsFolder();
    const path = folder.write('10.0.0.1 a.example b.example\n10.0.0.2 *.c.example\n10.0.0.3 a.example');
    await using hosts = await startHosts(`hosts ${path} {\n${FAST}\nfd00::1 d.example\n}`);
    // In the file 4 addresses and 3 names of addresses, inline one of each.
    const text = await hosts.setup.context.metrics.exposition();
    expect(text).toContain(`coredns_hosts_entries{hostsfile="${path}"} 9\n`);
    expect(text).toContain('coredns_hosts_reload_timestamp_seconds 1700000001\n');
    folder.write('10.0.0.1 a.example');
    await until('the new count', async () =>
      (await hosts.setup.context.metrics.exposition()).includes(`hostsfile="${path}"} 4\n`),
    );
    expect(await hosts.setup.context.metrics.exposition()).toContain(
      'coredns_hosts_reload_timestamp_seconds 1700000002\n',
    );
  });

  test('count the entries of the Corefile where there is no file', async () => {
    await using hosts = await startHosts('hosts /no/such/file {\n10.0.0.1 a.example\n}');
    const text = await hosts.setup.context.metrics.exposition();
    expect(text).toContain('coredns_hosts_entries{hostsfile="/no/such/file"} 2\n');
  });
});

describe('bounds', () => {
  test('a file of more than hostsFileBytes is not read', async () => {
    using folder = new HostsFolder();
    const path = folder.write(`${'#'.repeat(limits.hostsFileBytes - 23)}\n10.0.0.1 fits.example\n`);
    await using hosts = await startHosts(`hosts ${path} {\n${FAST}\n}`);
    expect(hosts.answer('fits.example.', A)).toHaveLength(1);
    folder.write(`${'#'.repeat(limits.hostsFileBytes)}\n`);
    await until('the complaint', () => hosts.setup.lines.some((line) => line.startsWith('[ERROR]')));
    expect(hosts.setup.lines.at(-1)).toContain(`at most ${limits.hostsFileBytes} are read`);
    expect(hosts.answer('fits.example.', A)).toHaveLength(1);
  });

  test('a directory, and anything else that is no file, is not read', async () => {
    using folder = new HostsFolder();
    await using hosts = await startHosts(`hosts ${folder.path} {\n10.0.0.1 a.example\n}`);
    expect(hosts.setup.lines).toEqual([
      `[WARNING] plugin/hosts: Hosts file "${folder.path}" is a directory`,
      `[ERROR] plugin/hosts: Hosts file is not read, entries stay: ${folder.path} is not a regular file`,
    ]);
    expect(hosts.answer('a.example.', A)).toHaveLength(1);
  });
});
