import { afterEach, describe, expect, test } from 'vitest';
import { parseResolveFlags, RESOLVE_USAGE, runResolve } from '../../src/cli/resolve.ts';
import { scriptedServer } from '../resolver/scripted.ts';
import { cleanUp, makeFolder } from '../support/program.ts';

afterEach(cleanUp);

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await runResolve(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe('what is read', () => {
  const defaults = {
    name: 'web',
    type: 'A+AAAA',
    namespace: undefined,
    resolvConf: undefined,
    servers: [],
    libc: 'glibc',
    muslVersion: '1.2.5',
    clusterDomain: 'cluster.local',
    json: false,
  };
  const table: [argv: string[], flags: object][] = [
    [['web'], {}],
    [['web', 'a'], { type: 1 }],
    [['web', 'A+aaaa'], {}],
    [['web', 'TYPE65534'], { type: 65_534 }],
    [['--json', 'web', 'SRV'], { type: 33, json: true }],
    [['web', '-namespace', 'shop', '-cluster-domain=z.'], { namespace: 'shop', clusterDomain: 'z' }],
    [['-resolv-conf', 'f', 'web'], { resolvConf: 'f' }],
    [['web', '-libc', 'musl', '--musl-version=1.1.24'], { libc: 'musl', muslVersion: '1.1.24' }],
    [['web', '-server', '127.0.0.1:1053'], { servers: [{ host: '127.0.0.1', port: 1053 }] }],
    [
      ['web', '-server', '192.0.2.1', '-server', '::1', '-server', '[::1]:54'],
      {
        servers: [
          { host: '192.0.2.1', port: 53 },
          { host: '::1', port: 53 },
          { host: '::1', port: 54 },
        ],
      },
    ],
    [['--', '-web'], { name: '-web' }],
  ];
  test.each(table)('%j', (argv, flags) => {
    expect(parseResolveFlags(argv)).toEqual({ ...defaults, ...flags });
  });
});

describe('what is not: exit code 2, one line, and the usage', () => {
  const table: [argv: string[], message: string][] = [
    [[], 'a name is needed'],
    [[''], 'a name is needed'],
    [['web', 'A', 'x'], 'extra argument: x'],
    [['web', 'NOPE'], 'unknown type: NOPE'],
    [['10.96.0.1'], '10.96.0.1 is an address: a program asks nobody for it (reverse: its .arpa name, PTR)'],
    [['web', '-nope'], 'flag provided but not defined: -nope'],
    [['web', '-json=1'], 'flag provided but not defined: -json'],
    [['web', '-libc'], 'flag needs an argument: -libc'],
    [['web', '-libc='], 'flag needs an argument: -libc'],
    [['web', '-libc', 'bsd'], 'invalid value "bsd" for flag -libc: glibc or musl is needed'],
    [
      ['web', '-musl-version', 'new'],
      'invalid value "new" for flag -musl-version: a version as in 1.2.5 is needed',
    ],
    ...['localhost', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:x', '[::1]53', '[127.0.0.1]:53'].map(
      (server): [string[], string] => [
        ['web', '-server', server],
        `invalid value "${server}" for flag -server: an address, with a port or without, is needed`,
      ],
    ),
    [['web', ...Array(4).fill('-server=::1')], 'at most 3 servers are asked'],
    [['web', '-namespace', 'a', '-resolv-conf', 'b'], '-namespace and -resolv-conf exclude each other'],
  ];
  test.each(table)('%j', async (argv, message) => {
    expect(await run(...argv)).toEqual({ code: 2, out: '', err: `${message}\n${RESOLVE_USAGE}` });
  });

  test('a file that is not there', async () => {
    const { code, err } = await run('web', '-resolv-conf', `${makeFolder()}/none`);
    expect(code).toBe(2);
    expect(err).toMatch(/none cannot be read: ENOENT/);
  });

  test('a file that is too large', async () => {
    const { code, err } = await run(
      'web',
      '-resolv-conf',
      `${makeFolder({ large: ' '.repeat(65_537) })}/large`,
    );
    expect(code).toBe(2);
    expect(err).toMatch(/large has 65537 octets: at most 65536 are read/);
  });
});

test('help', async () => {
  expect(await run('-h')).toEqual({ code: 0, out: RESOLVE_USAGE, err: '' });
});

test('an answer: the walk, the winner, the records, the queries; exit code 0', async () => {
  await using server = await scriptedServer({ 'web.other.svc.cluster.local.': 'A 192.0.2.1' });
  const { code, out } = await run('web.other', '-namespace', 'shop', '-server', `127.0.0.1:${server.port}`);
  expect(code).toBe(0);
  // Which of two replies comes first is chance.
  expect(
    out
      .replace('AAAA nxdomain, A nxdomain', 'A nxdomain, AAAA nxdomain')
      .replace('AAAA nodata, A answer', 'A answer, AAAA nodata'),
  ).toBe(`\
web.other A+AAAA as glibc (pod in namespace shop): ndots 5, search shop.svc.cluster.local svc.cluster.local cluster.local, server 127.0.0.1:${server.port}
  1  web.other.shop.svc.cluster.local.  NXDOMAIN (A nxdomain, AAAA nxdomain): the name may exist under another domain
  2  web.other.svc.cluster.local.       ANSWER (A answer, AAAA nodata): a record of the type ends the search

found web.other.svc.cluster.local.
web.other.svc.cluster.local. 30 IN A 192.0.2.1
4 queries, 4 answered
`);
});

test('no answer: what the program gets, and remarks on the file; exit code 1', async () => {
  await using server = await scriptedServer({ 'x.a.': 'servfail' });
  const folder = makeFolder({ 'resolv.conf': 'search a b\noptions timeout:1 attempts:1 rotate\n' });
  const file = `${folder}/resolv.conf`;
  const port = server.port;
  const { code, out } = await run(
    'x',
    'A',
    '-resolv-conf',
    file,
    '-libc',
    'musl',
    '-server',
    `127.0.0.1:${port}`,
  );
  expect(code).toBe(1);
  expect(out).toBe(`\
x A as musl 1.2.5 (${file}): ndots 1, search a b, server 127.0.0.1:${port}
  ${file}:2: musl has no option "rotate"
  1  x.a.  SERVFAIL (A servfail x3): without a usable reply no other name is asked

not found: SERVFAIL, the program gets EAI_AGAIN
3 queries, 3 answered
`);
});

test('JSON', async () => {
  await using server = await scriptedServer({ 'x.b.': 'A 192.0.2.1' });
  const file = `${makeFolder({ conf: 'search a b\noptions rotate inet6\n' })}/conf`;
  const address = `127.0.0.1:${server.port}`;
  const { code, out } = await run('x', 'A', '-resolv-conf', file, '-server', address, '-json');
  expect(code).toBe(0);
  const attempt = { type: 'A', server: address, transport: 'udp', ms: expect.any(Number) };
  expect(JSON.parse(out)).toEqual({
    name: 'x',
    type: 'A',
    libc: 'glibc',
    muslVersion: null,
    source: file,
    conf: {
      nameservers: [address],
      search: ['a', 'b'],
      ndots: 1,
      timeoutSeconds: 5,
      attempts: 2,
      flags: ['rotate'],
    },
    remarks: [{ line: 2, ignored: false, message: 'option "inet6" is unknown' }],
    outcome: 'answer',
    libcError: null,
    winner: 'x.b.',
    ttl: 30,
    records: ['x.b. 30 IN A 192.0.2.1'],
    candidates: [
      {
        name: 'x.a.',
        phase: 'search',
        verdict: 'nxdomain',
        action: 'next',
        because: 'the name may exist under another domain',
        attempts: [{ ...attempt, outcome: 'nxdomain' }],
      },
      {
        name: 'x.b.',
        phase: 'search',
        verdict: 'answer',
        action: 'done',
        because: 'a record of the type ends the search',
        attempts: [{ ...attempt, outcome: 'answer' }],
      },
    ],
    walks: 1,
    queries: 2,
    replies: 2,
  });
});
