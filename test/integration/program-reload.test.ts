/** Changes under way: SIGUSR1, the directive `reload`, and manifest files. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { cleanUp, makeFolder, type Program, start } from '../support/program.ts';
import { SteadyStream } from '../support/steady-stream.ts';
import { until } from '../support/until.ts';

const RELOADED = '[INFO] Reloading complete';
const FAILED = '[ERROR] SIGUSR1: reload failed, the old configuration goes on: ';
const NAME = 'web.shop.svc.cluster.local';

const service = (address: string, name = 'web') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { clusterIP: ${address}, ports: [{ name: http, port: 80 }] }
`;
const CLUSTER = `.:0 {
  bind 127.0.0.1
  kubernetes cluster.local {
    manifests cluster
  }
}
`;
/** A block on the same listener. */
const zone = (name: string) => `${name}:0 {\n  bind 127.0.0.1\n  whoami\n}\n`;

let folder: string;
let program: Program;
let port: number;
beforeEach(async () => {
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
  folder = makeFolder({
    Corefile: CLUSTER,
    'cluster/namespace.yaml': namespace,
    'cluster/web.yaml': service('10.96.0.1'),
  });
  program = start([], { cwd: folder });
  port = await program.port();
});
afterEach(cleanUp);

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const addressOf = async (name: string) => (await ask(port, name, 'A')).answer.join();

/** Signals, and waits until the `count`th reload is through. */
async function reload(count: number): Promise<void> {
  program.signal('SIGUSR1');
  await program.wait(RELOADED, count);
}

describe('SIGUSR1', () => {
  test('ten reloads: new zones on the old port, no query lost, no connection closed', async () => {
    const stream = await SteadyStream.start(port, NAME, 'A');
    for (let count = 1; count <= 10; count++) {
      const before = stream.answered;
      write('Corefile', CLUSTER + zone(`zone${count}.example`));
      await reload(count);
      expect((await ask(port, `zone${count}.example`, 'A')).rcode).toBe(0);
      // The zone of the configuration before has gone: its names are the cluster block's to pass on.
      expect((await ask(port, `zone${count - 1}.example`, 'A')).rcode).toBe(2);
      await until('the stream goes on', () => stream.answered > before);
    }
    await stream.end();
    expect([...stream.answers]).toEqual([`0 ${NAME}. 5 IN A 10.96.0.1`]);
    expect(program.stderr).toBe('');
  });

  /** Signals, waits for the refusal, and asks the old configuration. */
  async function expectRefusal(reason: RegExp): Promise<void> {
    program.signal('SIGUSR1');
    const [line = ''] = await program.wait(/^\[ERROR\] SIGUSR1: .*/);
    expect(line.slice(0, FAILED.length)).toBe(FAILED);
    expect(line.slice(FAILED.length)).toMatch(reason);
    expect(await addressOf(NAME)).toContain('10.96.0.1');
  }

  test('a Corefile with mistakes is not taken, and shown with its lines', async () => {
    write('Corefile', '.:0 {\n    whoamy\n    bind 127.0.0.1\n    nosuch\n}\n');
    await expectRefusal(/^Corefile:2:5 - .*'whoamy'/);
    await program.wait('[ERROR]  2 |     whoamy');
    await program.wait('[ERROR]    |     ^^^^^^');
    await program.wait('[ERROR]  4 |     nosuch');
    expect(program.lines).not.toContain(RELOADED);

    // And the next good one is.
    write('Corefile', CLUSTER + zone('new.example'));
    await reload(1);
    expect((await ask(port, 'new.example', 'A')).rcode).toBe(0);
  });

  test('nor one without a block', async () => {
    write('Corefile', '');
    await expectRefusal(/^Corefile: no server block to serve$/);
  });

  test('nor one that has gone', async () => {
    rmSync(join(folder, 'Corefile'));
    await expectRefusal(/^Corefile: no server block to serve$/);
  });

  test('nor one that listens where it cannot', async () => {
    write('Corefile', `${CLUSTER}example.org:0 {\n  bind 203.0.113.1\n  whoami\n}\n`);
    await expectRefusal(/^listen udp 203\.0\.113\.1:0: the address is not on this machine: correct `bind`$/);
  });

  test('nor one with manifests that are not there', async () => {
    write('Corefile', CLUSTER.replace('manifests cluster', 'manifests nothere'));
    await expectRefusal(/\/nothere: no such file or folder: /);
  });
});

