/** The directive `reload`: a Corefile on disk that changes while it is served. */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createServer } from '../../src/server/create-server.ts';
import type { Server } from '../../src/server/server.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { recordingLogger } from '../support/logger.ts';
import { cleanUp, makeFolder } from '../support/program.ts';
import { SteadyStream } from '../support/steady-stream.ts';
import { until } from '../support/until.ts';
import { seriesValue } from './engines.ts';
import { delays, hooks, resetProbes } from './probe-plugin.ts';
import { answered, block, takenPort } from './probe-server.ts';
import { setLimits } from './set-limits.ts';

vi.mock('../../src/plugins/order.ts', async (original) =>
  (await import('./probe-plugin.ts')).withProbe(original),
);

const COMPLETE = '[INFO] Reloading complete';
const FAILED = '[ERROR] plugin/reload: Corefile changed but reload failed: ';

/** A block that is looked at all the time. */
const watched = (probe: string, more = '') => block(probe, `reload 50ms 0\n  ${more}`);

class Watching {
  readonly folder = makeFolder();
  readonly file: string;
  readonly lines: string[];
  readonly metrics = new PromMetrics();
  readonly server: Server;
  /** Times that the Corefile was read since the start. */
  looks = 0;

  constructor(text: string, read?: () => string) {
    this.file = join(this.folder, 'Corefile');
    this.write(text);
    const log = recordingLogger();
    this.lines = log.lines;
    this.server = createServer({
      ...{ corefile: text, file: this.file, dnsPort: 0, log, metrics: this.metrics },
      read: () => {
        this.looks++;
        return read?.() ?? readFileSync(this.file, 'utf8');
      },
    });
  }

  get port(): number {
    return this.server.ports.values().next().value ?? 0;
  }

  write(text: string, name = 'Corefile'): void {
    writeFileSync(join(this.folder, name), text);
  }

  count(line: string): number {
    return this.lines.filter((each) => each === line).length;
  }

  failures(): readonly string[] {
    return this.lines.filter((line) => line.startsWith(FAILED)).map((line) => line.slice(FAILED.length));
  }

  async reloaded(count = 1): Promise<void> {
    await until(`reload ${count}`, () => this.count(COMPLETE) >= count);
    expect(this.count(COMPLETE)).toBe(count);
  }

  /** Waits until the file was looked at some times more. */
  async looked(): Promise<void> {
    const before = this.looks;
    await until('the file is looked at', () => this.looks > before + 4);
  }

  async failedTotal(): Promise<number> {
    return seriesValue(await this.metrics.exposition(), 'coredns_reload_failed_total');
  }

  /** Hashes of the configuration that serves, as the metric has them. */
  async versions(): Promise<string[]> {
    const text = await this.metrics.exposition();
    const found = text.matchAll(/^coredns_reload_version_info\{hash="sha512",value="([0-9a-f]{128})"\} 1$/gm);
    return [...found].map(([, hash = '']) => hash);
  }
}

const running: Server[] = [];

async function watch(text = watched('one'), read?: () => string): Promise<Watching> {
  const watching = new Watching(text, read);
  await watching.server.start();
  running.push(watching.server);
  return watching;
}

beforeEach(resetProbes);
afterEach(async () => {
  resetProbes();
  for (const server of running.splice(0)) await server.stop();
  await cleanUp();
});

/** Looks follow each other closely. To be called within each test. */
function hurry(): void {
  setLimits({ reloadIntervalMinMs: 50, reloadSettleMs: 5 });
}

