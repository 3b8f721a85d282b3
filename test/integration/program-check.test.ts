/** `corvidns check`: what it finds in Corefiles, without a cluster, an upstream or a socket. */
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DEPLOYMENT, KUBEADM } from '../support/kubeadm.ts';
import { cleanUp, makeFolder, start } from '../support/program.ts';

afterEach(cleanUp);

async function check(corefile: string): Promise<{ exit: number | string; stdout: string; stderr: string }> {
  const program = start(['check'], { cwd: makeFolder({ Corefile: corefile }) });
  const exit = await program.exit;
  const { stdout, stderr } = program;
  return { exit, stdout, stderr };
}

describe('a Corefile without a mistake', () => {
  test('of one block', async () => {
    const found = await check('. {\n whoami\n}');
    expect(found).toEqual({ exit: 0, stdout: 'Corefile: ok, 1 server block\n', stderr: '' });
  });

  test('of several', async () => {
    const { exit, stdout } = await check('. {\n whoami\n}\nexample.org {\n whoami\n}');
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'Corefile: ok, 2 server blocks\n' });
  });

  test('in another folder, with what it imports beside it', async () => {
    const file = join(
      makeFolder({ 'dns/Corefile': '. {\n import common/*.conf\n}', 'dns/common/a.conf': 'whoami\n' }),
      'dns/Corefile',
    );
    const program = start(['check', '-conf', file]);
    expect(await program.exit).toBe(0);
    expect(program.stdout).toBe(`${file}: ok, 1 server block\n`);
  });

  test('from standard input', async () => {
    const program = start(['check', '-conf', 'stdin'], { stdin: '. {\n whoami\n}' });
    expect(await program.exit).toBe(0);
    expect(program.stdout).toBe('stdin: ok, 1 server block\n');
  });

  test('with a warning', async () => {
    const { exit, stdout } = await check('. {\n import none/*\n whoami\n}');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^\[WARNING\] Corefile:2 - .*none\/\*.*\nCorefile: ok, 1 server block\n$/);
  });

  test('whose port is taken: nothing is listened on', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const { exit } = await check(`.:${port} {\n bind 127.0.0.1\n health 127.0.0.1:${port}\n whoami\n}`);
      expect(exit).toBe(0);
    } finally {
      server.close();
    }
  });

  test.each([
    ['that is not there', undefined],
    ['that is empty', ''],
  ])('%s: it says what would be served', async (_what, text) => {
    const program = start(['check'], { cwd: makeFolder(text === undefined ? {} : { Corefile: text }) });
    expect(await program.exit).toBe(0);
    expect(program.stdout).toBe('Corefile: no server block: whoami and log would be served\n');
  });
});

test('every mistake is shown with its line', async () => {
  const corefile = `. {
    whoamy
    health {
        lameduck soon
    }
    kubernetes cluster.local {
        ttl 4000
    }
    forward
}
tls://example.org {
    whoami
}
. {
    whoami
}
`;
  const { exit, stdout, stderr } = await check(corefile);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  const lines = stderr.split('\n');
  const places = lines.flatMap((line) => /^Corefile:(\d+):\d+ - \S/.exec(line)?.[1] ?? []).map(Number);
  expect(places.toSorted((a, b) => a - b)).toEqual([2, 4, 7, 9, 11, 14]);
  // Each with the line and the caret below it.
  const text = corefile.split('\n');
  for (const line of places) expect(lines).toContain(` ${line} | ${text[line - 1]}`);
  expect(lines.filter((line) => /^ +\| +\^+$/.test(line))).toHaveLength(places.length);
  expect(stderr).toContain("Unknown directive 'whoamy'");
  expect(stderr).toContain('did you mean');
});

test.each([
  ['kubeadm', KUBEADM, '1 server block'],
  ['the deployment script', DEPLOYMENT, '2 server blocks'],
])(
  'the Corefile of %s is accepted as it is, though there is no cluster and no upstream',
  async (_, text, blocks) => {
    expect(await check(text)).toEqual({ exit: 0, stdout: `Corefile: ok, ${blocks}\n`, stderr: '' });
  },
);

describe('a file that cannot be read', () => {
  test('is not there', async () => {
    const program = start(['check', '-conf', 'nothere']);
    expect(await program.exit).toBe(1);
    expect(program.stderr).toBe('loading Corefile: open nothere: no such file: correct -conf\n');
  });

  test.each([
    ['-conf', ['-conf', 'Corefile']],
    ['./Corefile', []],
  ])('is a folder: %s', async (_what, args) => {
    const program = start(['check', ...args], { cwd: makeFolder({ 'Corefile/x': '' }) });
    expect(await program.exit).toBe(1);
    expect(program.stderr).toBe('loading Corefile: open Corefile: is a directory: name the file in -conf\n');
  });

  test('may not be read', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may read every file');
    const cwd = makeFolder({ Corefile: '. {\n whoami\n}' });
    chmodSync(join(cwd, 'Corefile'), 0);
    const program = start(['check'], { cwd });
    expect(await program.exit).toBe(1);
    expect(program.stderr).toMatch(/^loading Corefile: open Corefile: permission denied: .*\n$/);
  });
});
