/** The command line: CoreDNS's flags, read as Go's flag package reads them, and corvidns's own commands. */
import type { UdpMode } from '../server/udp-choice.ts';

export type Command = 'serve' | 'check' | 'demo';

export interface Flags {
  readonly command: Command;
  /** `-conf`: a file, or `stdin`; undefined where not given. */
  readonly conf: string | undefined;
  /** `-dns.port`, `-p`: port of dns:// keys that name none; undefined where not given. */
  readonly dnsPort: number | undefined;
  readonly pidfile: string | undefined;
  readonly logFormat: 'text' | 'json';
  /** `-udp`: how UDP is read. */
  readonly udp: UdpMode;
  readonly plugins: boolean;
  readonly quiet: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** A command line that is not one. `exitCode`: 2 for flags, as Go has it; 1 for what stands behind them. */
export class UsageError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}

export const USAGE = `usage: corvidns [check | demo] [flags]
       corvidns resolve NAME [TYPE] [flags]

  corvidns          serve the Corefile
  corvidns check    parse the Corefile and set every plugin up, without listening; exit 1 with every mistake
  corvidns demo     serve a small demo cluster on 127.0.0.1:1053
  corvidns resolve  look a name up as glibc or musl does, and say why; its flags: corvidns resolve -help

  -conf FILE        Corefile to load, "stdin" for standard input (default: ./Corefile)
  -dns.port N, -p N port of keys that name none (default 53)
  -log.format F     text (CoreDNS's lines) or json (default text)
  -pidfile FILE     write the process ID to this file
  -plugins          list the plugins
  -quiet            no list of zones, no way of UDP and no version at the start
  -udp MODE         batched (recvmmsg, Linux alone), dgram (Node's sockets), or auto: batched where it can be had (default auto)
  -version          show the version
`;

const COMMANDS: ReadonlySet<string> = new Set<Command>(['check', 'demo']);
const PORT_MAX = 65_535;

type Draft = { -readonly [Field in keyof Flags]: Flags[Field] };

/** @throws {UsageError} */
export function parseFlags(argv: readonly string[]): Flags {
  const flags: Draft = {
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
  const rest = [...argv];
  const [first] = rest;
  if (first !== undefined && isCommand(first)) {
    flags.command = first;
    rest.shift();
  }
  while (rest[0]?.startsWith('-') && rest[0] !== '-') {
    const word = rest.shift() ?? '';
    if (word === '--') break;
    readFlag(flags, word, rest);
  }
  if (rest.length > 0) throw new UsageError(`extra command line arguments: [${rest.join(' ')}]`, 1);
  return flags;
}

function isCommand(word: string): word is Command {
  return COMMANDS.has(word);
}

/** One flag: `-name`, `--name`, `-name=value`, or `-name value`. */
function readFlag(flags: Draft, word: string, rest: string[]): void {
  const [, name = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const value = () => {
    const given = inline ?? rest.shift();
    if (given === undefined) throw new UsageError(`flag needs an argument: -${name}`, 2);
    return given;
  };
  switch (name) {
    case 'conf':
      flags.conf = value();
      break;
    case 'dns.port':
    case 'p':
      flags.dnsPort = port(name, value());
      break;
    case 'pidfile':
      flags.pidfile = value();
      break;
    case 'log.format':
      flags.logFormat = logFormat(value());
      break;
    case 'udp':
      flags.udp = udpMode(value());
      break;
    case 'plugins':
    case 'quiet':
    case 'version':
      flags[name] = boolean(name, inline ?? 'true');
      break;
    case 'h':
    case 'help':
      flags.help = true;
      break;
    default:
      throw new UsageError(`flag provided but not defined: -${name}`, 2);
  }
}

function port(name: string, text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number <= PORT_MAX) return number;
  throw new UsageError(
    `invalid value "${text}" for flag -${name}: a port from 0 to ${PORT_MAX} is needed`,
    2,
  );
}

function boolean(name: string, text: string): boolean {
  if (['1', 't', 'true', 'T', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'false', 'F', 'FALSE', 'False'].includes(text)) return false;
  throw new UsageError(`invalid boolean value "${text}" for -${name}`, 2);
}

function logFormat(text: string): 'text' | 'json' {
  if (text === 'text' || text === 'json') return text;
  throw new UsageError(`invalid value "${text}" for flag -log.format: text or json is needed`, 2);
}

function udpMode(text: string): UdpMode {
  if (text === 'auto' || text === 'batched' || text === 'dgram') return text;
  throw new UsageError(`invalid value "${text}" for flag -udp: auto, batched or dgram is needed`, 2);
}
