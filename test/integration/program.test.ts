/** The program as operators start it: flags, what it prints, the files that it writes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { USAGE } from '../../src/cli/flags.ts';
import { factories } from '../../src/plugins/order.ts';
import { VERSION } from '../../src/version.ts';
import { ask } from '../support/ask.ts';
import { freePort } from '../support/http.ts';
import { cleanUp, makeFolder, type Program, serve, start } from '../support/program.ts';
import { until } from '../support/until.ts';

afterEach(cleanUp);

const WHOAMI = '.:0 {\n    bind 127.0.0.1\n    whoami\n}\n';
const VERSION_LINES = [`CorviDNS-${VERSION}`, `${process.platform}/${process.arch}, node ${process.version}`];

async function expectWhoami(port: number): Promise<void> {
  for (const transport of ['udp', 'tcp'] as const) {
    const { rcode, additional } = await ask(port, 'example.org', 'A', { transport });
    expect(rcode).toBe(0);
    expect(additional).toContainEqual('example.org. 0 IN A 127.0.0.1');
  }
}

describe('what ends at once', () => {
  const plugins = factories.map(({ name }) => name).sort();
  const table: [args: string[], exit: number, stdout: string, stderr: string][] = [
    [['-version'], 0, `${VERSION_LINES.join('\n')}\n`, ''],
    [['--version=true'], 0, `${VERSION_LINES.join('\n')}\n`, ''],
    [['-plugins'], 0, `${plugins.join('\n')}\n`, ''],
    [['-help'], 0, USAGE, ''],
    [['-h'], 0, USAGE, ''],
    [['-nope'], 2, '', `flag provided but not defined: -nope\n${USAGE}`],
    [['-conf'], 2, '', `flag needs an argument: -conf\n${USAGE}`],
    [['-p', '70000'], 2, '', `invalid value "70000" for flag -p: a port from 0 to 65535 is needed\n${USAGE}`],
    [
      ['-log.format=xml'],
      2,
      '',
      `invalid value "xml" for flag -log.format: text or json is needed\n${USAGE}`,
    ],
    [['serve', 'me'], 1, '', 'extra command line arguments: [serve me]\n'],
    [['-conf', 'nothere'], 1, '', 'loading Corefile: open nothere: no such file: correct -conf\n'],
    [['-conf', '/'], 1, '', 'loading Corefile: open /: is a directory: name the file in -conf\n'],
  ];
  test.each(table)('%j', async (args, exit, stdout, stderr) => {
    const program = start(args);
    expect(await program.exit).toBe(exit);
    expect(program).toMatchObject({ stdout, stderr });
  });
});

describe('the Corefile', () => {
  const ways: [what: string, start: () => Program][] = [
    ['./Corefile', () => serve(WHOAMI)],
    ['-conf FILE', () => start(['-conf', 'dns.conf'], { cwd: makeFolder({ 'dns.conf': WHOAMI }) })],
    ['-conf=FILE', () => start([`-conf=${makeFolder({ 'dns.conf': WHOAMI })}/dns.conf`])],
    ['--conf FILE', () => start(['--conf', `${makeFolder({ 'dns.conf': WHOAMI })}/dns.conf`])],
    ['-conf stdin', () => start(['-conf', 'stdin'], { stdin: WHOAMI })],
    [
      'with the environment in it',
      () =>
        start(['-conf', 'stdin'], {
          stdin: '{$ZONE}:0 {\n bind {%ADDRESS%}\n whoami\n}',
          env: { ZONE: '.', ADDRESS: '127.0.0.1' },
        }),
    ],
  ];
  test.each(ways)('%s', async (_what, begin) => {
    const program = begin();
    const port = await program.port();
    await expectWhoami(port);
    await program.wait(VERSION_LINES[1] ?? '');
    // Nothing else is printed: neither before nor behind.
    const udp = expect.stringMatching(/^\[INFO\] UDP is read /);
    expect(program.lines).toEqual([udp, `.:${port} on 127.0.0.1`, ...VERSION_LINES]);
    expect(program.stderr).toBe('');
  });

  test.each([
    ['no Corefile', {}],
    ['an empty one', { Corefile: '' }],
    ['one without a block', { Corefile: '# later\n' }],
  ])('%s: whoami and log on -dns.port', async (_what, files) => {
    const program = start(['-dns.port', '0'], { cwd: makeFolder(files) });
    // Every address of the machine: the only sockets of these tests that are not on loopback.
    const [, port] = await program.wait(/^\.:(\d+)$/);
    await expectWhoami(Number(port));
    await program.wait(/^\[INFO\] 127\.0\.0\.1:\d+ - 4711 "A IN example\.org\. tcp .* NOERROR qr,aa,rd /);
  });
});

test.each(['-p', '-dns.port'])('%s is the port of keys that name none', async (flag) => {
  const port = await freePort();
  const corefile = '. example.org:0 {\n bind 127.0.0.1\n whoami\n}';
  const program = start([flag, String(port)], { cwd: makeFolder({ Corefile: corefile }) });
  await program.wait(`.:${port} on 127.0.0.1`);
  const [, other] = await program.wait(/^example\.org\.:(\d+) on 127\.0\.0\.1$/);
  expect(Number(other)).not.toBe(port);
  await expectWhoami(port);
  await expectWhoami(Number(other));
});

describe('-pidfile', () => {
  test('is written when DNS is answered, and removed at the end', async () => {
    const folder = makeFolder({ Corefile: WHOAMI.replace(':0', '') });
    const pidfile = join(folder, 'pid');
    const port = await freePort();
    const program = start(['-quiet', '-pidfile', pidfile, '-p', String(port)], { cwd: folder });
    await until('the file is written', () => existsSync(pidfile) && readFileSync(pidfile, 'utf8') !== '');
    await expectWhoami(port);
    expect(readFileSync(pidfile, 'utf8')).toBe(`${program.pid}\n`);

    program.signal('SIGTERM');
    expect(await program.exit).toBe(0);
    expect(existsSync(pidfile)).toBe(false);
    // -quiet: neither zones nor version.
    expect(program.stdout).toBe('[INFO] SIGTERM: Shutting down servers then terminating\n');
    expect(program.stderr).toBe('');
  });

  test('of another process stays where the start fails', async () => {
    const folder = makeFolder({ Corefile: '. {\n bind 203.0.113.1\n whoami\n}', pid: '1\n' });
    const program = start(['-pidfile', 'pid', '-p', '0'], { cwd: folder });
    expect(await program.exit).toBe(1);
    expect(readFileSync(join(folder, 'pid'), 'utf8')).toBe('1\n');
  });

  test('that cannot be written is one line', async () => {
    const program = start(['-pidfile', 'nothere/pid'], { cwd: makeFolder({ Corefile: WHOAMI }) });
    expect(await program.exit).toBe(1);
    expect(program.stderr).toMatch(/^cannot write -pidfile: ENOENT: .*nothere\/pid'\n$/);
  });
});

describe('the log', () => {
  const LOGGED = '.:0 {\n bind 127.0.0.1\n log\n hosts nothere {\n 192.0.2.1 a.example\n }\n}';
  /** `{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}` */
  const line = (question: string, rest: string) =>
    new RegExp(`^\\[INFO\\] 127\\.0\\.0\\.1:\\d+ - 4711 "${question}" ${rest} \\d+\\.\\d+s$`);

  test('lines are CoreDNS’s, to the character', async () => {
    const program = serve(LOGGED);
    const port = await program.port();
    await ask(port, 'A.example', 'A');
    await program.wait(line('A IN a\\.example\\. udp 27 false 512', 'NOERROR qr,aa,rd 52'));
    await ask(port, 'a.example', 'TXT', { udpSize: 1232, dnssecOk: true });
    await program.wait(line('TXT IN a\\.example\\. udp 38 true 1232', 'NOERROR qr,aa,rd 38'));
    await ask(port, 'b.example', 'AAAA', { transport: 'tcp' });
    await program.wait(line('AAAA IN b\\.example\\. tcp 27 false 65535', 'SERVFAIL qr,rd 27'));
  });

  test('-log.format json: an object a line', async () => {
    const program = start(['-log.format', 'json'], { cwd: makeFolder({ Corefile: LOGGED }) });
    await ask(await program.port(), 'a.example', 'A');
    const [text = ''] = await program.wait(/^\{.*a\.example.*\}$/);
    const { level, msg, time, ...others } = JSON.parse(text);
    expect(level).toBe('info');
    expect(`[INFO] ${msg}`).toMatch(line('A IN a\\.example\\. udp 27 false 512', 'NOERROR qr,aa,rd 52'));
    expect(new Date(time).toISOString()).toBe(time);
    expect(others).toEqual({});
  });

  test('that nobody reads any more does not stop answers', async () => {
    const program = serve(LOGGED);
    const port = await program.port();
    program.closeOutput();
    for (let i = 0; i < 20; i++) expect((await ask(port, 'a.example', 'A')).rcode).toBe(0);
    program.signal('SIGTERM');
    expect(await program.exit).toBe(0);
  });
});