describe('a change', () => {
  test('is served, and told as CoreDNS tells it', async () => {
    hurry();
    const watching = await watch();
    const [before = ''] = await watching.versions();
    expect(watching.lines).toEqual([`[INFO] plugin/reload: Running configuration SHA512 = ${before}`]);
    watching.write(watched('two'));
    await watching.reloaded();
    const [after = '', ...others] = await watching.versions();
    expect(watching.lines.slice(1)).toEqual([
      '[INFO] Reloading',
      `[INFO] plugin/reload: Running configuration SHA512 = ${after}`,
      COMPLETE,
    ]);
    expect([after === before, others, await watching.failedTotal()]).toEqual([false, [], 0]);
    expect(await answered(watching.port)).toBe('two');
  });

  test('of comments alone is none', async () => {
    hurry();
    const watching = await watch();
    watching.write(`# mine\n\n${watched('one')}`);
    await watching.looked();
    expect(watching.lines).toHaveLength(1);
  });

  test('of an imported file counts, and so does a file more', async () => {
    hurry();
    const watching = await watch(`${watched('one')}import zones*.conf\n`);
    const zone = (name: string) => block('other').replace('.:0', `${name}:0`);
    watching.write(zone('a.example'), 'zones-a.conf');
    await watching.reloaded(1);
    watching.write(zone('b.example'), 'zones-a.conf');
    await watching.reloaded(2);
    expect(watching.server.zones.map(({ key }) => key.text)).toEqual(['dns://.:0', 'dns://b.example.:0']);
    rmSync(join(watching.folder, 'zones-a.conf'));
    await watching.reloaded(3);
    expect(watching.server.zones).toHaveLength(1);
  });

  test('of a mounted ConfigMap: its folder is exchanged', async () => {
    hurry();
    const watching = await watch();
    const { folder } = watching;
    const mount = (version: string, text: string) => {
      mkdirSync(join(folder, version));
      watching.write(text, `${version}/Corefile`);
      symlinkSync(version, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    mount('..v1', watched('one'));
    rmSync(watching.file);
    symlinkSync('..data/Corefile', watching.file);
    for (let version = 2; version <= 5; version++) {
      mount(`..v${version}`, watched(`v${version}`));
      rmSync(join(folder, `..v${version - 1}`), { recursive: true });
      await watching.reloaded(version - 1);
      expect(await answered(watching.port)).toBe(`v${version}`);
    }
  });

  test('that is still being written is waited for', async () => {
    hurry();
    const texts = ['three', 'four', 'five'].map((probe) => watched(probe));
    // Whoever looks gets another text, until the last.
    const watching = await watch(watched('one'), () => texts.shift() ?? watched('six'));
    await watching.reloaded();
    expect(await answered(watching.port)).toBe('six');
  });
});

describe('a Corefile that cannot be used leaves the old one, and is told once', () => {
  const cases: [what: string, text: string, reason: RegExp][] = [
    ['half of it', '.:0 {\n  bind 127.0', /^Unexpected EOF/],
    ['a word that is none', watched('two', 'whoamy'), /Unknown directive 'whoamy'/],
    ['a mistake in a plugin', watched('two', 'hosts {\n ttl no\n}'), /^plugin\/hosts: ttl/],
    ['no block', '# all gone\n', /no server block to serve$/],
    ['an interval that is too short', block('two', 'reload 1ms'), /interval value must be greater/],
  ];
  test.each(cases)('%s', async (_what, text, reason) => {
    hurry();
    const watching = await watch();
    watching.write(text);
    await until('it is told', () => watching.failures().length > 0);
    await watching.looked();
    expect(watching.failures()).toEqual([expect.stringMatching(reason)]);
    expect(watching.lines.at(-1)).toBe('[INFO] plugin/reload: the old configuration goes on');
    expect(await watching.failedTotal()).toBe(1);
    expect(await answered(watching.port)).toBe('one');

    watching.write(watched('mended'));
    await watching.reloaded();
    expect(await answered(watching.port)).toBe('mended');
  });

  test('a port that is taken', async () => {
    hurry();
    const watching = await watch();
    watching.write(watched('two') + block('three').replace(':0', `:${await takenPort()}`));
    await until('it is told', () => watching.failures().length > 0);
    await watching.looked();
    expect(watching.failures()).toEqual([expect.stringContaining('address already in use')]);
    expect(await answered(watching.port)).toBe('one');
  });

  test('and told again when it comes back after a good one', async () => {
    hurry();
    const watching = await watch();
    watching.write('bad {');
    await until('it is told', () => watching.failures().length === 1);
    watching.write(watched('one'));
    await watching.looked();
    watching.write('bad {');
    await until('it is told again', () => watching.failures().length === 2);
    // What runs already was not loaded anew.
    expect(watching.count(COMPLETE)).toBe(0);
  });

  test('a file that has gone for a while', async () => {
    hurry();
    const watching = await watch();
    rmSync(watching.file);
    await until('it is told', () => watching.failures().length > 0);
    await watching.looked();
    expect(watching.failures()).toEqual([expect.stringContaining('ENOENT')]);
    watching.write(watched('one'));
    await watching.looked();
    expect(watching.count(COMPLETE)).toBe(0);
    watching.write(watched('two'));
    await watching.reloaded();
    expect(await answered(watching.port)).toBe('two');
  });
});

describe('the self-test', () => {
  test('a plugin that throws: the old configuration goes on', async () => {
    hurry();
    const watching = await watch();
    delays.set('two', () => {
      throw new Error('no such luck');
    });
    watching.write(watched('two'));
    await until('it is told', () => watching.failures().length > 0);
    expect(watching.failures()).toEqual(['self-test of zone . on dns://127.0.0.1:0: no such luck']);
    expect(await answered(watching.port)).toBe('one');
  });

  test('a plugin that fails later, in another block', async () => {
    hurry();
    const watching = await watch();
    delays.set('three', () => Promise.reject(new Error('no such luck')));
    watching.write(watched('two') + block('three').replace('.:0', 'three.example:0'));
    await until('it is told', () => watching.failures().length > 0);
    expect(watching.failures()).toEqual([
      'self-test of zone three.example. on dns://127.0.0.1:0: no such luck',
    ]);
  });

  test('who is slow is taken all the same', async () => {
    hurry();
    setLimits({ selfTestMs: 10 });
    const watching = await watch();
    const release = Promise.withResolvers<void>();
    delays.set('two', () => release.promise);
    watching.write(watched('two'));
    await watching.reloaded();
    release.resolve();
    expect(await answered(watching.port)).toBe('two');
  });
});

describe('who looks', () => {
  test('nobody any more once the directive has gone, and again once it is back', async () => {
    hurry();
    const watching = await watch();
    const clock = await watch();
    watching.write(block('two'));
    await watching.reloaded();
    expect(await watching.versions()).toEqual([]);
    const { looks } = watching;
    watching.write(watched('three'));
    await clock.looked();
    expect([watching.looks, await answered(watching.port)]).toEqual([looks, 'two']);

    await watching.server.reloadCorefile();
    watching.write(watched('four'));
    await watching.reloaded(2);
    expect(await answered(watching.port)).toBe('four');
  });

  test('one at a time: while a reload is under way, nothing piles up', async () => {
    hurry();
    const [watching, clock] = [await watch(), await watch()];
    const release = Promise.withResolvers<void>();
    hooks.set('start two', () => release.promise);
    watching.write(watched('two'));
    const asked = watching.server.reloadCorefile();
    const { looks } = watching;
    watching.write(watched('three'));
    await clock.looked();
    expect(watching.looks).toBe(looks);
    release.resolve();
    await asked;
    await watching.reloaded();
    expect(watching.count('[INFO] Reloading')).toBe(1);
    expect(await answered(watching.port)).toBe('three');
  });

  test('nobody after the end', async () => {
    hurry();
    const [watching, clock] = [await watch(), await watch()];
    await watching.server.stop();
    const { looks } = watching;
    await clock.looked();
    expect(watching.looks).toBe(looks);
  });

  test('nobody where there is no file: that is told', async () => {
    hurry();
    const log = recordingLogger();
    const server = createServer({ corefile: watched('one'), dnsPort: 0, log });
    await server.start();
    running.push(server);
    expect(log.lines).toEqual([
      '[WARNING] plugin/reload: there is no file to look at: changes are not noticed',
    ]);
    await expect(server.reloadCorefile()).rejects.toThrow('there is no Corefile to load anew');
  });
});

test('ten changes, half-written ones between, lose no query', async () => {
  hurry();
  const watching = await watch();
  const stream = await SteadyStream.start(watching.port, 'example.org', 'TXT');
  for (let i = 1; i <= 10; i++) {
    const text = watched(`probe${i}`, `import part*.conf\n`);
    watching.write(text.slice(0, text.length / 2));
    await until('it is refused', () => watching.failures().length === i);
    watching.write(text);
    await watching.reloaded(i);
    const before = stream.answered;
    await until('the stream goes on', () => stream.answered > before + 10);
  }
  await stream.end();
  expect(stream.answers.size).toBe(11);
});