describe('the directive', () => {
  const RELOAD = '  reload 2s 0\n}\n';
  const watched = (more: string) => CLUSTER.replace(/\}\n$/, RELOAD) + more;
  const REFUSED = /^\[ERROR\] plugin\/reload: Corefile changed but reload failed: (.*)$/;

  beforeEach(async () => {
    write('Corefile', watched(''));
    await reload(1);
  });

  test('a storm of queries during ten changes, half-written ones between: nothing is lost', async () => {
    const stream = await SteadyStream.start(port, NAME, 'A');
    for (let count = 1; count <= 10; count++) {
      const text = watched(zone(`zone${count}.example`));
      write('Corefile', text.slice(0, -10));
      if (count % 4 === 0) await program.wait(REFUSED, count / 4);
      write('Corefile', text);
      await program.wait(RELOADED, count + 1);
      expect((await ask(port, `zone${count}.example`, 'A')).rcode).toBe(0);
    }
    await stream.end();
    expect([...stream.answers]).toEqual([`0 ${NAME}. 5 IN A 10.96.0.1`]);
    expect(program.stderr).toBe('');
  }, 120_000);

  test('one with mistakes is shown with its lines, once, and the next good one is served', async () => {
    write('Corefile', watched('example.org {\n  whoamy\n}\n'));
    const [, reason] = await program.wait(REFUSED);
    expect(reason).toMatch(/^Corefile:\d+:3 - .*'whoamy'/);
    await program.wait(/^\[ERROR\] plugin\/reload: +\d+ \| {3}whoamy$/);
    write('Corefile', watched(zone('new.example')));
    await program.wait(RELOADED, 2);
    expect((await ask(port, 'new.example', 'A')).rcode).toBe(0);
    expect(program.lines.filter((line) => REFUSED.test(line))).toHaveLength(1);
  });
});

test('a Corefile from standard input is not read again', async () => {
  const piped = start(['-conf', 'stdin'], {
    stdin: zone('example.org').replace('whoami', 'whoami\n  reload'),
  });
  const pipedPort = await piped.port();
  await piped.wait('[WARNING] plugin/reload: there is no file to look at: changes are not noticed');
  piped.signal('SIGUSR1');
  await piped.wait(`${FAILED}standard input can be read only once: start with a file`);
  expect((await ask(pipedPort, 'example.org', 'A')).rcode).toBe(0);
});

describe('manifest files', () => {
  test('a change is answered', async () => {
    expect(await addressOf(NAME)).toBe(`${NAME}. 5 IN A 10.96.0.1`);
    write('cluster/web.yaml', service('10.96.0.2'));
    await until('the new address is answered', async () => (await addressOf(NAME)).endsWith('10.96.0.2'));

    expect((await ask(port, 'api.shop.svc.cluster.local', 'A')).rcode).toBe(3);
    write('cluster/api.yaml', service('10.96.0.3', 'api'));
    await until('the new name is answered', async () =>
      (await addressOf('api.shop.svc.cluster.local')).endsWith('10.96.0.3'),
    );

    rmSync(join(folder, 'cluster/web.yaml'));
    await until('the old name is gone', async () => (await ask(port, NAME, 'A')).rcode === 3);
    await program.wait(/^\[INFO\] plugin\/kubernetes: manifests changed: 0 objects new or changed, 1 gone$/);
  });

  test('a file that becomes bad is answered from as it was, and told', async () => {
    write('cluster/web.yaml', `${service('10.96.0.2')}  name: [\n`);
    await program.wait(
      /^\[ERROR\] plugin\/kubernetes: \/.*\/cluster\/web\.yaml:\d+: bad YAML: .*mend the file/,
    );
    expect(await addressOf(NAME)).toContain('10.96.0.1');
    write('cluster/web.yaml', service('10.96.0.4'));
    await until('the mended file is answered', async () => (await addressOf(NAME)).endsWith('10.96.0.4'));
  });
});
