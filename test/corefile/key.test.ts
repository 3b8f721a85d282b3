import { describe, expect, test } from 'vitest';
import { findConflicts, parseKey, type ServerKey } from '../../src/corefile/key.ts';
import { followsRfc1035, normalizeZones } from '../../src/corefile/zones.ts';
import { Name } from '../../src/dns/name.ts';
import { mistakeOf, token } from './tokens.ts';

const keysOf = (text: string): ServerKey[] => parseKey(token(text), { dnsPort: 53 });
const textsOf = (text: string): string[] => keysOf(text).map((key) => key.text);

describe('server keys', () => {
  test.each([
    ['.', 'dns://.:53'],
    ['.:53', 'dns://.:53'],
    ['.:1053', 'dns://.:1053'],
    ['example.org', 'dns://example.org.:53'],
    ['Example.ORG.', 'dns://example.org.:53'],
    ['dns://example.org', 'dns://example.org.:53'],
    ['dns://.:8053', 'dns://.:8053'],
    ['tls://.', 'tls://.:853'],
    ['quic://.', 'quic://.:853'],
    ['grpc://.', 'grpc://.:443'],
    ['https://.', 'https://.:443'],
    ['https3://.', 'https3://.:443'],
    ['tls://example.org:8853', 'tls://example.org.:8853'],
    ['example.org:00053', 'dns://example.org.:53'],
    ['example.org:dns', 'dns://example.org:dns.:53'],
    ['_tcp.*.a_b', 'dns://_tcp.*.a_b.:53'],
    ['10.96.0.0/16:1053', 'dns://96.10.in-addr.arpa.:1053'],
    ['2001:db8::/32', 'dns://8.b.d.0.1.0.0.2.ip6.arpa.:53'],
    ['2001:db8::/32:1053', 'dns://8.b.d.0.1.0.0.2.ip6.arpa.:1053'],
    ['fd00::/8', 'dns://d.f.ip6.arpa.:53'],
    ['tls://fd00::/8', 'tls://d.f.ip6.arpa.:853'],
  ])('%s is %s', (text, expected) => {
    expect(textsOf(text)).toEqual([expected]);
  });

  test('the port of dns:// is the one of the command line, that of others is not', () => {
    const defaults = { dnsPort: 1053 };
    expect(parseKey(token('.'), defaults)[0]?.port).toBe(1053);
    expect(parseKey(token('tls://.'), defaults)[0]?.port).toBe(853);
    expect(parseKey(token('.:53'), defaults)[0]?.port).toBe(53);
  });

  test('a key keeps its token', () => {
    const key = token('10.0.0.0/9');
    expect(new Set(parseKey(key, { dnsPort: 53 }).map((each) => each.token))).toEqual(new Set([key]));
  });

  const label = 'a'.repeat(63);
  test.each([
    [':53', "':53' has no zone: write '.:53' for the root zone"],
    ['dns://:53', "'dns://:53' has no zone: write 'dns://.:53' for the root zone"],
    ['example.org:', 'expecting data after last colon: "example.org:"'],
    [':', 'expecting data after last colon: ":"'],
    ['tls://', 'expecting data after last colon: ""'],
    ['example.org:65536', 'address example.org:65536: invalid port'],
    ['a..b', 'zone is not a valid domain name: a..b (empty label in name)'],
    ['.a', 'zone is not a valid domain name: .a (empty label in name)'],
    [`${label}a`, `zone is not a valid domain name: ${label}a (label is longer than 63 octets)`],
    // 255 characters, yet 257 octets on the wire.
    [
      `${label}.${label}.${label}.${label}`,
      `zone is not a valid domain name: ${label}.${label}.${label}.${label} (name is longer than 255 octets)`,
    ],
    [`${label}.`.repeat(4), 'specified zone is too long: 256 > 255'],
    ['::/0', 'invalid CIDR ::/0'],
    ['::1/128', 'invalid CIDR ::1/128'],
    ['0::/8', 'invalid CIDR 0::/8'],
    ['00fd::/16', 'invalid CIDR 00fd::/16'],
  ])('%s is none', (text, message) => {
    expect(mistakeOf(() => keysOf(text))).toBe(message);
  });
});

