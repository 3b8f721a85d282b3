import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Name } from '../../../src/dns/name.ts';
import { makeOrder } from '../../../src/plugins/forward/policy.ts';
import { readOptions } from '../../../src/plugins/forward/read-options.ts';
import { nameservers } from '../../../src/plugins/forward/resolv-conf.ts';
import { fixedAddresses } from '../../../src/plugins/forward/resolve-targets.ts';
import { targetTexts } from '../../../src/plugins/forward/targets.ts';
import { directive, mistakeOf, token } from '../../corefile/tokens.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forward-'));
  const file = (name: string, text: string) => writeFile(join(folder, name), text);
  await file(
    'resolv.conf',
    '# comment\nsearch a b\nnameserver 192.0.2.1\n  nameserver\tfe80::1%eth0 \noptions x\n',
  );
  await file('empty', 'search example.org\n');
  await file('bad', 'nameserver dns.example.org\n');
  await file('long', '#'.repeat(64 * 1024 + 1));
  await file('many', Array.from({ length: 16 }, (_, i) => `nameserver 192.0.2.${i}`).join('\n'));
});

afterAll(() => rm(folder, { recursive: true }));

const options = (text: string) => readOptions(directive(text.replaceAll('DIR', folder)));

/** The upstreams of a line as TO arguments, each with the name of its certificate. */
function upstreamsOf(line: string): string[] {
  const { targets } = options(line);
  const endpoints = fixedAddresses(targets);
  if (endpoints === undefined) return targetTexts(targets);
  return endpoints.map((endpoint) => {
    const [text] = targetTexts([{ token: token('x'), upstreams: [endpoint] }]);
    return endpoint.serverName === undefined ? `${text}` : `${text} as ${endpoint.serverName}`;
  });
}

