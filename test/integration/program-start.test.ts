/** What keeps the program from starting: one line, exit 1. And what does not. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { freePort } from '../support/http.ts';
import { cleanUp, serve } from '../support/program.ts';

afterEach(cleanUp);

/** The only line on standard error of a start that fails. */
async function failure(corefile: string, files?: Readonly<Record<string, string>>): Promise<string> {
  const program = serve(corefile, files);
  expect(await program.exit).toBe(1);
  expect(program.stdout).toBe('');
  expect(program.stderr).toMatch(/^[^\n]+\n$/);
  return program.stderr.trimEnd();
}

const kubernetes = (options: string) =>
  `.:0 {\n bind 127.0.0.1\n kubernetes cluster.local {\n ${options}\n }\n}`;

describe('one line, and the end', () => {
  const mistakes: [what: string, corefile: string, line: RegExp][] = [
    [
      'an address that the machine does not have',
      '.:0 {\n bind 203.0.113.1\n whoami\n}',
      /^listen udp 203\.0\.113\.1:0: the address is not on this machine: correct `bind`$/,
    ],
    [
      'a manifest file that is none',
      kubernetes('manifests cluster'),
      /^\/.*\/cluster\/bad\.yaml:4: bad YAML: .*: mend the file, or take it out of the manifests$/,
    ],
    [
      'a manifest path that is not there',
      kubernetes('manifests nothere'),
      /^\/.*\/nothere: no such file or folder: mend it, or take it out of the manifests$/,
    ],
    [
      'in-cluster outside of a cluster',
      kubernetes('ttl 30'),
      /^cannot find the API server: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; .*kubeconfig/,
    ],
    [
      'a kubeconfig that is not there',
      kubernetes('kubeconfig nothere'),
      /^cannot read kubeconfig: ENOENT: .*'nothere'; check that the file is mounted and readable$/,
    ],
    [
      'a kubeconfig that is none',
      kubernetes('kubeconfig cluster/bad.yaml'),
      /^cluster\/bad\.yaml is not a kubeconfig: .*; check the file$/,
    ],
  ];
  test.each(mistakes)('%s', async (_what, corefile, line) => {
    expect(await failure(corefile, { 'cluster/bad.yaml': 'kind: Service\nmetadata:\n  name: [\n' })).toMatch(
      line,
    );
  });

  test('the port is taken by UDP', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      const { port } = socket.address();
      expect(await failure(`.:${port} {\n bind 127.0.0.1\n whoami\n}`)).toMatch(
        new RegExp(`^listen udp 127\\.0\\.0\\.1:${port}: address already in use: `),
      );
    } finally {
      socket.close();
    }
  });

  test.each([
    ['DNS', 'dns', (port: number) => `.:${port} {\n bind 127.0.0.1\n whoami\n}`],
    ['health', 'health', (port: number) => `.:0 {\n bind 127.0.0.1\n health 127.0.0.1:${port}\n whoami\n}`],
    ['ready', 'ready', (port: number) => `.:0 {\n bind 127.0.0.1\n ready 127.0.0.1:${port}\n whoami\n}`],
    [
      'metrics',
      'prometheus',
      (port: number) => `.:0 {\n bind 127.0.0.1\n prometheus 127.0.0.1:${port}\n whoami\n}`,
    ],
  ])('the port of %s is taken by TCP', async (_what, directive, corefile) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const line = await failure(corefile(port));
      expect(line).toMatch(new RegExp(`^listen tcp 127\\.0\\.0\\.1:${port}: address already in use: `));
      expect(line).toContain(directive);
    } finally {
      server.close();
    }
  });
});

test('mistakes in the Corefile are shown with their lines', async () => {
  const program = serve('.:0 {\n    whoamy\n    nosuch\n}\n');
  expect(await program.exit).toBe(1);
  expect(program.stdout).toBe('');
  const lines = program.stderr.split('\n');
  expect(lines.filter((line) => line.startsWith('Corefile:'))).toHaveLength(2);
  expect(lines).toContain(' 2 |     whoamy');
  expect(lines).toContain(' 3 |     nosuch');
});

test('an API server that refuses does not keep it from starting', async () => {
  const nobody = await freePort();
  const program = serve(kubernetes(`endpoint http://127.0.0.1:${nobody}\n startup_timeout 50ms`));
  const port = await program.port();
  await program.wait('[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API');
  await program.wait(
    new RegExp(
      `^\\[ERROR\\] plugin/kubernetes: Failed to list v1\\.Service at http://127\\.0\\.0\\.1:${nobody}: connect ECONNREFUSED .*; ` +
        'check that the API server runs and listens at this address$',
    ),
  );
  for (const transport of ['udp', 'tcp'] as const) {
    const { rcode, answer, authority } = await ask(port, 'web.shop.svc.cluster.local', 'A', { transport });
    expect({ rcode, answer }).toEqual({ rcode: 2, answer: [] });
    expect(authority).toEqual([
      expect.stringMatching(/^cluster\.local\. 5 IN SOA ns\.dns\.cluster\.local\. hostmaster\./),
    ]);
  }
  program.signal('SIGTERM');
  expect(await program.exit).toBe(0);
  expect(program.stderr).toBe('');
});
