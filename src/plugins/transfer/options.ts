/** Reads `transfer` directives. */
import { isIP } from 'node:net';
import { expectArgs, onlyArg } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import { formatAddress, parseAddress } from '../../dns/address.ts';
import type { Name } from '../../dns/name.ts';

/** Who may have which zones. */
export interface Stanza {
  readonly zones: readonly Name[];
  /** Addresses in canonical text, or everyone. */
  readonly to: ReadonlySet<string> | 'everyone';
  /** The token of `source`, where that is given. */
  readonly source: Token | undefined;
}

/** @throws {CorefileError} with CoreDNS's words */
export function readStanza(directive: Directive, blockZones: readonly Name[]): Stanza {
  const zones = directive.args.length > 0 ? directive.args.flatMap(normalizeZones) : blockZones;
  const to = new Set<string>();
  let source: Token | undefined;
  for (const property of directive.block ?? []) {
    if (property.name.text === 'to') {
      for (const token of expectArgs(property, { min: 1 })) to.add(readClient(token));
    } else if (property.name.text === 'source') {
      const token = onlyArg(property);
      if (source !== undefined) throw errorAt(property.name, 'source already specified');
      if (isIP(token.text) === 0) throw errorAt(token, `invalid source address "${token.text}"`);
      source = token;
    } else {
      throw errorAt(property.name, `unknown property "${property.name.text}"`);
    }
  }
  if (to.size === 0) throw errorAt(directive.name, "'to' is required");
  return { zones, to: to.has('*') ? 'everyone' : to, source };
}

/** `*`, or the address of `IP`, `IP:PORT` or `[IPv6]:PORT`; the port is of notifications, so it admits no client. */
function readClient(token: Token): string {
  const { text } = token;
  if (text === '*') return text;
  const [, bracketed, plain] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):\d{0,5}$/.exec(text) ?? [];
  const address = isIP(text) === 0 ? (bracketed ?? plain ?? text) : text;
  if (isIP(address) === 0) throw errorAt(token, `must specify an IP address: \`${address}'`);
  return canonical(address);
}

/** Text that is the same for the same address, its scope kept (RFC 4007 §11). */
export function canonical(address: string): string {
  const [ip = '', scope] = address.split('%');
  const bytes = parseAddress(ip);
  if (bytes === undefined) return address;
  return scope === undefined ? formatAddress(bytes) : `${formatAddress(bytes)}%${scope}`;
}
