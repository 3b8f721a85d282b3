/** What replies do to a lookup, without sockets: whom each library asks, in order, and what the program gets. */
import { describe, expect, test } from 'vitest';
import { formatRdata, typeNumber } from '../../src/dns/index.ts';
import { type Libc, type LookupType, parseResolvConf, Resolver } from '../../src/resolver/index.ts';
import type { Script } from './script.ts';
import { scriptedAsk } from './scripted.ts';

const CONF = 'nameserver 127.0.0.1\nsearch a b\noptions attempts:1\n';
const TWO = `${CONF}nameserver 127.0.0.2\n`;

interface Case {
  readonly conf?: string;
  readonly name?: string;
  readonly type?: string;
  readonly muslVersion?: string;
  readonly script: Script;
}

async function look(libc: Libc, { conf = CONF, name = 'x', type = 'A', muslVersion, script }: Case) {
  const asked: string[] = [];
  const ask = scriptedAsk(script, asked);
  const resolver = new Resolver({ conf: parseResolvConf(conf)[libc].conf, libc, muslVersion, ask });
  const number: LookupType = type === 'A+AAAA' ? type : (typeNumber(type) ?? 0);
  const resolution = await resolver.resolve(name, number);
  expect(resolution.attempts).toHaveLength(asked.length);
  return { resolution, asked };
}

/** `x.a.`; with server, transport and type where they are not the usual ones. */
function short(asked: string): string {
  const [host, transport, name, type] = asked.split(' ');
  const parts = [name, type === 'A' ? '' : type, transport === 'udp' ? '' : transport];
  return [...parts, host === '127.0.0.1' ? '' : `@${host?.at(-1)}`].filter((part) => part !== '').join(' ');
}

