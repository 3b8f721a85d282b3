/**
 * The same lookups by the C libraries themselves, in a namespace where a script is the network, and by the resolver here: they
 * must ask the same questions and come to the same end.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatRdata } from '../../src/dns/index.ts';
import { type Libc, parseResolvConf, Resolver } from '../../src/resolver/index.ts';
import { glibcClient, hasGlibc, muslClient, muslVersion } from './clients.ts';
import type { WorldCase, WorldResult } from './libc-world.ts';
import type { Script } from './script.ts';
import { scriptedAsk } from './scripted.ts';

const POD =
  'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 127.0.0.1\noptions ndots:5\n';
const CALM = 'nameserver 127.0.0.1\nsearch a.test b.test\n';
/** For what a library waits for in vain. */
const QUICK = `${CALM}options timeout:1 attempts:1\n`;
const TWO =
  'nameserver 127.0.0.1\nnameserver 127.0.0.2\nsearch a.test b.test\noptions timeout:1 attempts:1\n';

const long = (label: string, count: number) => Array(count).fill(label.repeat(50)).join('.');

const table: [what: string, resolvConf: string, name: string, script: Script][] = [
  // Which names, in which order.
  ['a service by its name', POD, 'web', { 'web.shop.svc.cluster.local.': 'A 192.0.2.1' }],
  ['a service of another namespace', POD, 'web.other', { 'web.other.svc.cluster.local.': 'A 192.0.2.1' }],
  ['a name of the world', POD, 'www.example.org', { 'www.example.org.': 'A 192.0.2.1' }],
  ['a name of the world with a final dot', POD, 'www.example.org.', { 'www.example.org.': 'A 192.0.2.1' }],
  ['nothing at all', POD, 'nothing', {}],
  ['nothing with dots enough', POD, 'a.b.c.d.e.f', {}],
  ['nothing with one dot too few', POD, 'a.b.c.d.e', {}],
  ['nothing with a final dot', POD, 'nothing.', {}],
  ['ndots 1 and a dot', CALM, 'x.y', { 'x.y.a.test.': 'A 192.0.2.1' }],
  ['ndots 0', `${CALM}options ndots:0\n`, 'x', { 'x.b.test.': 'A 192.0.2.1' }],
  ['no search list', 'nameserver 127.0.0.1\n', 'x', {}],
  ['no-tld-query', `${CALM}options no-tld-query\n`, 'x', {}],
  ['no-tld-query with a dot', `${CALM}options no-tld-query ndots:3\n`, 'x.y', {}],
  ['a search domain .', 'nameserver 127.0.0.1\nsearch . a.test\n', 'x', {}],
  ['a search domain . behind another', 'nameserver 127.0.0.1\nsearch a.test .\n', 'x', {}],
  ['a search domain with dots around', 'nameserver 127.0.0.1\nsearch .a.test b.test.\n', 'x', {}],
  ['a whole that is too long', `nameserver 127.0.0.1\nsearch ${long('s', 4)} b.test\n`, long('x', 2), {}],
  ['a label that is too long', `nameserver 127.0.0.1\nsearch ${'s'.repeat(70)} b.test\n`, 'x', {}],
  ['two final dots', CALM, 'x..', {}],
  ['an empty label', CALM, 'x..y', {}],
  ['a leading hyphen', CALM, '-x', {}],
  ['a star', CALM, '*', {}],
  ['an underscore', CALM, '_x', { '_x.a.test.': 'A 192.0.2.1' }],
  // The file.
  ['domain behind search', 'nameserver 127.0.0.1\nsearch a.test\ndomain b.test c.test\n', 'x', {}],
  ['an empty search line last', 'nameserver 127.0.0.1\nsearch a.test\nsearch \n', 'x', {}],
  ['a comment behind a domain', 'nameserver 127.0.0.1\nsearch a.test #b.test\n', 'x', {}],
  ['blanks before keywords', 'nameserver 127.0.0.1\n search a.test\n\tsearch b.test\n', 'x', {}],
  ['a tab behind the keyword', 'nameserver\t127.0.0.1 rest\nsearch\ta.test\tb.test\n', 'x', {}],
  ['carriage returns', 'nameserver 127.0.0.1\r\nsearch a.test\r\n', 'x', {}],
  ['an address of one number', 'nameserver 2130706434\nsearch a.test\n', 'x', {}],
  ['an address in hexadecimal', 'nameserver 0x7f.2\n', 'x', {}],
  ['no nameserver', 'search a.test\n', 'x', {}],
  ['a nameserver that is none', 'nameserver 127.0.0.2.1\nnameserver 127.0.0.3\n', 'x', {}],
  [
    'a line that is too long for musl',
    `nameserver 127.0.0.1\nsearch ${long('s', 3)} ${long('t', 2)}\n`,
    'x',
    {},
  ],
  [
    'a line that just fits musl',
    `nameserver 127.0.0.1\nsearch a.test ${`${'d'.repeat(15)}.test `.repeat(11)}test5678901234\n`,
    'x',
    {},
  ],
  [
    'ndots above its cap',
    'nameserver 127.0.0.1\nsearch a.test\noptions ndots:99\n',
    'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p',
    {},
  ],
  ['ndots behind a blank', 'nameserver 127.0.0.1\nsearch a.test\noptions ndots: 3\n', 'x.y', {}],
  ['ndots within a word', 'nameserver 127.0.0.1\nsearch a.test\noptions xndots:3\n', 'x.y', {}],
  ['ndots twice', 'nameserver 127.0.0.1\nsearch a.test\noptions ndots:3 ndots:1\n', 'x.y', {}],
  ['ndots below zero', `${CALM}options ndots:-1\n`, 'x.y', {}],
  ['timeout 0', `${CALM}options timeout:0 attempts:1\n`, 'x', { 'x.a.test.': 'silent' }],
  // What replies do to the search.
  ['NODATA, then an answer', CALM, 'x', { 'x.a.test.': 'nodata', 'x.b.test.': 'A 192.0.2.1' }],
  ['NODATA, then nothing', CALM, 'x', { 'x.a.test.': 'nodata' }],
  ['NODATA as it is', CALM, 'x', { 'x.': 'nodata' }],
  ['NODATA as it is, first', CALM, 'x.y', { 'x.y.': 'nodata' }],
  ['NXDOMAIN as it is first, then NODATA', CALM, 'x.y', { 'x.y.a.test.': 'nodata' }],
  ['SERVFAIL, then an answer', QUICK, 'x', { 'x.a.test.': 'servfail', 'x.b.test.': 'A 192.0.2.1' }],
  ['SERVFAIL, then nothing', QUICK, 'x', { 'x.a.test.': 'servfail' }],
  ['SERVFAIL and NODATA', QUICK, 'x', { 'x.a.test.': 'servfail', 'x.b.test.': 'nodata' }],
  ['SERVFAIL, NODATA as it is', QUICK, 'x', { 'x.a.test.': 'servfail', 'x.': 'nodata' }],
  ['SERVFAIL as it is, first', QUICK, 'x.y', { 'x.y.': 'servfail' }],
  ['REFUSED, then an answer', QUICK, 'x', { 'x.a.test.': 'refused', 'x.b.test.': 'A 192.0.2.1' }],
  ['REFUSED, then an answer as it is', QUICK, 'x', { 'x.a.test.': 'refused', 'x.': 'A 192.0.2.1' }],
  ['NOTIMP', QUICK, 'x', { 'x.a.test.': 'notimp' }],
  ['FORMERR', QUICK, 'x', { 'x.a.test.': 'formerr', 'x.b.test.': 'A 192.0.2.1' }],
  ['a lame server', QUICK, 'x', { 'x.a.test.': 'lame', 'x.b.test.': 'A 192.0.2.1' }],
  ['silence, then an answer', QUICK, 'x', { 'x.a.test.': 'silent', 'x.b.test.': 'A 192.0.2.1' }],
  ['silence, then an answer as it is', QUICK, 'x', { 'x.a.test.': 'silent', 'x.': 'A 192.0.2.1' }],
  ['silence twice', `${QUICK}options attempts:2\n`, 'x', { 'x.a.test.': 'silent' }],
  ['nobody there', QUICK, 'x', { '127.0.0.1': 'dead' }],
  ['nobody there, as it is first', QUICK, 'x.y', { '127.0.0.1': 'dead' }],
  ['truncation', CALM, 'x', { 'x.a.test.': 'tc' }],
  ['an alias', CALM, 'x', { 'x.a.test. A': 'CNAME y.test., A 192.0.2.1', 'x.a.test.': 'nodata' }],
  ['an alias to nothing', CALM, 'x', { 'x.a.test.': 'CNAME y.test.', 'x.b.test.': 'A 192.0.2.1' }],
  // Two types.
  ['both types', CALM, 'x', { 'x.a.test.': 'A 192.0.2.1, AAAA 2001:db8::1' }],
  ['AAAA alone', CALM, 'x', { 'x.a.test.': 'AAAA 2001:db8::1' }],
  ['A, and SERVFAIL for AAAA', QUICK, 'x', { 'x.a.test.': 'A 192.0.2.1', 'x.a.test. AAAA': 'servfail' }],
  ['AAAA, and SERVFAIL for A', QUICK, 'x', { 'x.a.test.': 'AAAA 2001:db8::1', 'x.a.test. A': 'servfail' }],
  ['A, and NXDOMAIN for AAAA', CALM, 'x', { 'x.a.test. A': 'A 192.0.2.1', 'x.a.test. AAAA': 'nxdomain' }],
  ['NODATA for A, and NXDOMAIN for AAAA', CALM, 'x', { 'x.a.test. A': 'nodata' }],
  ['A, and REFUSED for AAAA', QUICK, 'x', { 'x.a.test. A': 'A 192.0.2.1', 'x.a.test. AAAA': 'refused' }],
  ['A, and silence for AAAA', QUICK, 'x', { 'x.a.test. A': 'A 192.0.2.1', 'x.a.test. AAAA': 'silent' }],
  ['NODATA for A, and silence for AAAA', QUICK, 'x', { 'x.a.test. A': 'nodata', 'x.a.test. AAAA': 'silent' }],
  ['NXDOMAIN for A, and SERVFAIL for AAAA', QUICK, 'x', { 'x.a.test. AAAA': 'servfail' }],
  [
    'single-request',
    `${QUICK}options single-request\n`,
    'x',
    { 'x.a.test. A': 'servfail', 'x.a.test.': 'AAAA ::2' },
  ],
  [
    'single-request-reopen',
    `${QUICK}options single-request-reopen\n`,
    'x',
    { 'x.a.test. A': 'A 192.0.2.1', 'x.a.test. AAAA': 'silent' },
  ],
  ['no-aaaa', `${CALM}options no-aaaa\n`, 'x', { 'x.b.test.': 'A 192.0.2.1' }],
  ['use-vc', `${QUICK}options use-vc\n`, 'x', { 'x.a.test.': 'servfail', 'x.b.test.': 'A 192.0.2.1' }],
  [
    'use-vc and REFUSED',
    `${QUICK}options use-vc\n`,
    'x',
    { 'x.a.test.': 'refused', 'x.b.test.': 'A 192.0.2.1' },
  ],
  ['edns0', `${QUICK}options edns0\n`, 'x', { 'x.a.test.': 'lame', 'x.b.test.': 'A 192.0.2.1' }],
  // Several servers.
  ['SERVFAIL of the first', TWO, 'x', { '127.0.0.1 x.a.test.': 'servfail', 'x.a.test.': 'A 192.0.2.1' }],
  ['REFUSED of the first', TWO, 'x', { '127.0.0.1 x.a.test.': 'refused', 'x.a.test.': 'A 192.0.2.1' }],
  ['SERVFAIL of both', TWO, 'x', { 'x.a.test.': 'servfail' }],
  ['SERVFAIL and REFUSED', TWO, 'x', { '127.0.0.1 x.a.test.': 'servfail', 'x.a.test.': 'refused' }],
  ['REFUSED and SERVFAIL', TWO, 'x', { '127.0.0.1 x.a.test.': 'refused', 'x.a.test.': 'servfail' }],
  ['silence of the first', TWO, 'x', { '127.0.0.1': 'silent', 'x.a.test.': 'A 192.0.2.1' }],
  ['SERVFAIL and silence', TWO, 'x', { '127.0.0.1 x.a.test.': 'servfail', 'x.a.test.': 'silent' }],
  ['the first is dead', TWO, 'x', { '127.0.0.1': 'dead', 'x.a.test.': 'A 192.0.2.1' }],
  [
    'SERVFAIL for A alone of the first',
    TWO,
    'x',
    { '127.0.0.1 x.a.test. A': 'servfail', '127.0.0.1 x.a.test. AAAA': 'nodata', 'x.a.test.': 'A 192.0.2.1' },
  ],
  ['truncation of the second', TWO, 'x', { '127.0.0.1': 'silent', 'x.a.test.': 'tc' }],
  [
    'three of four servers',
    'nameserver 127.0.0.1\nnameserver 127.0.0.2\nnameserver 127.0.0.3\nnameserver 127.0.0.4\n',
    'x',
    { 'x.': 'servfail' },
  ],
];