describe('CIDR blocks are reverse zones', () => {
  test.each([
    ['10.0.0.0/8', ['10.in-addr.arpa.']],
    ['10.96.0.0/24', ['0.96.10.in-addr.arpa.']],
    ['10.96.1.2/24', ['1.96.10.in-addr.arpa.']],
    ['10.96.1.2/32', ['2.1.96.10.in-addr.arpa.']],
    ['0.0.0.0/0', ['in-addr.arpa.']],
    ['10.96.1.255/31', ['254.1.96.10.in-addr.arpa.', '255.1.96.10.in-addr.arpa.']],
    ['10.99.1.2/15', ['98.10.in-addr.arpa.', '99.10.in-addr.arpa.']],
    ['1::/0', ['ip6.arpa.']],
    ['FD00::/16', ['0.0.d.f.ip6.arpa.']],
    ['fd12::/7', ['c.f.ip6.arpa.', 'd.f.ip6.arpa.']],
    [
      '2001:db8::ff/127',
      [`e.f.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa.`, `f.f.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa.`],
    ],
    ['2001:db8::1/128', [`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`]],
  ])('%s', (text, zones) => {
    expect(normalizeZones(token(text)).map(String)).toEqual(zones);
  });

  test('a block inside an octet or a nibble is as many zones as it has values there', () => {
    const service = normalizeZones(token('10.96.0.0/12')).map(String);
    expect(service).toHaveLength(16);
    expect(service[0]).toBe('96.10.in-addr.arpa.');
    expect(service[15]).toBe('111.10.in-addr.arpa.');
    expect(normalizeZones(token('10.0.0.0/9'))).toHaveLength(128);
    expect(normalizeZones(token('128.0.0.0/1')).at(-1)?.toString()).toBe('255.in-addr.arpa.');
    expect(normalizeZones(token('fd00::/5')).map(String)).toHaveLength(8);
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0/24',
    '010.0.0.0/8',
    'fd00::/129',
    '0/26.1.168.192.in-addr.arpa',
    '10.0.0.0/',
  ])('%s is none, yet a legal name', (text) => {
    expect(normalizeZones(token(text))).toEqual([Name.fromText(text)]);
  });
});

describe('zones of directives', () => {
  test.each([
    ['Cluster.Local', 'cluster.local.'],
    ['cluster.local:53', 'cluster.local.'],
    ['tls://cluster.local:853', 'cluster.local.'],
    ['in-addr.arpa', 'in-addr.arpa.'],
    ['.', '.'],
  ])('%s is %s', (text, zone) => {
    const [name] = normalizeZones(token(text));
    expect(String(name)).toBe(zone);
  });
});

describe('two keys for one zone', () => {
  const blocks = (...texts: readonly [keys: string, ...bind: string[]][]) =>
    texts.map(([keys, ...bind]) => ({ keys: keys.split(' ').flatMap(keysOf), bind }));
  const messages = (...texts: readonly [keys: string, ...bind: string[]][]) =>
    findConflicts(blocks(...texts)).map(({ message }) => message);

  test('on different listeners are fine', () => {
    expect(messages(['.'], ['.:1053'], ['tls://.'], ['example.org'])).toEqual([]);
    expect(messages(['.', '127.0.0.1'], ['.', '127.0.0.2', '::1'])).toEqual([]);
    expect(messages(['10.0.0.0/9'], ['10.128.0.0/9'])).toEqual([]);
  });

  test('on the same listener conflict', () => {
    const already = 'cannot serve dns://example.org.:53 - it is already defined';
    expect(messages(['example.org'], ['Example.org.:53'])).toEqual([already]);
    expect(messages(['example.org example.org'])).toEqual([already]);
    expect(messages(['10.0.0.0/8'], ['10.in-addr.arpa'])).toEqual([
      'cannot serve dns://10.in-addr.arpa.:53 - it is already defined',
    ]);
    expect(messages(['example.org', '::1'], ['example.org', '127.0.0.1', '::1'])).toEqual([
      'cannot serve dns://example.org.:53 on ::1 - it is already defined',
    ]);
    expect(messages(['.'], ['.'], ['.'])).toHaveLength(2);
  });

  test('on the wildcard address and on a single one conflict', () => {
    expect(messages(['.', '127.0.0.1'], ['.'])).toEqual([
      'cannot serve dns://.:53 - zone overlap listener capacity with dns://.:53 on 127.0.0.1',
    ]);
    expect(messages(['.'], ['.', '127.0.0.1'])).toEqual([
      'cannot serve dns://.:53 on 127.0.0.1 - zone overlap listener capacity with dns://.:53',
    ]);
  });

  test('are shown at the later key', () => {
    const at = (line: number) => ({
      ...token('a.org'),
      position: { file: 'Corefile', line, column: 3 },
    });
    const [conflict] = findConflicts(
      [1, 5].map((line) => ({ keys: parseKey(at(line), { dnsPort: 53 }), bind: [] })),
    );
    expect(conflict).toMatchObject({ position: { line: 5, column: 3 }, length: 5, heading: '' });
  });
});

test.each([
  ['.', true],
  ['example.org.', true],
  ['a-1.B2.', true],
  ['in-addr.arpa.', true],
  ['10.in-addr.arpa.', true],
  ['0/26.10.IN-ADDR.arpa.', true],
  ['8.ip6.arpa.', true],
  ['1a.org.', false],
  ['a-.org.', false],
  ['a_b.org.', false],
  ['*.org.', false],
  ['example.org:dns.', false],
])('%s follows the preferred syntax of RFC 1035: %s', (zone, follows) => {
  expect(followsRfc1035(Name.fromText(zone))).toBe(follows);
});