/** Whom it asks; what it gets: addresses, or error and outcome. */
const table: [what: string, one: Case, glibc: string, musl: string][] = [
  [
    'NXDOMAIN',
    { script: {} },
    'x.a., x.b., x. -> EAI_NONAME nxdomain',
    'x.a., x.b., x. -> EAI_NONAME nxdomain',
  ],
  [
    'NODATA goes on, musl stops',
    { script: { 'x.a.': 'nodata' } },
    'x.a., x.b., x. -> EAI_NODATA nodata',
    'x.a. -> EAI_NODATA nodata',
  ],
  [
    'SERVFAIL goes on, musl asks thrice and stops',
    { script: { 'x.a.': 'servfail' } },
    'x.a., x.b., x. -> EAI_AGAIN servfail',
    'x.a., x.a., x.a. -> EAI_AGAIN servfail',
  ],
  [
    'NODATA stands over SERVFAIL',
    { script: { 'x.a.': 'servfail', 'x.b.': 'nodata' } },
    'x.a., x.b., x. -> EAI_NODATA nodata',
    'x.a., x.a., x.a. -> EAI_AGAIN servfail',
  ],
  [
    'SERVFAIL stands over the last NODATA',
    { script: { 'x.a.': 'servfail', 'x.': 'nodata' } },
    'x.a., x.b., x. -> EAI_AGAIN servfail',
    'x.a., x.a., x.a. -> EAI_AGAIN servfail',
  ],
  [
    'the name as it is, first, stands over all',
    { name: 'x.y', script: { 'x.y.a.': 'nodata', 'x.y.b.': 'servfail' } },
    'x.y., x.y.a., x.y.b. -> EAI_NONAME nxdomain',
    'x.y. -> EAI_NONAME nxdomain',
  ],
  [
    'REFUSED leaves the list',
    { script: { 'x.a.': 'refused' } },
    'x.a., x. -> EAI_NONAME nxdomain',
    'x.a. -> EAI_AGAIN refused',
  ],
  [
    'NOTIMP leaves the list',
    { script: { 'x.a.': 'notimp', 'x.': 'A 192.0.2.1' } },
    'x.a., x. -> 192.0.2.1',
    'x.a. -> EAI_AGAIN notimp',
  ],
  [
    'FORMERR leaves the list',
    { script: { 'x.a.': 'formerr', 'x.': 'formerr' } },
    'x.a., x. -> EAI_NONAME error',
    'x.a. -> EAI_AGAIN error',
  ],
  [
    'silence leaves the list',
    { script: { 'x.a.': 'silent' } },
    'x.a., x. -> EAI_NONAME nxdomain',
    'x.a. -> EAI_AGAIN timeout',
  ],
  [
    'silence everywhere',
    { script: { '*': 'silent' } },
    'x.a., x. -> EAI_AGAIN timeout',
    'x.a. -> EAI_AGAIN timeout',
  ],
  [
    'lame leaves the list',
    { script: { 'x.a.': 'lame' } },
    'x.a., x. -> EAI_NONAME nxdomain',
    'x.a. -> EAI_NODATA nodata',
  ],
  [
    'nobody there',
    { script: { '*': 'dead' } },
    'x.a. -> EAI_AGAIN unreachable',
    'x.a. -> EAI_AGAIN unreachable',
  ],
  [
    'nobody there, as it is first',
    { name: 'x.y', script: { '*': 'dead' } },
    'x.y., x.y.a. -> EAI_AGAIN unreachable',
    'x.y. -> EAI_AGAIN unreachable',
  ],
  [
    'an alias to nothing ends it',
    { script: { 'x.a.': 'CNAME y.' } },
    'x.a. -> EAI_NONAME alias-only',
    'x.a. -> EAI_NODATA alias-only',
  ],
  [
    'truncation',
    { script: { 'x.a.': 'tc' } },
    'x.a., x.a. tcp -> 192.0.2.99',
    'x.a., x.a. tcp -> 192.0.2.99',
  ],
  [
    'truncation, musl before 1.2.4',
    { muslVersion: '1.2.3', script: { 'x.a.': 'tc' } },
    'x.a., x.a. tcp -> 192.0.2.99',
    'x.a. -> EAI_NONAME nodata',
  ],
  [
    'NODATA, musl before 1.2.4',
    { muslVersion: '1.1.24', script: { 'x.a.': 'nodata' } },
    'x.a., x.b., x. -> EAI_NODATA nodata',
    'x.a. -> EAI_NONAME nodata',
  ],
  [
    'the root in the list, musl before 1.2.4',
    { conf: 'search . a', muslVersion: '1.2.3', script: {} },
    'x., x.a. -> EAI_NONAME nxdomain',
    ' -> EAI_AGAIN malformed',
  ],
  [
    'a name that is none',
    { name: '-x', script: {} },
    ' -> EAI_NONAME not-asked',
    '-x.a., -x.b., -x. -> EAI_NONAME nxdomain',
  ],
  // Two servers.
  [
    'SERVFAIL of the first',
    { conf: TWO, script: { '127.0.0.1': 'servfail', 'x.a.': 'A 192.0.2.1' } },
    'x.a., x.a. @2 -> 192.0.2.1',
    'x.a., x.a. @2, x.a. -> 192.0.2.1',
  ],
  [
    'NXDOMAIN of the first',
    { conf: TWO, script: { '127.0.0.1': 'nxdomain', 'x.a. ': 'A 192.0.2.1' } },
    'x.a., x.b., x. -> EAI_NONAME nxdomain',
    'x.a., x.a. @2, x.b., x.b. @2, x., x. @2 -> EAI_NONAME nxdomain',
  ],
  [
    'two rounds',
    { conf: `${TWO}options attempts:2\n`, name: 'x.', script: { '*': 'silent' } },
    'x., x. @2, x., x. @2 -> EAI_AGAIN timeout',
    'x., x. @2, x., x. @2 -> EAI_AGAIN timeout',
  ],
  [
    'TCP goes on over TCP',
    {
      conf: `${TWO}options attempts:2\n`,
      name: 'x.',
      script: { '127.0.0.1': 'tc-then-silent', 'x.': 'A 192.0.2.1' },
    },
    'x., x. tcp, x. tcp @2 -> 192.0.2.1',
    'x., x. @2, x. tcp -> EAI_AGAIN timeout',
  ],
  [
    'REFUSED over TCP is final',
    { conf: `${TWO}options use-vc\n`, name: 'x.', script: { '*': 'refused' } },
    'x. tcp -> EAI_NONAME refused',
    'x., x. @2 -> EAI_AGAIN refused',
  ],
  // Two types.
  [
    'both',
    { type: 'A+AAAA', script: { 'x.a.': 'A 192.0.2.1, AAAA ::2' } },
    'x.a., x.a. AAAA -> 192.0.2.1 ::2',
    'x.a., x.a. AAAA -> 192.0.2.1 ::2',
  ],
  [
    'A, NXDOMAIN for AAAA',
    { type: 'A+AAAA', script: { 'x.a. A': 'A 192.0.2.1' } },
    'x.a., x.a. AAAA -> 192.0.2.1',
    'x.a., x.a. AAAA, x.b., x.b. AAAA, x., x. AAAA -> EAI_NONAME nxdomain',
  ],
  [
    'A, SERVFAIL for AAAA',
    { type: 'A+AAAA', script: { 'x.a. A': 'A 192.0.2.1', 'x.a.': 'servfail' } },
    'x.a., x.a. AAAA -> 192.0.2.1',
    'x.a., x.a. AAAA, x.a. AAAA, x.a. AAAA, x.a. AAAA, x.a. AAAA -> EAI_AGAIN servfail',
  ],
  [
    'A, silence for AAAA',
    { type: 'A+AAAA', script: { 'x.a. A': 'A 192.0.2.1', 'x.a.': 'silent' } },
    'x.a., x.a. AAAA, x.a., x.a. AAAA, x.a., x.a. AAAA -> 192.0.2.1',
    'x.a., x.a. AAAA -> EAI_AGAIN timeout',
  ],
  [
    'AAAA, truncated',
    { type: 'A+AAAA', script: { 'x.a. A': 'A 192.0.2.1', 'x.a.': 'tc' } },
    'x.a., x.a. AAAA, x.a. tcp, x.a. AAAA tcp -> 192.0.2.1 2001:db8::99',
    'x.a., x.a. AAAA, x.a. AAAA tcp -> 192.0.2.1 2001:db8::99',
  ],
  [
    'in turn',
    {
      conf: `${CONF}options single-request\n`,
      type: 'A+AAAA',
      script: { 'x.a. A': 'silent', 'x.a.': 'AAAA ::2', 'x.': 'AAAA ::3' },
    },
    'x.a., x., x. AAAA -> ::3',
    'x.a., x.a. AAAA -> EAI_AGAIN timeout',
  ],
  [
    'strict-error',
    {
      conf: `${TWO}options strict-error\n`,
      type: 'A+AAAA',
      script: { '127.0.0.1 x.a. AAAA': 'servfail', 'x.a.': 'A 192.0.2.1' },
    },
    'x.a., x.a. AAAA, x.a. @2, x.a. AAAA @2 -> 192.0.2.1',
    'x.a., x.a. @2, x.a. AAAA, x.a. AAAA @2, x.a. AAAA -> 192.0.2.1',
  ],
  [
    'no-aaaa',
    {
      conf: `${CONF}options no-aaaa\n`,
      type: 'A+AAAA',
      script: { 'x.a.': 'AAAA ::2', 'x.b.': 'A 192.0.2.1' },
    },
    'x.a., x.b. -> 192.0.2.1',
    'x.a., x.a. AAAA -> ::2',
  ],
  [
    'no-aaaa, and AAAA',
    { conf: `${CONF}options no-aaaa\n`, type: 'AAAA', script: { '*': 'AAAA ::2' } },
    ' -> EAI_NODATA nodata',
    'x.a. AAAA -> ::2',
  ],
  [
    'NODATA for A, NXDOMAIN for AAAA',
    { type: 'A+AAAA', script: { 'x.a. A': 'nodata' } },
    'x.a., x.a. AAAA, x.b., x.b. AAAA, x., x. AAAA -> EAI_NONAME nxdomain',
    'x.a., x.a. AAAA, x.b., x.b. AAAA, x., x. AAAA -> EAI_NONAME nxdomain',
  ],
  // Types that are no addresses: musl has no search list for them.
  [
    'SRV',
    { type: 'SRV', script: { 'x.b.': 'SRV 0 0 1 y.' } },
    'x.a. SRV, x.b. SRV -> 0 0 1 y.',
    'x. SRV -> HOST_NOT_FOUND nxdomain',
  ],
  [
    'SRV, NODATA',
    { type: 'SRV', name: 'x.', script: { '*': 'nodata' } },
    'x. SRV -> NO_DATA nodata',
    'x. SRV -> NO_DATA nodata',
  ],
  [
    'SRV, SERVFAIL',
    { type: 'SRV', name: 'x.', script: { '*': 'servfail' } },
    'x. SRV -> TRY_AGAIN servfail',
    'x. SRV, x. SRV, x. SRV -> TRY_AGAIN servfail',
  ],
  [
    'SRV, FORMERR',
    { type: 'SRV', name: 'x.', script: { '*': 'formerr' } },
    'x. SRV -> NO_RECOVERY error',
    'x. SRV -> TRY_AGAIN error',
  ],
  [
    'SRV, an alias',
    { type: 'SRV', name: 'x.', script: { '*': 'CNAME y.' } },
    'x. SRV -> no error alias-only',
    'x. SRV -> no error alias-only',
  ],
  [
    'CAA, which musl cannot ask',
    { type: 'CAA', name: 'x.', script: {} },
    'x. CAA -> HOST_NOT_FOUND nxdomain',
    ' -> HOST_NOT_FOUND not-asked',
  ],
];

