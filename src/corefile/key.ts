/** Keys of server blocks: which zone is served over which transport on which port. */
import type { Name } from '../dns/name.ts';
import type { Token } from './ast.ts';
import { CorefileError } from './error.ts';
import { parseZoneAddress, type Scheme } from './zones.ts';

export interface ServerKey {
  readonly scheme: Scheme;
  /** In lower case. */
  readonly zone: Name;
  readonly port: number;
  /** Everything written out: `dns://example.org.:53`. */
  readonly text: string;
  /** Where it stands; keys that one CIDR block became share it. */
  readonly token: Token;
}

export interface KeyDefaults {
  /** Port of `dns://` keys that name none. */
  readonly dnsPort: number;
}

const DEFAULT_PORTS: Readonly<Record<Exclude<Scheme, 'dns'>, number>> = {
  tls: 853,
  quic: 853,
  grpc: 443,
  https: 443,
  https3: 443,
};

/**
 * The key, or the keys, that a token stands for: `example.org:1053`, `tls://.`, `10.96.0.0/12`.
 * @throws {CorefileError} with CoreDNS's words
 */
export function parseKey(token: Token, defaults: KeyDefaults): ServerKey[] {
  const { scheme, zones, port: given } = parseZoneAddress(token);
  const port = given ?? (scheme === 'dns' ? defaults.dnsPort : DEFAULT_PORTS[scheme]);
  return zones.map((zone) => ({ scheme, zone, port, text: `${scheme}://${zone}:${port}`, token }));
}

export interface BoundBlock {
  readonly keys: readonly ServerKey[];
  /** Addresses that the block listens on; none: the wildcard address. */
  readonly bind: readonly string[];
}

/**
 * Every key that serves a zone which an earlier key serves on the same listener, or on a listener of which one is
 * the wildcard address and the other is not.
 */
export function findConflicts(blocks: readonly BoundBlock[]): CorefileError[] {
  /** Addresses by the key served on them; the wildcard address is the empty one. */
  const served = new Map<string, string[]>();
  const errors: CorefileError[] = [];
  for (const { keys, bind } of blocks) {
    for (const key of keys) {
      const addresses = served.get(key.text) ?? [];
      served.set(key.text, addresses);
      for (const address of bind.length > 0 ? bind : ['']) {
        const problem = conflictOf(key, address, addresses);
        if (problem === undefined) addresses.push(address);
        else errors.push(conflictError(key, `cannot serve ${on(key, address)} - ${problem}`));
      }
    }
  }
  return errors;
}

function conflictOf(key: ServerKey, address: string, served: readonly string[]): string | undefined {
  if (served.includes(address)) return 'it is already defined';
  const other = address === '' ? served.at(-1) : served.find((earlier) => earlier === '');
  return other === undefined ? undefined : `zone overlap listener capacity with ${on(key, other)}`;
}

function on(key: ServerKey, address: string): string {
  return address === '' ? key.text : `${key.text} on ${address}`;
}

function conflictError({ token }: ServerKey, message: string): CorefileError {
  return new CorefileError(message, token.position, Math.max(1, token.length ?? token.text.length), '');
}