describe('TO', () => {
  test.each([
    ['192.0.2.1', ['192.0.2.1:53']],
    ['192.0.2.1:5353', ['192.0.2.1:5353']],
    ['dns://192.0.2.1', ['192.0.2.1:53']],
    ['dns://[::1]:5353', ['[::1]:5353']],
    ['::1', ['[::1]:53']],
    ['[::1]', ['[::1]:53']],
    ['fe80::1%eth0', ['[fe80::1%eth0]:53']],
    ['[fe80::1%eth0]:5353', ['[fe80::1%eth0]:5353']],
    ['192.0.2.1 192.0.2.2 192.0.2.1:53 192.0.2.2', ['192.0.2.1:53', '192.0.2.2:53']],
    ['DIR/resolv.conf', ['192.0.2.1:53', '[fe80::1]:53']],
    ['192.0.2.9 DIR/resolv.conf dns://DIR/resolv.conf', ['192.0.2.9:53', '192.0.2.1:53', '[fe80::1]:53']],
    ['tls://192.0.2.1', ['tls://192.0.2.1:853']],
    ['tls://192.0.2.1:8853', ['tls://192.0.2.1:8853']],
    ['tls://192.0.2.1%dns.example', ['tls://192.0.2.1:853 as dns.example']],
    ['tls://192.0.2.1%dns.example:8853', ['tls://192.0.2.1:8853 as dns.example']],
    ['tls://2001:db8::1%dns.example', ['tls://[2001:db8::1]:853 as dns.example']],
    ['tls://[2001:db8::1%dns.example]:8853', ['tls://[2001:db8::1]:8853 as dns.example']],
    ['tls://[2001:db8::1]', ['tls://[2001:db8::1]:853']],
    ['https://192.0.2.1', ['https://192.0.2.1:443']],
    ['https://[2001:db8::1]:8443', ['https://[2001:db8::1]:8443']],
    ['dns.example.org', ['dns.example.org:53']],
    ['dns://dns.example.org:5353', ['dns.example.org:5353']],
    ['tls://dns.example.org', ['tls://dns.example.org:853']],
    ['https://dns.example.org:8443', ['https://dns.example.org:8443']],
    ['127.0.0.1:853 tls://127.0.0.1', ['127.0.0.1:853']],
    ['192.0.2.1 DIR/empty', ['192.0.2.1:53']],
  ])('%s', (to, upstreams) => {
    expect(upstreamsOf(`forward . ${to}`)).toEqual(upstreams);
  });

  test.each([
    ['tls://192.0.2.1', 'tls://192.0.2.1:853 as dns.example'],
    ['https://192.0.2.1', 'https://192.0.2.1:443 as dns.example'],
    ['192.0.2.1', '192.0.2.1:53'],
  ])('tls_servername is for %s: %s', (to, upstream) => {
    expect(upstreamsOf(`forward . ${to} {\ntls_servername dns.example\n}`)).toEqual([upstream]);
  });

  test.each([
    ['dns.example.org', undefined],
    ['tls://dns.example.org', 'dns.example.org'],
    ['https://dns.example.org', 'dns.example.org'],
    ['tls://dns.example.org%other.example', 'other.example'],
  ])('the certificate of %s must bear the name %s', (to, serverName) => {
    expect(options(`forward . ${to}`).targets[0]?.upstreams).toMatchObject({ serverName });
  });

  test.each([
    ['', "Wrong argument count or unexpected line ending after '.'"],
    ['DIR/none', 'not an IP address, file, or valid domain: "DIR/none"'],
    ['192.0.2.1:0', 'not an IP address, file, or valid domain: "192.0.2.1:0"'],
    ['192.0.2.1:70000', 'not an IP address, file, or valid domain: "192.0.2.1:70000"'],
    ['192.0.2.256', 'not an IP address, file, or valid domain: "192.0.2.256"'],
    ['dns..example', 'not an IP address, file, or valid domain: "dns..example"'],
    ['tls://DIR/resolv.conf', 'not an IP address, file, or valid domain: "tls://DIR/resolv.conf"'],
    ['tls://', 'not an IP address, file, or valid domain: "tls://"'],
    ['[192.0.2.1]:53', 'not an IP address, file, or valid domain: "[192.0.2.1]:53"'],
    ['ftp://192.0.2.1', 'not an IP address, file, or valid domain: "ftp://192.0.2.1"'],
    ['DIR', "unable to read 'DIR': not a regular file"],
    ['DIR/empty', 'no valid upstream addresses found'],
    ['DIR/bad', "not an IP address in 'DIR/bad': nameserver dns.example.org"],
    ['DIR/long', "unable to read 'DIR/long': it has 65537 bytes: at most 65536 are read"],
    ['DIR/many', 'more than 15 TOs configured: 16'],
    [Array.from({ length: 16 }, (_, i) => `dns${i}.example`).join(' '), 'more than 15 TOs configured: 16'],
    ['grpc://192.0.2.1', "'grpc' is not supported as a destination protocol in forward: grpc://192.0.2.1"],
    ['quic://192.0.2.1', "'quic' is not supported as a destination protocol in forward: quic://192.0.2.1"],
    [
      'https://192.0.2.1/dns-query',
      'paths are not allowed in HTTPS upstream addresses (the /dns-query path is used by default): https://192.0.2.1/dns-query',
    ],
    [
      'tls://192.0.2.1%own.example {\ntls_servername all.example\n}',
      "both forward ('all.example') and proxy level ('own.example') TLS servernames are set for upstream proxy 'tls://192.0.2.1:853'",
    ],
    [
      'tls://dns.example%own.example {\ntls_servername all.example\n}',
      "both forward ('all.example') and proxy level ('own.example') TLS servernames are set for upstream proxy 'tls://dns.example%own.example'",
    ],
  ])('%s: %s', (to, message) => {
    expect(mistakeOf(() => options(`forward . ${to}`))).toBe(message.replaceAll('DIR', folder));
  });

  test('nameserver lines of a resolv.conf', () => {
    expect(
      nameservers('nameserver 1.1.1.1\r\n;nameserver 2.2.2.2\nnameserver\nnameservers 3.3.3.3\n'),
    ).toEqual(['1.1.1.1']);
  });
});