describe.each(['glibc', 'musl'] as const)('as %s', (libc) => {
  const cases = table.map(([what, one, glibc, musl]) => ({
    what,
    one,
    expected: libc === 'glibc' ? glibc : musl,
  }));
  test.each(cases)('$what', async ({ one, expected }) => {
    const { resolution, asked } = await look(libc, one);
    const { outcome, libcError, records } = resolution;
    const got =
      outcome === 'answer'
        ? records.map(({ data }) => formatRdata(data)).join(' ')
        : `${libcError ?? 'no error'} ${outcome}`;
    expect(`${asked.map(short).join(', ')} -> ${got}`).toBe(expected);
  });
});

test('the walk is told candidate by candidate', async () => {
  const { resolution } = await look('glibc', {
    script: { 'x.b.': 'CNAME y., A 192.0.2.1' },
    conf: 'search a b',
  });
  expect(resolution.candidates).toEqual([
    {
      name: 'x.a.',
      phase: 'search',
      verdict: 'nxdomain',
      action: 'next',
      because: 'the name may exist under another domain',
      attempts: [
        {
          candidate: 'x.a.',
          type: 1,
          server: '127.0.0.1',
          transport: 'udp',
          outcome: 'nxdomain',
          ms: expect.any(Number),
        },
      ],
    },
    {
      name: 'x.b.',
      phase: 'search',
      // glibc wants an A of y., which the CNAME leads to: this is one of x.b.
      verdict: 'alias-only',
      action: 'done',
      because: 'any record in the answer ends the search, though none is of the type',
      attempts: [expect.objectContaining({ outcome: 'alias-only' })],
    },
  ]);
});

