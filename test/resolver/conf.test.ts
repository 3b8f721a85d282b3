import { describe, expect, test } from 'vitest';
import { parseResolvConf, type ResolvConf } from '../../src/resolver/index.ts';

const host = (text: string) => ({ host: text, port: 53 });
const DEFAULTS: ResolvConf = {
  nameservers: [host('127.0.0.1')],
  search: [],
  ndots: 1,
  timeoutSeconds: 5,
  attempts: 2,
  flags: new Set(),
};

describe('settings that each library takes', () => {
  const table: [text: string, glibc: Partial<ResolvConf>, musl?: Partial<ResolvConf>][] = [
    ['', {}],
    ['# search a\n; search b\n\n', {}],
    [
      'nameserver 192.0.2.1\nnameserver 2001:db8::1\n',
      { nameservers: [host('192.0.2.1'), host('2001:db8::1')] },
    ],
    ['nameserver 192.0.2.1', { nameservers: [host('192.0.2.1')] }],
    ['nameserver fe80::1%eth0\n', { nameservers: [host('fe80::1%eth0')] }],
    ['nameserver 2001:db8::1%eth0\n', { nameservers: [host('2001:db8::1%eth0')] }, {}],
    ['nameserver 2001:db8::1%4\n', { nameservers: [host('2001:db8::1%4')] }],
    ['nameserver 192.0.513\n', { nameservers: [host('192.0.2.1')] }],
    ['nameserver 0300.0.2.0x1\n', { nameservers: [host('192.0.2.1')] }],
    ['nameserver 3221225985\n', { nameservers: [host('192.0.2.1')] }],
    ['nameserver 4294967296\nnameserver 1.2.3.4.5\nnameserver 09.1.1.1\nnameserver 1..2\nnameserver x\n', {}],
    [
      [1, 2, 3, 4].map((last) => `nameserver 192.0.2.${last}\n`).join(''),
      { nameservers: [1, 2, 3].map((last) => host(`192.0.2.${last}`)) },
    ],
    ['search a b\nsearch c\n', { search: ['c'] }],
    ['search a b\ndomain c d\n', { search: ['c'] }, { search: ['c', 'd'] }],
    ['domain c\nsearch a b', { search: ['a', 'b'] }],
    ['search a\nsearch \n', { search: ['a'] }, { search: [] }],
    ['search a b\r\n', { search: ['a', 'b\r'] }, { search: ['a', 'b'] }],
    ['search a #b\n', { search: ['a', '#b'] }],
    [' search a\nSearch b\nsearchc\n', {}],
    [
      `search ${Array(40).fill('a-domain-of-26-characters.x').join(' ')}\n`,
      { search: Array(40).fill('a-domain-of-26-characters.x') },
      {},
    ],
    ['options ndots:5 timeout:2 attempts:3\n', { ndots: 5, timeoutSeconds: 2, attempts: 3 }],
    [
      'options ndots:16 timeout:31 attempts:6\n',
      { ndots: 15, timeoutSeconds: 30, attempts: 5 },
      { ndots: 15, timeoutSeconds: 31, attempts: 6 },
    ],
    [
      'options ndots:99 timeout:99 attempts:99\n',
      { ndots: 15, timeoutSeconds: 30, attempts: 5 },
      { ndots: 15, timeoutSeconds: 60, attempts: 10 },
    ],
    ['options ndots:2\noptions ndots:3\n', { ndots: 3 }],
    ['options ndots:2 ndots:3\n', { ndots: 3 }, { ndots: 2 }],
    ['options ndots:x\n', { ndots: 0 }, {}],
    ['options ndots: 4\n', { ndots: 4 }, {}],
    ['options xndots:4\n', {}, { ndots: 4 }],
    ['options attempts:0\n', { attempts: 0 }, { attempts: 1 }],
    [
      'options rotate edns0 use-vc trust-ad\n',
      { flags: new Set(['rotate', 'edns0', 'use-vc', 'trust-ad']) },
      {},
    ],
    [
      'options single-request-reopen no_tld_query\n',
      { flags: new Set(['single-request-reopen', 'no-tld-query']) },
      {},
    ],
    ['options single-request no-tld-query\n', { flags: new Set(['single-request', 'no-tld-query']) }, {}],
    ['options rotated -rotate no-aaaa\n', { flags: new Set(['no-aaaa']) }, {}],
    ['sortlist 192.0.2.0/24\nlookup file\n', {}],
  ];
  test.each(table)('%j', (text, glibc, musl = glibc) => {
    const readings = parseResolvConf(text);
    expect(readings.glibc.conf).toEqual({ ...DEFAULTS, ...glibc });
    expect(readings.musl.conf).toEqual({ ...DEFAULTS, ...musl });
  });
});

