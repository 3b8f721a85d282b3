/** The TO arguments of `forward`: addresses, files that name some, and names to look up. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { errorAt, type Token } from '../../corefile/ast.ts';
import { limits } from '../../limits.ts';
import { addressText, type Scheme, type UpstreamEndpoint, type UpstreamName } from './addresses.ts';
import { nameservers } from './resolv-conf.ts';

/** A TO argument with what it stands for. */
export interface Target {
  readonly token: Token;
  readonly upstreams: readonly UpstreamEndpoint[] | UpstreamName;
}

const PORTS: Readonly<Record<Scheme, number>> = { dns: 53, tls: 853, https: 443 };
/** Schemes that CoreDNS knows elsewhere and refuses here. */
const REFUSED: ReadonlySet<string> = new Set(['grpc', 'quic', 'https3', 'unix']);

/** All targets in order. @throws {CorefileError} */
export function readTargets(tokens: readonly [Token, ...Token[]]): Target[] {
  const targets = tokens.map((token) => ({ token, upstreams: readTarget(token) }));
  const isNone = targets.every(({ upstreams }) => Array.isArray(upstreams) && upstreams.length === 0);
  if (isNone) throw errorAt(tokens[0], 'no valid upstream addresses found');
  const tooMany = countProblem(new Set(targetTexts(targets)).size);
  if (tooMany !== undefined) throw errorAt(tokens[0], tooMany);
  return targets;
}

/** Each upstream as a TO argument: `127.0.0.1:53`, `tls://127.0.0.1:853`, `https://dns.example:443`. */
export function targetTexts(targets: readonly Target[]): string[] {
  const text = (scheme: Scheme, where: string) => (scheme === 'dns' ? where : `${scheme}://${where}`);
  return targets.flatMap(({ upstreams }) =>
    'name' in upstreams
      ? [text(upstreams.scheme, `${upstreams.name}:${upstreams.port}`)]
      : upstreams.map((endpoint) => text(endpoint.scheme, addressText(endpoint))),
  );
}

/** Why this is too many upstreams; undefined where it is not. */
export function countProblem(upstreams: number): string | undefined {
  if (upstreams <= limits.forwardUpstreams) return undefined;
  return `more than ${limits.forwardUpstreams} TOs configured: ${upstreams}`;
}

function readTarget(token: Token): Target['upstreams'] {
  const [, prefix = 'dns', rest = token.text] = /^([a-z][a-z0-9]*):\/\/(.*)$/.exec(token.text) ?? [];
  if (REFUSED.has(prefix)) {
    throw errorAt(token, `'${prefix}' is not supported as a destination protocol in forward: ${token.text}`);
  }
  if (!isScheme(prefix)) throw noTarget(token);
  if (prefix === 'https' && rest.includes('/')) {
    const why = 'paths are not allowed in HTTPS upstream addresses (the /dns-query path is used by default)';
    throw errorAt(token, `${why}: ${token.text}`);
  }
  const address = parseEndpoint(prefix, rest);
  if (address !== undefined) return [address];
  if (prefix === 'dns') {
    const text = readFile(rest, token);
    if (text !== undefined) return addressesIn(text, token);
  }
  const parts = split(prefix, rest);
  if (parts === undefined || !isHostName(parts.host)) throw noTarget(token);
  // A certificate bears the name, not the addresses that it has today.
  const serverName = prefix === 'dns' ? undefined : (parts.serverName ?? parts.host);
  return { scheme: prefix, name: parts.host, port: parts.port, serverName };
}

function isScheme(text: string): text is Scheme {
  return Object.hasOwn(PORTS, text);
}

interface Parts {
  readonly host: string;
  readonly port: number;
  /** What stands behind `%`: the scope of an IPv6 address, or a server name. */
  readonly serverName: string | undefined;
}

/** `host`, `host:port`, `::1`, `[::1]` and `[::1]:port`, each host perhaps with `%servername`; undefined for anything else. */
function split(scheme: Scheme, text: string): Parts | undefined {
  const plain = /^([^%[\]]*:[^%[\]]*:[^%[\]]*)(?:%([^:[\]]+))?$/.exec(text);
  const bracketed = /^\[([^%[\]]+)(?:%([^:[\]]+))?\](?::(\d{1,5}))?$/.exec(text);
  const named = /^([^:%[\]]+)(?:%([^:[\]]+))?(?::(\d{1,5}))?$/.exec(text);
  const [, host, serverName, digits] = plain ?? bracketed ?? named ?? [];
  if (host === undefined || (bracketed !== null && isIP(host) !== 6)) return undefined;
  const port = digits === undefined ? PORTS[scheme] : Number(digits);
  return port > 0 && port <= 0xffff ? { host, port, serverName } : undefined;
}

/** An IP address with what may stand around it; undefined for anything else. */
export function parseEndpoint(scheme: Scheme, text: string): UpstreamEndpoint | undefined {
  const { host = '', port = 0, serverName } = split(scheme, text) ?? {};
  if (isIP(host) === 0) return undefined;
  if (scheme !== 'dns') return { scheme, host, port, serverName };
  // Without TLS the part behind `%` can only be a scope.
  const scoped = serverName === undefined || isIP(host) === 4 ? host : `${host}%${serverName}`;
  return { scheme, host: scoped, port, serverName: undefined };
}

function addressesIn(text: string, token: Token): UpstreamEndpoint[] {
  return nameservers(text).map((host) => {
    if (isIP(host) === 0) throw errorAt(token, `not an IP address in '${token.text}': nameserver ${host}`);
    return { scheme: 'dns', host, port: PORTS.dns, serverName: undefined };
  });
}

/** A DNS name of letters, digits, `-` and `_`; its last label is no number, else it is a mistyped address. */
function isHostName(text: string): boolean {
  if (text.length >= limits.nameBytes) return false;
  const labels = text.replace(/\.$/, '').split('.');
  return labels.every((label) => /^[\w-]{1,63}$/.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

function noTarget(token: Token): Error {
  return errorAt(token, `not an IP address, file, or valid domain: "${token.text}"`);
}

/** The text of a file; undefined where there is none of this name. */
function readFile(path: string, token: Token): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw new Error('not a regular file');
    if (stats.size > limits.resolvConfBytes) {
      throw new Error(`it has ${stats.size} bytes: at most ${limits.resolvConfBytes} are read`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw errorAt(token, `unable to read '${path}': ${(error as Error).message}`);
  }
}
