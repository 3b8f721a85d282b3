/** `corvidns resolve`: looks a name up as a program in a pod does, and shows the way. */
import { readFileSync, statSync } from 'node:fs';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { typeNumber } from '../dns/index.ts';
import { limits } from '../limits.ts';
import {
  DEFAULT_MUSL_VERSION,
  DNS_PORT,
  isMuslVersion,
  type Libc,
  type LookupType,
  MAX_NAMESERVERS,
  type Nameserver,
  parseResolvConf,
  podResolvConf,
  type Reading,
  Resolver,
} from '../resolver/index.ts';
import { UsageError } from './flags.ts';
import { type Lookup, resolutionJson, resolutionText } from './resolve-report.ts';
import type { Output } from './serve.ts';

export const RESOLVE_USAGE = `usage: corvidns resolve NAME [TYPE] [flags]

  TYPE                 A+AAAA (default), A, AAAA, SRV, PTR...
  -namespace NS        search list of a pod in this namespace
  -resolv-conf FILE    settings of this file (default: /etc/resolv.conf)
  -server HOST[:PORT]  ask this server; up to three
  -libc L              glibc or musl (default glibc)
  -musl-version V      (default ${DEFAULT_MUSL_VERSION})
  -cluster-domain D    zone of the cluster, for -namespace (default cluster.local)
  -json                one JSON object

exit code: 0 with an answer, 1 without, 2 for a mistake on the command line
`;

export interface ResolveFlags {
  readonly name: string;
  readonly type: LookupType;
  readonly namespace: string | undefined;
  readonly resolvConf: string | undefined;
  readonly servers: readonly Nameserver[];
  readonly libc: Libc;
  readonly muslVersion: string;
  readonly clusterDomain: string;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runResolve(argv: readonly string[], output: Output): Promise<number> {
  try {
    if (argv.some((word) => /^--?h(elp)?$/.test(word))) {
      output.out(RESOLVE_USAGE);
      return 0;
    }
    const flags = parseResolveFlags(argv);
    const lookup = await look(flags);
    output.out(flags.json ? resolutionJson(lookup) : resolutionText(lookup));
    return lookup.resolution.outcome === 'answer' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.err(`${error.message}\n${RESOLVE_USAGE}`);
    return error.exitCode;
  }
}

async function look(flags: ResolveFlags): Promise<Lookup> {
  const { name, type, libc, muslVersion, servers } = flags;
  const { source, reading } = readSettings(flags);
  const conf = servers.length > 0 ? { ...reading.conf, nameservers: servers } : reading.conf;
  const resolution = await new Resolver({ conf, libc, muslVersion }).resolve(name, type);
  return { name, type, libc, muslVersion, source, conf, remarks: reading.remarks, resolution };
}

const SYSTEM_CONF = '/etc/resolv.conf';

/** Of the system's own file, the environment and the host name are a part: of another file they are not. */
function readSettings(flags: ResolveFlags): { source: string; reading: Reading } {
  const { namespace, resolvConf, libc, clusterDomain } = flags;
  if (resolvConf !== undefined) {
    return { source: resolvConf, reading: parseResolvConf(readConf(resolvConf))[libc] };
  }
  const { LOCALDOMAIN: localDomain, RES_OPTIONS: resOptions } = process.env;
  const own = parseResolvConf(readSystemConf(), { hostname: hostname(), localDomain, resOptions })[libc];
  if (namespace === undefined) return { source: SYSTEM_CONF, reading: own };
  const clusterDNS = own.conf.nameservers.map(({ host }) => host);
  const { text } = podResolvConf({ namespace, clusterDomain, clusterDNS, hostConf: '' });
  return { source: `pod in namespace ${namespace}`, reading: parseResolvConf(text)[libc] };
}

/** A file that is not there is as good as an empty one. */
function readSystemConf(): string {
  return statSync(SYSTEM_CONF, { throwIfNoEntry: false })?.isFile() ? readConf(SYSTEM_CONF) : '';
}

function readConf(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > limits.resolvConfBytes) {
      throw new UsageError(`${file} has ${size} octets: at most ${limits.resolvConfBytes} are read`, 2);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, 2);
  }
}

