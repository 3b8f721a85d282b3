import { expect, test } from 'vitest';
import { GenerationCounter } from '../../../src/cluster/generation.ts';
import { makeReply, NEVER, type Reply, type Validity } from '../../../src/plugins/reply.ts';
import { makeQuery } from '../../support/query.ts';
import { until } from '../../support/until.ts';
import { HostsFolder, type RunningHosts, startHosts } from './folder.ts';

function holds({ validity }: Reply): boolean {
  if (validity.kind !== 'while') throw new Error(`validity is ${validity.kind}`);
  return validity.of.current === validity.generation;
}

async function withFile(options: string, body: (hosts: RunningHosts, folder: HostsFolder) => Promise<void>) {
  using folder = new HostsFolder();
  await using hosts = await startHosts(`hosts ${folder.write('10.0.0.1 a.example')} {\n${options}\n}`);
  await body(hosts, folder);
}

async function change(hosts: RunningHosts, folder: HostsFolder): Promise<void> {
  folder.write('10.0.0.1 a.example\n10.0.0.2 changed.example');
  await until('the change', () => hosts.ask({ name: 'changed.example.' }).answer.length === 1);
}

const passing = (validity: Validity) => () => makeReply({ validity, plugin: 'next' });

test('own answers hold until the file changes', () =>
  withFile('reload 50ms', async (hosts, folder) => {
    const replies = [hosts.ask({ name: 'a.example.' }), hosts.ask({ name: 'a.example.', type: 15 })];
    expect(replies.map(holds)).toEqual([true, true]);
    await change(hosts, folder);
    expect(replies.map(holds)).toEqual([false, false]);
    expect(holds(hosts.ask({ name: 'a.example.' }))).toBe(true);
  }));

test('an answer that the cluster gave ends with the cluster’s state, and with the file', () =>
  withFile('reload 50ms\nfallthrough', async (hosts, folder) => {
    const cluster = new GenerationCounter();
    const ask = () =>
      hosts.ask({ name: 'b.example.' }, passing({ kind: 'while', of: cluster, generation: cluster.current }));
    const first = ask();
    expect(holds(first)).toBe(true);
    cluster.advance();
    expect(holds(first)).toBe(false);
    const second = ask();
    expect(holds(second)).toBe(true);
    await change(hosts, folder);
    expect(holds(second)).toBe(false);
    expect(holds(ask())).toBe(true);
  }));

test('the file changes while another plugin is asked: its answer does not hold', () =>
  withFile('reload 50ms\nfallthrough', async (hosts, folder) => {
    const cluster = new GenerationCounter();
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const reply = hosts.plugin.serve(makeQuery({ name: 'b.example.' }), () => promise);
    await change(hosts, folder);
    resolve(makeReply({ validity: { kind: 'while', of: cluster, generation: cluster.current } }));
    expect(holds(await reply)).toBe(false);
  }));

test('an answer that holds for a time holds no longer than to the next look at the file', () =>
  withFile('reload 1h\nfallthrough', async (hosts) => {
    const now = performance.now();
    const ask = (ms: number) => hosts.ask({ name: 'b.example.' }, passing({ kind: 'until', ms })).validity;
    expect(ask(now + 60_000)).toEqual({ kind: 'until', ms: now + 60_000 });
    const limited = ask(now + 7_200_000);
    if (limited.kind !== 'until') throw new Error('it holds for a time');
    expect(limited.ms).toBeLessThanOrEqual(now + 3_600_000);
    expect(limited.ms).toBeGreaterThan(now);
  }));

test('without reload the time stays', () =>
  withFile('reload 0\nfallthrough', async (hosts) => {
    const validity = { kind: 'until', ms: 1e12 } as const;
    expect(hosts.ask({ name: 'b.example.' }, passing(validity)).validity).toEqual(validity);
  }));

test('what must never be repeated stays so, and so does what hosts has no part in', () =>
  withFile('reload 50ms', async (hosts) => {
    const reverse = { name: '9.0.0.10.in-addr.arpa.', type: 12 };
    expect(hosts.ask(reverse, passing(NEVER)).validity).toBe(NEVER);
    const validity = { kind: 'until', ms: 1e12 } as const;
    expect(hosts.ask({ name: 'no-address.example.', type: 12 }, passing(validity)).validity).toBe(validity);
  }));
