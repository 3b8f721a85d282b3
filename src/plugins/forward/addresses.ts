/** The TO arguments of `forward`: addresses, and files that name some. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { errorAt, type Token } from '../../corefile/ast.ts';
import { limits } from '../../limits.ts';
import { nameservers } from './resolv-conf.ts';

export interface UpstreamAddress {
  /** An IPv6 address may bear a scope: `fe80::1%eth0`. */
  readonly host: string;
  readonly port: number;
}

const DNS_PORT = 53;
/** Schemes that CoreDNS forwards to and corvidns does not yet. */
const LATER: ReadonlySet<string> = new Set(['tls', 'https']);
/** Schemes that CoreDNS knows elsewhere and refuses here. */
const NEVER: ReadonlySet<string> = new Set(['grpc', 'quic', 'https3', 'unix']);

/** `127.0.0.1:53` and `[::1]:53`: as metrics and errors name an upstream. */
export function addressText({ host, port }: UpstreamAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** All upstreams in order, each once. @throws {CorefileError} */
export function readUpstreams(tokens: readonly [Token, ...Token[]]): UpstreamAddress[] {
  const byText = new Map(tokens.flatMap(readUpstream).map((address) => [addressText(address), address]));
  if (byText.size === 0) throw errorAt(tokens[0], 'no valid upstream addresses found');
  if (byText.size > limits.forwardUpstreams) {
    throw errorAt(tokens[0], `more than ${limits.forwardUpstreams} TOs configured: ${byText.size}`);
  }
  return [...byText.values()];
}

function readUpstream(token: Token): UpstreamAddress[] {
  const [, scheme = 'dns', rest = token.text] = /^([a-z][a-z0-9]*):\/\/(.*)$/.exec(token.text) ?? [];
  if (LATER.has(scheme)) throw errorAt(token, `forward to '${scheme}://' is not in corvidns yet`);
  if (NEVER.has(scheme)) {
    throw errorAt(token, `'${scheme}' is not supported as a destination protocol in forward: ${token.text}`);
  }
  const address = scheme === 'dns' ? parseUpstream(rest) : undefined;
  if (address !== undefined) return [address];
  const text = readFile(scheme === 'dns' ? rest : token.text, token);
  return nameservers(text).map((host) => {
    if (isIP(host) === 0) throw errorAt(token, `not an IP address in '${token.text}': nameserver ${host}`);
    return { host, port: DNS_PORT };
  });
}

/** `1.2.3.4`, `1.2.3.4:53`, `::1`, `[::1]` and `[::1]:53`; undefined for anything else. */
function parseUpstream(text: string): UpstreamAddress | undefined {
  if (isIP(text) !== 0) return { host: text, port: DNS_PORT };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = digits === undefined ? DNS_PORT : Number(digits);
  const family = isIP(host);
  const isWhole = bracketed === undefined ? family === 4 : family === 6;
  return isWhole && port > 0 && port <= 0xffff ? { host, port } : undefined;
}

function readFile(path: string, token: Token): string {
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(path);
  } catch {
    // CoreDNS would look a host name up here.
    throw errorAt(token, `not an IP address or file: "${path}" (host names are not in corvidns yet)`);
  }
  if (!stats.isFile()) throw errorAt(token, `not an IP address or file: "${path}"`);
  if (stats.size > limits.resolvConfBytes) {
    throw errorAt(token, `'${path}' has ${stats.size} bytes: at most ${limits.resolvConfBytes} are read`);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw errorAt(token, `unable to read '${path}': ${(error as Error).message}`);
  }
}