/** Network, mounts, host name. */
const NAMESPACES = ['-n', '-m', '-u'];
const world = fileURLToPath(new URL('libc-world.ts', import.meta.url));
const canUnshare =
  spawnSync('unshare', [...NAMESPACES, 'true']).status === 0 && spawnSync('ip', ['-V']).status === 0;

const WORLDS = 8;

async function run(folder: string, at: number, cases: readonly WorldCase[], client: readonly string[]) {
  const file = join(folder, `cases${at}.json`);
  writeFileSync(file, JSON.stringify(cases));
  const command = [process.execPath, world, file, join(folder, `resolv${at}.conf`), ...client];
  const { stdout } = await promisify(execFile)('unshare', [...NAMESPACES, '--', ...command]);
  return JSON.parse(stdout) as WorldResult[];
}

const libraries: {
  libc: Libc;
  version: string | undefined;
  reason: string;
  client: (folder: string) => string[];
}[] = [
  {
    libc: 'glibc',
    version: hasGlibc() ? '' : undefined,
    reason: 'this Node is not linked to glibc',
    client: glibcClient,
  },
  {
    libc: 'musl',
    version: muslVersion(),
    reason: 'musl-gcc (musl-tools) is not installed',
    client: muslClient,
  },
];

describe.each(libraries)('as $libc itself', ({ libc, version, reason, client }) => {
  const missing = canUnshare ? reason : 'unshare and ip need root';
  if (!canUnshare || version === undefined) {
    test.skip(`not compared: ${missing}`, () => {});
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'corvidns-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let results: readonly (WorldResult | undefined)[] = [];
  beforeAll(async () => {
    const command = client(folder);
    const cases: WorldCase[] = table.map(([, resolvConf, name, script]) => ({ resolvConf, name, script }));
    // Most of them wait: side by side they are done sooner.
    const parts = Array.from({ length: WORLDS }, (_, at) =>
      cases.filter((_, index) => index % WORLDS === at),
    );
    const found = await Promise.all(parts.map((part, at) => run(folder, at, part, command)));
    results = cases.map((_, index) => found[index % WORLDS]?.[Math.trunc(index / WORLDS)]);
  }, 180_000);

  test.each(table.map(([what, ...rest], index) => ({ what, rest, index })))(
    '$what',
    async ({ rest, index }) => {
      const [resolvConf, name, script] = rest;
      const asked: string[] = [];
      const { conf } = parseResolvConf(resolvConf)[libc];
      const resolver = new Resolver({
        conf,
        libc,
        muslVersion: version || undefined,
        ask: scriptedAsk(script, asked),
      });
      const { libcError, records } = await resolver.resolve(name, 'A+AAAA');
      const addresses = records
        .filter(({ data }) => data.kind !== 'CNAME')
        .map(({ data }) => formatRdata(data));
      const printed = libcError ?? addresses.sort().join(' ');
      // A dead server is not there to count.
      const heard = asked.filter((line) => script[line.split(' ')[0] ?? ''] !== 'dead');
      expect({ printed, asked: comparable(heard, libc) }).toEqual({
        printed: results[index]?.printed.split(' ').sort().join(' '),
        asked: comparable(results[index]?.asked ?? [], libc),
      });
    },
  );
});

/**
 * musl asks several servers at once: which of them is asked again for SERVFAIL, and whose datagram arrives first, is chance. What
 * is certain is who is asked what, name by name.
 */
function comparable(asked: readonly string[], libc: Libc): readonly string[] {
  const hosts = new Set(asked.map((line) => line.split(' ')[0]));
  if (libc === 'glibc' || hosts.size < 2) return asked;
  const names = Map.groupBy(asked, (line) => line.split(' ')[2]);
  return [...names.values()].flatMap((lines) => [...new Set(lines)].sort());
}
