import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressText } from '../../../src/plugins/forward/addresses.ts';
import { readOptions } from '../../../src/plugins/forward/options.ts';
import { makeOrder } from '../../../src/plugins/forward/policy.ts';
import { nameservers } from '../../../src/plugins/forward/resolv-conf.ts';
import { directive, mistakeOf } from '../../corefile/tokens.ts';

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

describe('TO', () => {
  test.each([
    ['192.0.2.1', ['192.0.2.1:53']],
    ['192.0.2.1:5353', ['192.0.2.1:5353']],
    ['dns://192.0.2.1', ['192.0.2.1:53']],
    ['dns://[::1]:5353', ['[::1]:5353']],
    ['::1', ['[::1]:53']],
    ['[::1]', ['[::1]:53']],
    ['fe80::1%eth0', ['[fe80::1%eth0]:53']],
    ['192.0.2.1 192.0.2.2 192.0.2.1:53 192.0.2.2', ['192.0.2.1:53', '192.0.2.2:53']],
    ['DIR/resolv.conf', ['192.0.2.1:53', '[fe80::1]:53']],
    ['192.0.2.9 DIR/resolv.conf dns://DIR/resolv.conf', ['192.0.2.9:53', '192.0.2.1:53', '[fe80::1]:53']],
  ])('%s', (to, upstreams) => {
    expect(options(`forward . ${to}`).upstreams.map(addressText)).toEqual(upstreams);
  });

  test.each([
    ['', "Wrong argument count or unexpected line ending after '.'"],
    ['DIR/none', 'not an IP address or file: "DIR/none" (host names are not in corvidns yet)'],
    ['dns.example.org', 'not an IP address or file: "dns.example.org" (host names are not in corvidns yet)'],
    ['192.0.2.1:0', 'not an IP address or file: "192.0.2.1:0" (host names are not in corvidns yet)'],
    ['192.0.2.1:70000', 'not an IP address or file: "192.0.2.1:70000" (host names are not in corvidns yet)'],
    ['DIR', 'not an IP address or file: "DIR"'],
    ['DIR/empty', 'no valid upstream addresses found'],
    ['DIR/bad', "not an IP address in 'DIR/bad': nameserver dns.example.org"],
    ['DIR/long', "'DIR/long' has 65537 bytes: at most 65536 are read"],
    ['DIR/many', 'more than 15 TOs configured: 16'],
    ['tls://192.0.2.1', "forward to 'tls://' is not in corvidns yet"],
    ['https://dns.example.org', "forward to 'https://' is not in corvidns yet"],
    ['grpc://192.0.2.1', "'grpc' is not supported as a destination protocol in forward: grpc://192.0.2.1"],
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
      except: [],
      forceTcp: false,
      preferUdp: false,
      policy: 'random',
      maxConcurrent: 0,
      maxConnectAttempts: 4,
      readTimeoutMs: 2_000,
      warnings: [],
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
    }`);
    expect(read.from.toString()).toBe('example.org.');
    expect(read.except.map(String)).toEqual(['a.example.org.', '10.in-addr.arpa.', 'b.example.org.']);
    expect(read).toMatchObject({
      forceTcp: true,
      preferUdp: true,
      policy: 'round_robin',
      maxConcurrent: 1000,
      maxConnectAttempts: 0,
      readTimeoutMs: 1_500,
    });
  });

  test('max_fails 0 is what happens anyway', () => {
    expect(options('forward . 192.0.2.1 {\nmax_fails 0\n}')).toEqual(options('forward . 192.0.2.1'));
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
    ['read_timeout 0s', 'read_timeout must be greater than 0: 0s'],
    ['read_timeout 2', 'time: missing unit in duration "2"'],
    ['read_timeouts 2s', "unknown property 'read_timeouts'"],
  ])('%s: %s', (property, message) => {
    expect(mistakeOf(() => options(`forward . 192.0.2.1 {\n${property}\n}`))).toBe(message);
  });

  test.each([
    ...['expire 10s', 'max_age 1m', 'max_idle_conns 1', 'max_fails 3', 'health_check 1s', 'tls'],
    ...['tls_servername x', 'next NXDOMAIN', 'next_on_nodata', 'failfast_all_unhealthy_upstreams'],
    ...['failover SERVFAIL', 'doh_method GET', 'source_address 192.0.2.1', 'resolver 192.0.2.1'],
  ])('%s is not there yet, and says so', (property) => {
    const [name] = property.split(' ');
    expect(mistakeOf(() => options(`forward . 192.0.2.1 {\n${property}\n}`))).toBe(
      `forward option '${name}' is not in corvidns yet`,
    );
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