describe('options', () => {
  test('defaults', () => {
    expect(options('forward . 192.0.2.1 192.0.2.2')).toMatchObject({
      ...{ except: [], resolvers: [], warnings: [] },
      ...{ forceTcp: false, preferUdp: false, policy: 'random', dohMethod: 'POST' },
      ...{ maxConcurrent: 0, maxConnectAttempts: undefined, readTimeoutMs: 2_000 },
      ...{ expireMs: 10_000, maxAgeMs: 0, maxIdleConns: 0, maxFails: 2, failFast: false },
      ...{ failover: new Set(), next: new Set(), nextOnNodata: false },
      ...{ tls: {}, tlsServerName: undefined, sourceAddress: undefined },
      healthCheck: { intervalMs: 500, recursionDesired: true, domain: Name.root },
    });
  });

  test('all of them', () => {
    const read = options(`forward Example.org:53 192.0.2.1 {
      except a.example.org 10.0.0.0/8
      except B.example.org
      force_tcp
      prefer_udp
      policy round_robin
      max_concurrent 1000
      max_connect_attempts 0
      read_timeout 1500ms
      expire 20s
      max_age 1m
      max_idle_conns 4
      max_fails 5
      health_check 1s no_rec domain Health.example
      tls
      tls_servername dns.example
      failfast_all_unhealthy_upstreams
      failover servfail REFUSED
      failover NotImp
      next NXDOMAIN
      next refused NOERROR
      next_on_nodata
      doh_method GET
      source_address 127.0.0.2
      resolver 192.0.2.7 [2001:db8::7]:5353 ::1
    }`);
    expect(read.from.toString()).toBe('example.org.');
    expect(read.except.map(String)).toEqual(['a.example.org.', '10.in-addr.arpa.', 'b.example.org.']);
    expect(read.healthCheck.domain.toString()).toBe('Health.example.');
    expect(read).toMatchObject({
      ...{ forceTcp: true, preferUdp: true, policy: 'round_robin', dohMethod: 'GET' },
      ...{ maxConcurrent: 1000, maxConnectAttempts: 0, readTimeoutMs: 1_500 },
      ...{ expireMs: 20_000, maxAgeMs: 60_000, maxIdleConns: 4, maxFails: 5, failFast: true },
      ...{ failover: new Set([2, 5, 4]), next: new Set([3, 5, 0]), nextOnNodata: true },
      ...{ tlsServerName: 'dns.example', sourceAddress: '127.0.0.2' },
      healthCheck: { intervalMs: 1_000, recursionDesired: false },
      resolvers: [
        { host: '192.0.2.7', port: 53 },
        { host: '2001:db8::7', port: 5353 },
        { host: '::1', port: 53 },
      ],
    });
  });

  test('a second health_check replaces the first', () => {
    const block = 'health_check 1s no_rec domain example.org\nhealth_check 2s\n';
    expect(options(`forward . 192.0.2.1 {\n${block}}`).healthCheck).toEqual({
      intervalMs: 2_000,
      recursionDesired: true,
      domain: Name.root,
    });
  });

  test('of a CIDR block that is several zones only the first is used, with a warning', () => {
    const { from, warnings } = options('forward 10.0.0.0/7 192.0.2.1');
    expect(from.toString()).toBe('10.in-addr.arpa.');
    expect(warnings).toEqual([
      "Unsupported CIDR notation: '10.0.0.0/7' expands to multiple zones. Using only '10.in-addr.arpa.'.",
    ]);
  });

  test.each([
    ['except', "Wrong argument count or unexpected line ending after 'except'"],
    ['force_tcp yes', "Wrong argument count or unexpected line ending after 'yes'"],
    ['prefer_udp yes', "Wrong argument count or unexpected line ending after 'yes'"],
    ['policy', "Wrong argument count or unexpected line ending after 'policy'"],
    ['policy first', "unknown policy 'first'"],
    ['max_concurrent', "Wrong argument count or unexpected line ending after 'max_concurrent'"],
    ['max_concurrent many', "'many' is not a whole number"],
    ['max_concurrent -4', "max_concurrent can't be negative: -4"],
    ['max_connect_attempts -1', "max_connect_attempts can't be negative: -1"],
    ['read_timeout 0s', 'read_timeout must be positive: 0s'],
    ['expire', "Wrong argument count or unexpected line ending after 'expire'"],
    ['expire -1s', "expire can't be negative: -1s"],
    ['max_age -1s', "max_age can't be negative: -1s"],
    ['max_age 5s', 'max_age (5s) must not be less than expire (10s)'],
    ['max_age 90s\nexpire 2m', 'max_age (1m30s) must not be less than expire (2m0s)'],
    ['max_idle_conns -1', "max_idle_conns can't be negative: -1"],
    ['max_fails', "Wrong argument count or unexpected line ending after 'max_fails'"],
    ['max_fails -1', "max_fails can't be negative: -1"],
    ['max_fails two', "'two' is not a whole number"],
    ['health_check', "Wrong argument count or unexpected line ending after 'health_check'"],
    ['health_check 5', 'time: missing unit in duration "5"'],
    ['health_check -1s', "health_check can't be negative: -1s"],
    ['health_check 1s norec', 'health_check: unknown option norec'],
    ['health_check 1s domain', "Wrong argument count or unexpected line ending after 'domain'"],
    ['health_check 1s domain a..b', 'health_check: invalid domain name a..b'],
    ['tls_servername', "Wrong argument count or unexpected line ending after 'tls_servername'"],
    ['next', "Wrong argument count or unexpected line ending after 'next'"],
    ['next NOPE', 'NOPE is not a valid rcode'],
    ['next_on_nodata yes', "Wrong argument count or unexpected line ending after 'yes'"],
    ['failfast_all_unhealthy_upstreams 1', "Wrong argument count or unexpected line ending after '1'"],
    ['failover', "Wrong argument count or unexpected line ending after 'failover'"],
    ['failover NOPE', 'NOPE is not a valid rcode'],
    ['failover SERVFAIL noerror', 'NoError cannot be used in failover'],
    ['doh_method', "Wrong argument count or unexpected line ending after 'doh_method'"],
    ['doh_method PUT', 'doh_method must be either POST or GET'],
    ['source_address', "Wrong argument count or unexpected line ending after 'source_address'"],
    ['source_address host', 'invalid IP address: host'],
    ['resolver', "Wrong argument count or unexpected line ending after 'resolver'"],
    ['resolver dns.example', 'resolver must be an IP address or IP:port: "dns.example"'],
    ['resolver 192.0.2.1:0', 'resolver must be an IP address or IP:port: "192.0.2.1:0"'],
    ['read_timeout 2', 'time: missing unit in duration "2"'],
    ['read_timeouts 2s', "unknown property 'read_timeouts'"],
  ])('%s: %s', (property, message) => {
    expect(mistakeOf(() => options(`forward . 192.0.2.1 {\n${property}\n}`))).toBe(message);
  });
});