test('the winner has name, records and the least TTL', async () => {
  const { resolution } = await look('musl', { script: { 'x.b.': 'CNAME y., A 192.0.2.1' } });
  expect(resolution).toMatchObject({ outcome: 'answer', name: 'x.b.', ttl: 30, libcError: undefined });
  expect(resolution.records).toHaveLength(2);
});

test('rotate begins with another server at each candidate', async () => {
  const conf = 'nameserver 127.0.0.1\nnameserver 127.0.0.2\nsearch a b c\noptions rotate\n';
  const { asked } = await look('glibc', { conf, script: {} });
  const hosts = asked.map((line) => line.split(' ')[0]);
  expect(hosts.slice(0, 2)).toEqual(hosts.slice(2));
  expect(new Set(hosts).size).toBe(2);
});

test('a function that fails fails the lookup', async () => {
  for (const libc of ['glibc', 'musl'] as const) {
    const { conf } = parseResolvConf(TWO)[libc];
    const resolver = new Resolver({ conf, libc, ask: () => Promise.reject(new Error('no script')) });
    await expect(resolver.resolve('x', 'A+AAAA')).rejects.toThrow('no script');
  }
});

test('settings that no file could have are cut', async () => {
  for (const libc of ['glibc', 'musl'] as const) {
    const asked: string[] = [];
    const { conf } = parseResolvConf('')[libc];
    const nameservers = Array.from({ length: 9 }, (_, at) => ({ host: `127.0.0.${at}`, port: 53 }));
    const ask = scriptedAsk({ '*': 'silent' }, asked);
    await new Resolver({ conf: { ...conf, nameservers, attempts: 1e9 }, libc, ask }).resolve('x.', 1);
    expect(asked).toHaveLength(3 * 10);
  }
});
