import { describe, expect, test } from 'vitest';
import { type Flags, parseFlags, USAGE, UsageError } from '../../src/cli/flags.ts';

const DEFAULTS: Flags = {
  command: 'serve',
  conf: undefined,
  dnsPort: undefined,
  pidfile: undefined,
  logFormat: 'text',
  udp: 'auto',
  plugins: false,
  quiet: false,
  version: false,
  help: false,
};

describe('what is read', () => {
  const table: [argv: string[], flags: Partial<Flags>][] = [
    [[], {}],
    [['-conf', 'a'], { conf: 'a' }],
    [['-conf=a'], { conf: 'a' }],
    [['--conf', 'a'], { conf: 'a' }],
    [['--conf=a'], { conf: 'a' }],
    [['-conf', 'stdin'], { conf: 'stdin' }],
    [['-conf='], { conf: '' }],
    [['-conf=a=b'], { conf: 'a=b' }],
    // A value is what comes next, whatever it looks like.
    [['-conf', '-quiet'], { conf: '-quiet' }],
    [['-conf', 'a', '-conf', 'b'], { conf: 'b' }],
    [['-dns.port', '1053'], { dnsPort: 1053 }],
    [['-p', '1053'], { dnsPort: 1053 }],
    [['-p=0'], { dnsPort: 0 }],
    [['-p', '65535'], { dnsPort: 65_535 }],
    [['-dns.port', '1', '-p', '2'], { dnsPort: 2 }],
    [['-pidfile', '/run/x'], { pidfile: '/run/x' }],
    [['-log.format', 'json'], { logFormat: 'json' }],
    [['-log.format=text'], { logFormat: 'text' }],
    [['-udp', 'dgram'], { udp: 'dgram' }],
    [['-udp=batched'], { udp: 'batched' }],
    [['-plugins'], { plugins: true }],
    [['-version'], { version: true }],
    [['-quiet'], { quiet: true }],
    [['-quiet=true'], { quiet: true }],
    [['-quiet=T'], { quiet: true }],
    [['-quiet=1'], { quiet: true }],
    [['-quiet=0'], { quiet: false }],
    [['-quiet=False'], { quiet: false }],
    [['-quiet', '-quiet=false'], { quiet: false }],
    [['-h'], { help: true }],
    [['--help'], { help: true }],
    [['-quiet', '--'], { quiet: true }],
    [['check'], { command: 'check' }],
    [['check', '-conf', 'a'], { command: 'check', conf: 'a' }],
    [['demo', '-p', '2053', '-quiet'], { command: 'demo', dnsPort: 2053, quiet: true }],
  ];
  test.each(table)('%j', (argv, flags) => {
    expect(parseFlags(argv)).toEqual({ ...DEFAULTS, ...flags });
  });
});

describe('what is not', () => {
  const table: [argv: string[], message: string, exitCode: 1 | 2][] = [
    [['-nope'], 'flag provided but not defined: -nope', 2],
    [['--nope=1'], 'flag provided but not defined: -nope', 2],
    [['-Conf', 'a'], 'flag provided but not defined: -Conf', 2],
    [['---conf', 'a'], 'flag provided but not defined: --conf', 2],
    [['-conf'], 'flag needs an argument: -conf', 2],
    [['-pidfile'], 'flag needs an argument: -pidfile', 2],
    [['-p'], 'flag needs an argument: -p', 2],
    [['-p', 'dns'], 'invalid value "dns" for flag -p: a port from 0 to 65535 is needed', 2],
    [['-p='], 'invalid value "" for flag -p: a port from 0 to 65535 is needed', 2],
    [['-p', '-1'], 'invalid value "-1" for flag -p: a port from 0 to 65535 is needed', 2],
    [['-p', '1e3'], 'invalid value "1e3" for flag -p: a port from 0 to 65535 is needed', 2],
    [['-dns.port', '65536'], 'invalid value "65536" for flag -dns.port: a port from 0 to 65535 is needed', 2],
    [['-quiet=maybe'], 'invalid boolean value "maybe" for -quiet', 2],
    [['-version='], 'invalid boolean value "" for -version', 2],
    [['-udp', 'tcp'], 'invalid value "tcp" for flag -udp: auto, batched or dgram is needed', 2],
    [['-log.format', 'xml'], 'invalid value "xml" for flag -log.format: text or json is needed', 2],
    [['a', 'b'], 'extra command line arguments: [a b]', 1],
    [['-quiet', 'false'], 'extra command line arguments: [false]', 1],
    // A command comes first.
    [['-quiet', 'check'], 'extra command line arguments: [check]', 1],
    [['check', 'demo'], 'extra command line arguments: [demo]', 1],
    [['-'], 'extra command line arguments: [-]', 1],
    [['--', '-quiet'], 'extra command line arguments: [-quiet]', 1],
  ];
  test.each(table)('%j', (argv, message, exitCode) => {
    const parse = () => parseFlags(argv);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(expect.objectContaining({ message, exitCode }));
  });
});

test('the usage names every flag, and only flags that are read', () => {
  const named = [...USAGE.matchAll(/^ {2}(-\S+)(?: ([A-Z]+))?(?:, (-\S+) ([A-Z]+))?/gm)].flatMap(
    ([, name = '', value, other, otherValue]) =>
      other === undefined
        ? [[name, value]]
        : [
            [name, value],
            [other, otherValue],
          ],
  );
  expect(named.map(([name]) => name)).toEqual([
    '-conf',
    '-dns.port',
    '-p',
    '-log.format',
    '-pidfile',
    '-plugins',
    '-quiet',
    '-udp',
    '-version',
  ]);
  const values: Readonly<Record<string, string>> = { N: '53', F: 'json', FILE: 'file', MODE: 'dgram' };
  for (const [name = '', value] of named) {
    const argv = value === undefined ? [name] : [name, values[value] ?? ''];
    expect(parseFlags(argv), name).not.toEqual(DEFAULTS);
  }
});
