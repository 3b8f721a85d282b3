import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RrType } from '../../../src/dns/types.ts';
import { reasons } from '../../../src/reasons.ts';
import { ask } from '../../support/ask.ts';
import { makeQuery } from '../../support/query.ts';
import { startServer } from '../../support/server.ts';
import { HostsFolder, PASSED_ON, type RunningHosts, startHosts } from './folder.ts';

const { A, AAAA, MX, PTR, SRV, TXT, ANY } = RrType;

const FILE = `
# a comment
127.0.0.1   localhost localhost.localdomain   # names of this machine
::1         localhost ip6-localhost
10.0.0.1    Router.Example.ORG.
10.0.0.2\trouter.example.org\tsecond.example.org
fd00::1     router.example.org
fe80::9%eth0 scoped.example.org
::ffff:10.0.0.9 mapped.example.org
10.0.0.3    *.wild.example.org
10.0.0.4    own.wild.example.org
fd00::4     *.wild.example.org
10.0.0.5    elsewhere.example.net

no-address  ignored.example.org
010.0.0.6   octal.example.org
10.0.0.7
10.0.0.8    ${'x'.repeat(64)}.example.org legal.example.org
10.0.0.10#  not-a-name.example.org
10.0.0.11   crlf.example.org\r
10.0.0.12   last.example.org`;

describe('records of a file', () => {
  const resources = new AsyncDisposableStack();
  let hosts: RunningHosts;
  beforeAll(async () => {
    const folder = resources.use(new HostsFolder());
    hosts = resources.use(await startHosts(`hosts ${folder.write(FILE)} {\n ttl 60\n}`));
  });
  afterAll(() => resources.disposeAsync());

  test.each([
    ['localhost.', A, ['localhost. A 127.0.0.1']],
    ['localhost.', AAAA, ['localhost. AAAA ::1']],
    ['localhost.localdomain.', A, ['localhost.localdomain. A 127.0.0.1']],
    ['ip6-localhost.', AAAA, ['ip6-localhost. AAAA ::1']],
    ['router.example.org.', A, ['router.example.org. A 10.0.0.1', 'router.example.org. A 10.0.0.2']],
    ['ROUTER.example.ORG.', A, ['router.example.org. A 10.0.0.1', 'router.example.org. A 10.0.0.2']],
    ['router.example.org.', AAAA, ['router.example.org. AAAA fd00::1']],
    ['second.example.org.', A, ['second.example.org. A 10.0.0.2']],
    ['scoped.example.org.', AAAA, ['scoped.example.org. AAAA fe80::9']],
    ['mapped.example.org.', A, ['mapped.example.org. A 10.0.0.9']],
    ['legal.example.org.', A, ['legal.example.org. A 10.0.0.8']],
    ['crlf.example.org.', A, ['crlf.example.org. A 10.0.0.11']],
    ['last.example.org.', A, ['last.example.org. A 10.0.0.12']],
    ['any.wild.example.org.', A, ['any.wild.example.org. A 10.0.0.3']],
    ['ANY.Wild.example.org.', AAAA, ['any.wild.example.org. AAAA fd00::4']],
    ['own.wild.example.org.', A, ['own.wild.example.org. A 10.0.0.4']],
    // The wildcard has what the name itself has not.
    ['own.wild.example.org.', AAAA, ['own.wild.example.org. AAAA fd00::4']],
    ['*.wild.example.org.', A, ['*.wild.example.org. A 10.0.0.3']],
    ['1.0.0.10.in-addr.arpa.', PTR, ['1.0.0.10.in-addr.arpa. PTR router.example.org.']],
    [
      '2.0.0.10.IN-ADDR.arpa.',
      PTR,
      ['2.0.0.10.in-addr.arpa. PTR router.example.org.', '2.0.0.10.in-addr.arpa. PTR second.example.org.'],
    ],
    ['9.0.0.10.in-addr.arpa.', PTR, ['9.0.0.10.in-addr.arpa. PTR mapped.example.org.']],
    [
      `1.${'0.'.repeat(27)}0.0.d.f.ip6.arpa.`,
      PTR,
      [`1.${'0.'.repeat(27)}0.0.d.f.ip6.arpa. PTR router.example.org.`],
    ],
  ])('%s %i', (name, type, expected) => {
    const reply = hosts.ask({ name, type });
    expect(reply).toMatchObject({ rcode: 0, aa: true, authority: [], additional: [], plugin: 'hosts' });
    const spaced = hosts.answer(name, type).map((line) => line.replaceAll(/\s+/g, ' '));
    expect(spaced).toEqual(expected.map((line) => line.replace(/ (A|AAAA|PTR) /, ' 60 IN $1 ')));
  });

  test.each([
    ['second.example.org.', AAAA],
    ['scoped.example.org.', A],
    ['router.example.org.', MX],
    ['router.example.org.', ANY],
    ['any.wild.example.org.', TXT],
  ])('%s %i: NODATA without SOA', (name, type) => {
    const reply = hosts.ask({ name, type });
    expect(reply).toMatchObject({ rcode: 0, aa: true, answer: [], authority: [], plugin: 'hosts' });
    expect(reply.reason).toBe(reasons.noRecordOfType);
  });

  test.each([
    ['unknown.example.org.', A],
    ['unknown.example.org.', MX],
    ['wild.example.org.', A],
    ['two.labels.wild.example.org.', A],
    ['ignored.example.org.', A],
    ['octal.example.org.', A],
    ['not-a-name.example.org.', A],
    ['.', A],
  ])('%s %i: not known, SERVFAIL', (name, type) => {
    const reply = hosts.ask({ name, type });
    expect(reply).toMatchObject({ rcode: 2, aa: false, answer: [], plugin: '', error: undefined });
    expect(reply.reason).toBe(reasons.notInHosts);
  });

  test.each([
    // Wildcards have no reverse.
    ['3.0.0.10.in-addr.arpa.'],
    ['99.0.0.10.in-addr.arpa.'],
    ['0.10.in-addr.arpa.'],
    ['router.example.org.'],
  ])('PTR of %s: goes on, whatever the options', (name) => {
    expect(hosts.ask({ name, type: PTR })).toBe(PASSED_ON);
  });

  test('names that are none are counted in the log', () => {
    expect(hosts.setup.lines).toEqual([
      expect.stringMatching(/^\[DEBUG\] plugin\/hosts: Parsed hosts file into \d+ entries$/),
      expect.stringMatching(/^\[WARNING\] plugin\/hosts: 1 names in .* are no domain names: left out$/),
    ]);
  });
});