/** @throws {UsageError} */
export function parseResolveFlags(argv: readonly string[]): ResolveFlags {
  const words: string[] = [];
  const given = new Map<string, string[]>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') words.push(...rest.splice(0));
    else if (/^-./.test(word)) readFlag(word, rest, given);
    else words.push(word);
  }
  const [name, type = 'A+AAAA', extra] = words;
  if (name === undefined) throw new UsageError('a name is needed', 2);
  if (extra !== undefined) throw new UsageError(`extra argument: ${extra}`, 2);
  const last = (flag: string) => given.get(flag)?.at(-1);
  const flags: ResolveFlags = {
    name: checkName(name),
    type: readType(type),
    namespace: last('namespace'),
    resolvConf: last('resolv-conf'),
    servers: (given.get('server') ?? []).map(readServer),
    libc: readLibc(last('libc') ?? 'glibc'),
    muslVersion: readMuslVersion(last('musl-version') ?? DEFAULT_MUSL_VERSION),
    clusterDomain: (last('cluster-domain') ?? 'cluster.local').replace(/\.$/, ''),
    json: given.has('json'),
  };
  if (flags.servers.length > MAX_NAMESERVERS) {
    throw new UsageError(`at most ${MAX_NAMESERVERS} servers are asked`, 2);
  }
  if (flags.namespace !== undefined && flags.resolvConf !== undefined) {
    throw new UsageError('-namespace and -resolv-conf exclude each other', 2);
  }
  return flags;
}

const VALUED: ReadonlySet<string> = new Set([
  'namespace',
  'resolv-conf',
  'server',
  'libc',
  'musl-version',
  'cluster-domain',
]);

/** `-name value`, `-name=value`, with one hyphen or two. */
function readFlag(word: string, rest: string[], given: Map<string, string[]>): void {
  const [, name = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === 'json' && inline === undefined) {
    given.set(name, []);
    return;
  }
  if (!VALUED.has(name)) throw new UsageError(`flag provided but not defined: -${name}`, 2);
  const value = inline ?? rest.shift();
  if (value === undefined || value === '') throw new UsageError(`flag needs an argument: -${name}`, 2);
  given.set(name, [...(given.get(name) ?? []), value]);
}

function checkName(name: string): string {
  if (name === '') throw new UsageError('a name is needed', 2);
  if (isIP(name) === 0) return name;
  throw new UsageError(
    `${name} is an address: a program asks nobody for it (reverse: its .arpa name, PTR)`,
    2,
  );
}

function readType(text: string): LookupType {
  const upper = text.toUpperCase();
  if (upper === 'A+AAAA') return upper;
  const type = typeNumber(upper);
  if (type === undefined) throw new UsageError(`unknown type: ${text}`, 2);
  return type;
}

function readLibc(text: string): Libc {
  if (text === 'glibc' || text === 'musl') return text;
  throw new UsageError(`invalid value "${text}" for flag -libc: glibc or musl is needed`, 2);
}

function readMuslVersion(text: string): string {
  if (isMuslVersion(text)) return text;
  throw new UsageError(`invalid value "${text}" for flag -musl-version: a version as in 1.2.5 is needed`, 2);
}

/** `192.0.2.1`, `192.0.2.1:53`, `::1`, `[::1]:53`. */
function readServer(text: string): Nameserver {
  if (isIP(text) !== 0) return { host: text, port: DNS_PORT };
  const [, bracketed = '', plain = '', digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? DNS_PORT : Number(digits);
  const isAddress = isIPv6(bracketed) || isIPv4(plain);
  if (isAddress && port > 0 && port <= 0xffff) return { host: bracketed || plain, port };
  throw new UsageError(
    `invalid value "${text}" for flag -server: an address, with a port or without, is needed`,
    2,
  );
}