describe('what glibc takes from elsewhere', () => {
  const search = (text: string, surroundings: Parameters<typeof parseResolvConf>[1]) =>
    parseResolvConf(text, surroundings).glibc.conf.search;

  test('the domain of the host name, where the file has none', () => {
    expect(search('', { hostname: 'web.example.org' })).toEqual(['example.org']);
    expect(search('', { hostname: 'web' })).toEqual([]);
    expect(search('search a', { hostname: 'web.example.org' })).toEqual(['a']);
  });

  test('LOCALDOMAIN in place of the list, even if it is empty', () => {
    expect(search('search a', { localDomain: 'b c' })).toEqual(['b', 'c']);
    expect(search('search a', { localDomain: '' })).toEqual(['']);
  });

  test('RES_OPTIONS behind the file', () => {
    const { conf } = parseResolvConf('options ndots:2 timeout:1 rotate', {
      resOptions: 'ndots:3 -rotate',
    }).glibc;
    expect(conf).toMatchObject({ ndots: 3, timeoutSeconds: 1, flags: new Set() });
  });

  test('nothing of it is musl’s', () => {
    const surroundings = { hostname: 'a.b', localDomain: 'c', resOptions: 'ndots:3' };
    expect(parseResolvConf('', surroundings).musl.conf).toEqual(DEFAULTS);
  });
});

describe('remarks', () => {
  const table: [text: string, glibc: string[], musl?: string[]][] = [
    ['search a\n# search b\nnameserver 192.0.2.1\noptions ndots:5\n', []],
    ['search a\nsearch b\n', ['1 ignored: line 2 replaces it']],
    [
      '\nlookup file\n',
      ['2 ignored: "lookup" is nothing to glibc'],
      ['2 ignored: "lookup" is nothing to musl'],
    ],
    ['  search a\n', ['1 ignored: "search" does not begin the line']],
    ['nameserver x\n', ['1 ignored: "x" is no address']],
    ['nameserver ::1\n'.repeat(4), ['4 ignored: 3 nameservers are used, this is one more']],
    ['search a #b\n', ['1: "#b" begins no comment here: it is a domain']],
    ['search \n', ['1 ignored: search names no domain'], []],
    ['domain a b\n', ['1: of a domain line only the first word counts'], []],
    ['search a\r\n', ['1: the carriage return at its end belongs to the last word'], []],
    ['sortlist 192.0.2.0/24\n', [], ['1 ignored: "sortlist" is nothing to musl']],
    ['options ndots:99\n', ['1: ndots:99 is above the cap: 15 is taken']],
    ['options rotate\n', [], ['1: musl has no option "rotate"']],
    ['options inet6\n', ['1: option "inet6" is unknown'], ['1: musl has no option "inet6"']],
    ['options attempts:0\n', [], ['1: attempts:0 makes musl divide by zero: 1 is taken']],
    [`search ${'a'.repeat(247)}\n`, []],
    [`search ${'a'.repeat(248)}\n`, [], ['1 ignored: 255 octets: musl skips lines of more than 254']],
  ];
  test.each(table)('%j', (text, glibc, musl = glibc) => {
    const readings = parseResolvConf(text);
    const texts = (libc: 'glibc' | 'musl') =>
      readings[libc].remarks.map(
        ({ line, ignored, message }) => `${line}${ignored ? ' ignored' : ''}: ${message}`,
      );
    expect(texts('glibc')).toEqual(glibc);
    expect(texts('musl')).toEqual(musl);
  });
});