describe('zones', () => {
  test.each([
    ['hosts %s example.org', ['.']],
    ['hosts %s Example.Org:53', ['.']],
    ['hosts %s', ['example.org']],
  ])('%s in a block of %s', async (line, zones) => {
    using folder = new HostsFolder();
    await using hosts = await startHosts(line.replace('%s', folder.write(FILE)), { zones });
    expect(hosts.answer('second.example.org.', A)).toHaveLength(1);
    expect(hosts.ask({ name: 'elsewhere.example.net.' })).toBe(PASSED_ON);
    expect(hosts.ask({ name: 'localhost.' })).toBe(PASSED_ON);
    expect(hosts.ask({ name: 'unknown.example.org.' }).rcode).toBe(2);
    // A reverse name need not be in a zone, but its target must.
    expect(hosts.answer('2.0.0.10.in-addr.arpa.', PTR)).toHaveLength(2);
    expect(hosts.ask({ name: '5.0.0.10.in-addr.arpa.', type: PTR })).toBe(PASSED_ON);
  });
});

describe('fallthrough', () => {
  test.each([
    ['fallthrough', 'unknown.example.org.', A, true],
    ['fallthrough', 'unknown.example.org.', MX, true],
    ['fallthrough', 'second.example.org.', AAAA, false],
    ['fallthrough', 'second.example.org.', MX, false],
    ['fallthrough example.org', 'unknown.example.org.', A, true],
    ['fallthrough example.org', 'unknown.example.net.', A, false],
    ['fallthrough example.net example.com', 'unknown.example.net.', A, true],
    ['fallthrough\nfallthrough_unsupported', 'second.example.org.', MX, true],
    ['fallthrough\nfallthrough_unsupported', 'second.example.org.', SRV, true],
    ['fallthrough\nfallthrough_unsupported', 'second.example.org.', AAAA, false],
    ['fallthrough_unsupported\nfallthrough example.net', 'second.example.org.', MX, false],
  ])('%s: %s %i goes on: %s', async (option, name, type, goesOn) => {
    using folder = new HostsFolder();
    await using hosts = await startHosts(`hosts ${folder.write(FILE)} {\n${option}\n}`);
    expect(hosts.ask({ name, type }) === PASSED_ON).toBe(goesOn);
  });

  test('replies that come later pass too', async () => {
    using folder = new HostsFolder();
    await using hosts = await startHosts(`hosts ${folder.write(FILE)} {\nfallthrough\n}`);
    const reply = hosts.plugin.serve(makeQuery({ name: 'unknown.' }), () => Promise.resolve(PASSED_ON));
    expect(reply).toBeInstanceOf(Promise);
    expect(await reply).toBe(PASSED_ON);
  });
});

test('no_reverse: addresses lead to no names', async () => {
  using folder = new HostsFolder();
  await using hosts = await startHosts(`hosts ${folder.write(FILE)} {\nno_reverse\n}`);
  expect(hosts.ask({ name: '1.0.0.10.in-addr.arpa.', type: PTR })).toBe(PASSED_ON);
  expect(hosts.answer('router.example.org.', A)).toHaveLength(2);
});

test('the TTL is an hour where none is given', async () => {
  using folder = new HostsFolder();
  await using hosts = await startHosts(`hosts ${folder.write('10.0.0.1 a.example')}`);
  expect(hosts.answer('a.example.', A)).toEqual(['a.example.\t3600\tIN\tA\t10.0.0.1']);
});

test('a relative file starts from root', async () => {
  using folder = new HostsFolder();
  folder.write('10.0.0.1 a.example', 'my-hosts');
  await using hosts = await startHosts('hosts my-hosts', { root: folder.path });
  expect(hosts.answer('a.example.', A)).toHaveLength(1);
});

