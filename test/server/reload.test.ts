/** Reload: the sockets stay, and what was right a second ago goes on, whatever becomes of the new configuration. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { UdpMode } from '../../src/server/udp-choice.ts';
import { ask } from '../support/ask.ts';
import { freePort } from '../support/http.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { SteadyStream } from '../support/steady-stream.ts';
import { until } from '../support/until.ts';
import { seriesValue } from './engines.ts';
import { delays, hooks, resetProbes, trail } from './probe-plugin.ts';
import { answered, block, KEY, reload, takenPort } from './probe-server.ts';
import { isRefused } from './tcp-client.ts';

vi.mock('../../src/plugins/order.ts', async (original) =>
  (await import('./probe-plugin.ts')).withProbe(original),
);

let running: RunningServer;
beforeEach(async () => {
  resetProbes();
  running = await startServer(block('one'));
});
afterEach(async () => {
  resetProbes();
  await running[Symbol.asyncDispose]();
});

describe('sockets', () => {
  test('those that both have stay open, also connections, and answer as the new one says', async () => {
    const { server, port } = running;
    const stream = await SteadyStream.start(port, 'example.org', 'TXT');
    await until('the stream has begun', () => stream.answered > 10);
    await reload(server, block('two'));
    expect(running.server.ports.get(KEY)).toBe(port);
    expect([await answered(port), await answered(port, 'tcp')]).toEqual(['two', 'two']);
    await until('the connection gets the new answers', () => stream.answers.size === 2);
    await stream.end();
  });

  test('new ones are opened, old ones closed', async () => {
    const { server, port } = running;
    await reload(server, block('one') + block('other').replace('127.0.0.1', '127.0.0.2'));
    expect([...server.ports.keys()]).toEqual([KEY, 'dns://127.0.0.2:0']);
    const other = server.ports.get('dns://127.0.0.2:0') ?? 0;
    expect(await isRefused(other, '127.0.0.2')).toBe(false);
    await reload(server, block('three'));
    expect([...server.ports]).toEqual([[KEY, port]]);
    expect(await isRefused(other, '127.0.0.2')).toBe(true);
    expect(await answered(port)).toBe('three');
  });

  test('all addresses of a port give way to one of them, and back', async () => {
    const port = await freePort();
    const narrow = block('narrow').replace('.:0', `.:${port}`);
    const wide = narrow.replace('bind 127.0.0.1', '').replace('narrow', 'wide');
    await using other = await startServer(wide);
    expect(await answered(port)).toBe('wide');
    await reload(other.server, narrow);
    expect([await answered(port), await answered(port, 'tcp')]).toEqual(['narrow', 'narrow']);
    await reload(other.server, wide);
    expect([await answered(port), await answered(port, 'tcp')]).toEqual(['wide', 'wide']);
  });

  test('an address that makes room is served again where the new one cannot be', async () => {
    const port = await freePort();
    const narrow = block('narrow').replace('.:0', `.:${port}`);
    const wide = narrow.replace('bind 127.0.0.1', '').replace('narrow', 'wide');
    await using other = await startServer(narrow);
    const taken = block('taken').replace('.:0', `.:${await takenPort()}`);
    await expect(reload(other.server, wide + taken)).rejects.toThrow('address already in use');
    expect([await answered(port), await answered(port, 'tcp')]).toEqual(['narrow', 'narrow']);
  });

  test('an answer under way comes from the configuration that was asked', async () => {
    const { server, port } = running;
    const release = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    delays.set('one', () => {
      asked.resolve();
      return release.promise;
    });
    const waiting = answered(port);
    await asked.promise;
    await reload(server, block('two'));
    expect(await answered(port)).toBe('two');
    release.resolve();
    expect(await waiting).toBe('one');
  });

  test.each<[how: string, more: string, udp: UdpMode]>([
    ['as an operator has it', '', 'auto'],
    ['datagram by datagram', '', 'dgram'],
    ['by workers', 'multisocket 2', 'auto'],
  ])('twenty reloads lose no query: UDP read %s', async (_how, more, udp) => {
    await using other = await startServer(block('one', more), 'Corefile', udp);
    const { server, port } = other;
    const stream = await SteadyStream.start(port, 'example.org', 'TXT');
    await until('the stream has begun', () => stream.answered > 10);
    for (let i = 1; i <= 20; i++) {
      const before = stream.answered;
      await reload(server, block(`probe${i}`, more) + block('x').replace('.:0', `zone${i}.example:0`));
      await until('the stream goes on', () => stream.answered > before + 10);
    }
    await stream.end();
    expect(stream.answers.size).toBe(21);
    expect(other.lines).toEqual([]);
  });
});

describe('a configuration that cannot be used leaves the old one', () => {
  afterEach(async () => {
    expect(await answered(running.port)).toBe('one');
    expect(await answered(running.port, 'tcp')).toBe('one');
    expect([...running.server.ports]).toEqual([[KEY, running.port]]);
    expect(running.server.zones.map(({ key }) => key.text)).toEqual(['dns://.:0']);
    // And the next good one is taken.
    await reload(running.server, block('good'));
    expect(await answered(running.port)).toBe('good');
  });

  test('mistakes: all of them are told, nothing is started', async () => {
    const corefile = `${block('two', 'whoamy')}example.org {\n  hosts {\n    ttl no\n  }\n}\n`;
    await expect(reload(running.server, corefile)).rejects.toThrow(/whoamy[\s\S]*\nplugin\/hosts: ttl/);
    expect(trail).not.toContain('start two');
  });

  test('a zone that two blocks have', async () => {
    await expect(reload(running.server, block('two') + block('three'))).rejects.toThrow(
      'cannot serve dns://.:0 on 127.0.0.1 - it is already defined',
    );
  });

  test('a port that is taken: what was opened is closed, what was started is shut down', async () => {
    const port = await takenPort();
    const corefile =
      block('two').replace('127.0.0.1', '127.0.0.2') + block('three').replace(':0', `:${port}`);
    await expect(reload(running.server, corefile)).rejects.toThrow(
      `listen tcp 127.0.0.1:${port}: address already in use`,
    );
    expect(trail.slice(2)).toEqual(['start two', 'start three', 'replaced two', 'replaced three']);
  });

  test('a start hook that fails: those before it are shut down', async () => {
    const port = await takenPort();
    const ready = await freePort();
    await expect(
      reload(running.server, block('two', `ready 127.0.0.1:${ready}\n  health 127.0.0.1:${port}`)),
    ).rejects.toThrow(/address already in use.*health/);
    expect(trail.slice(2)).toEqual(['replaced two']);
    expect(await isRefused(ready)).toBe(true);
  });

  test('a listening hook that fails', async () => {
    hooks.set('listening two', () => {
      throw new Error('no ear');
    });
    await expect(reload(running.server, block('two'))).rejects.toThrow('no ear');
    expect(trail.slice(2)).toEqual(['start two', 'listening two', 'replaced two']);
  });
});

describe('hooks', () => {
  test('the new one is up before the old one is shut down', async () => {
    await reload(running.server, block('two'));
    expect(trail).toEqual(['start one', 'listening one', 'start two', 'listening two', 'replaced one']);
    await running.server.stop();
    expect(trail.slice(5)).toEqual(['shutdown two', 'final two']);
  });

  test('reloads that are asked for at a time come one after the other', async () => {
    const { server, port } = running;
    const release = Promise.withResolvers<void>();
    hooks.set('start two', () => release.promise);
    hooks.set('start bad', () => {
      throw new Error('bad');
    });
    const asked = ['two', 'bad', 'three'].map((probe) => reload(server, block(probe)));
    await until('the first has begun', () => trail.includes('start two'));
    expect(await answered(port)).toBe('one');
    expect(trail).not.toContain('start bad');
    release.resolve();
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(trail.slice(2)).toEqual([
      ...['start two', 'listening two', 'replaced one'],
      ...['start bad', 'replaced bad'],
      ...['start three', 'listening three', 'replaced two'],
    ]);
    expect(await answered(port)).toBe('three');
  });

  test('an old one that cannot shut down is told in the log', async () => {
    hooks.set('replaced one', () => Promise.reject(new Error('stuck')));
    await reload(running.server, block('two'));
    expect(running.lines).toEqual(['[WARNING] shutdown of the replaced configuration: Error: stuck']);
    expect(await answered(running.port)).toBe('two');
  });
});

describe('metrics', () => {
  test('counts go on, the list of plugins is the new one', async () => {
    const { server, port, metrics } = running;
    const refused =
      'coredns_dns_responses_total{server="dns://127.0.0.1:0",zone="dropped",view="",rcode="REFUSED",plugin=""}';
    const enabled = (zone: string, plugin: string) =>
      `coredns_plugin_enabled{server="${KEY}",zone="${zone}",view="",name="${plugin}"}`;
    const countOf = async (series: string) => seriesValue(await metrics.exposition(), series);
    const one = block('one').replace('.:0', 'one.example:0');
    await reload(server, one);
    await ask(port, 'example.org', 'A');
    await until('it is counted', async () => (await countOf(refused)) === 1);
    expect(await countOf(enabled('one.example.', 'probe'))).toBe(1);
    await reload(server, one.replaceAll('one', 'two').replace('}', '  whoami\n}'));
    await ask(port, 'example.org', 'A');
    await until('it is counted on', async () => (await countOf(refused)) === 2);
    expect(await countOf(enabled('one.example.', 'probe'))).toBe(0);
    expect(await countOf(enabled('two.example.', 'probe'))).toBe(1);
    expect(await countOf(enabled('two.example.', 'whoami'))).toBe(1);
  });
});