describe('tls', () => {
  const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));

  beforeAll(async () => {
    const copies = ['client.pem', 'client.key', 'ca.pem', 'server.key'].map((name) =>
      copyFile(fixture(name), join(folder, name.replace('ca.', 'other.').replace('server.', 'other.'))),
    );
    await Promise.all([...copies, writeFile(join(folder, 'text'), 'no PEM\n')]);
  });

  const tls = (args: string) => options(`forward . tls://192.0.2.1 {\ntls ${args}\n}`);

  test.each([
    ['', []],
    ['DIR/other.pem', ['ca']],
    ['DIR/client.pem DIR/client.key', ['cert', 'key']],
    ['DIR/client.pem DIR/client.key DIR/other.pem', ['cert', 'key', 'ca']],
  ])('tls %s', (args, read) => {
    expect(Object.keys(tls(args).tls)).toEqual(read);
  });

  test('relative names start from the root of the block', () => {
    const line = directive('forward . tls://192.0.2.1 {\ntls other.pem\n}');
    expect(readOptions(line, folder).tls.ca).toMatch('BEGIN CERTIFICATE');
  });

  test('a certificate that has expired is a warning', () => {
    const expired = fixture('expired.pem');
    expect(tls(expired).warnings).toEqual([
      expect.stringMatching(/^certificate .*expired\.pem expired on 2020-\d\d-\d\dT.*Z$/),
    ]);
    expect(tls(`${expired} ${fixture('expired.key')}`).warnings).toHaveLength(1);
    expect(tls('DIR/other.pem').warnings).toEqual([]);
  });

  test.each([
    ['a b c d', "Wrong argument count or unexpected line ending after 'd'"],
    ['DIR/none', /^error reading DIR\/none: ENOENT/],
    ['DIR', /^error reading DIR: EISDIR/],
    ['DIR/text', 'could not read root certs: DIR/text: no certificate in PEM form'],
    ['DIR/client.pem DIR/none', /^could not load TLS cert DIR\/none: ENOENT/],
    ['DIR/text DIR/client.key', 'could not load TLS cert: DIR/text: no certificate in PEM form'],
    ['DIR/client.pem DIR/text', 'could not load TLS cert: DIR/text: no private key in PEM form'],
    [
      'DIR/client.pem DIR/other.key',
      'could not load TLS cert: private key DIR/other.key does not match the certificate DIR/client.pem',
    ],
    [
      'DIR/client.pem DIR/client.key DIR/text',
      'could not read root certs: DIR/text: no certificate in PEM form',
    ],
  ])('tls %s: %s', (args, message) => {
    expect(mistakeOf(() => tls(args)).replaceAll(folder, 'DIR')).toMatch(message);
  });
});

describe('policies', () => {
  const items = ['a', 'b', 'c'];

  test('sequential: the order of the file', () => {
    const order = makeOrder('sequential');
    expect([order(items), order(items)]).toEqual([items, items]);
  });

  test('round_robin: each in turn, the others in the order of the file', () => {
    const order = makeOrder('round_robin');
    const turns = Array.from({ length: 4 }, () => order(items).join(''));
    expect(turns).toEqual(['abc', 'bac', 'cab', 'abc']);
  });

  test('random: every order', () => {
    const order = makeOrder('random');
    const orders = new Set(Array.from({ length: 500 }, () => order(items).join('')));
    expect([...orders].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});