describe('entries in the Corefile', () => {
  const INLINE = `
    10.0.0.1 inline.example.org both.example.org
    fd00::1 inline.example.org # the lexer takes this away
    10.0.0.7 *.wild.example.org
    ttl 30
    10.0.0.2 inline.example.org
    fallthrough`;

  test('come behind those of the file', async () => {
    using folder = new HostsFolder();
    const path = folder.write('10.9.9.9 both.example.org\n10.9.9.8 *.wild.example.org');
    await using hosts = await startHosts(`hosts ${path} {${INLINE}\n}`);
    expect(hosts.answer('inline.example.org.', A)).toEqual([
      'inline.example.org.\t30\tIN\tA\t10.0.0.1',
      'inline.example.org.\t30\tIN\tA\t10.0.0.2',
    ]);
    expect(hosts.answer('both.example.org.', A)).toEqual([
      'both.example.org.\t30\tIN\tA\t10.9.9.9',
      'both.example.org.\t30\tIN\tA\t10.0.0.1',
    ]);
    expect(hosts.answer('x.wild.example.org.', A)).toEqual([
      'x.wild.example.org.\t30\tIN\tA\t10.9.9.8',
      'x.wild.example.org.\t30\tIN\tA\t10.0.0.7',
    ]);
    expect(hosts.answer('1.0.0.10.in-addr.arpa.', PTR)).toHaveLength(2);
    expect(hosts.ask({ name: 'unknown.example.org.' })).toBe(PASSED_ON);
    expect(hosts.setup.lines.filter((line) => !line.startsWith('[DEBUG]'))).toEqual([]);
  });

  test('what is neither option nor entry is warned of', async () => {
    using folder = new HostsFolder();
    await using hosts = await startHosts(`hosts ${folder.write('')} {\n10.0.0.1 a.example\nno_revers\n}`);
    expect(hosts.setup.lines).toContain(
      "[WARNING] plugin/hosts: 'no_revers' is no option and begins with no address: left out",
    );
    expect(hosts.answer('a.example.', A)).toHaveLength(1);
  });
});

describe('mistakes', () => {
  test.each([
    ['hosts\nhosts', 'this plugin can only be used once per Server Block'],
    ['hosts {\nttl\n}', 'ttl needs a time in second'],
    ['hosts {\nttl 5m\n}', 'ttl needs a number of second'],
    ['hosts {\nttl 0\n}', 'ttl provided is invalid'],
    ['hosts {\nttl -1\n}', 'ttl provided is invalid'],
    ['hosts {\nttl 65536\n}', 'ttl provided is invalid'],
    ['hosts {\nttl 1 2\n}', "Wrong argument count or unexpected line ending after '2'"],
    ['hosts {\nreload\n}', 'reload needs a duration (zero seconds to disable)'],
    ['hosts {\nreload 1s 2s\n}', 'reload needs a duration (zero seconds to disable)'],
    ['hosts {\nreload 5\n}', "invalid duration for reload '5'"],
    ['hosts {\nreload -5s\n}', "invalid negative duration for reload '-5s'"],
    ['hosts {\nno_reverse x\n}', "Wrong argument count or unexpected line ending after 'x'"],
    ['hosts {\nfallthrough_unsupported\n}', 'fallthrough_unsupported requires fallthrough'],
    ['hosts {\nfallthrough_unsupported x\nfallthrough\n}', 'Wrong argument count'],
    ['hosts {\nfallthrough\n10.0.0.1 late.example\n}', "unknown property '10.0.0.1'"],
    ['hosts {\nfallthrough\ntll 5\n}', "unknown property 'tll'"],
    ['hosts {\n10.0.0.1 a.example {\n}\n}', "Unexpected token '{'"],
    ['hosts /etc/hosts a..b', 'a..b'],
    ['hosts /etc/hosts/below', "unable to access hosts file '/etc/hosts/below'"],
  ])('%j', async (corefile, message) => {
    await expect(startHosts(corefile)).rejects.toThrow(message);
  });

  test.each(['ttl 1', 'ttl 65535', 'reload 0', 'reload 0s', 'reload 1h30m'])('%s is none', async (option) => {
    await using hosts = await startHosts(`hosts {\n${option}\n}`);
    expect(hosts.plugin.name).toBe('hosts');
  });
});

test('answers over sockets, before the plugins behind it', async () => {
  await using running = await startServer(`.:0 {
    bind 127.0.0.1
    whoami
    hosts /no/such/file {
      10.0.0.1 Router.Example.org
      fallthrough
    }
  }`);
  const known = await ask(running.port, 'router.EXAMPLE.org.', 'A', { transport: 'tcp' });
  expect(known).toMatchObject({ rcode: 0, answer: ['router.example.org. 3600 IN A 10.0.0.1'] });
  const reverse = await ask(running.port, '1.0.0.10.in-addr.arpa.', 'PTR');
  expect(reverse.answer).toEqual(['1.0.0.10.in-addr.arpa. 3600 IN PTR router.example.org.']);
  expect((await ask(running.port, 'other.example.org.', 'A')).additional).toHaveLength(2);
});
