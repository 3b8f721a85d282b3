/** Zones as keys and directives name them: names, or CIDR blocks that stand for reverse zones. */
import { parseAddress } from '../dns/address.ts';
import { PresentationError } from '../dns/errors.ts';
import { Name } from '../dns/name.ts';
import { limits } from '../limits.ts';
import { errorAt, type Token } from './ast.ts';

export const SCHEMES = ['dns', 'tls', 'quic', 'grpc', 'https', 'https3'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface ZoneAddress {
  readonly scheme: Scheme;
  /** In lower case; several where a CIDR block lies between two boundaries. Never empty. */
  readonly zones: readonly Name[];
  readonly port: number | undefined;
}

/**
 * Zones of one argument: scheme and port are stripped, letters lower-cased; a CIDR block becomes the reverse zones
 * that cover it, at the next octet for IPv4 and the next nibble for IPv6.
 * @throws {CorefileError} not a legal name, or a block that CoreDNS refuses
 */
export function normalizeZones(token: Token): readonly Name[] {
  return parseZoneAddress(token).zones;
}

/** Reads `[scheme://]zone[:port]`. @throws {CorefileError} with CoreDNS's words */
export function parseZoneAddress(token: Token): ZoneAddress {
  const scheme = SCHEMES.find((candidate) => token.text.startsWith(`${candidate}://`));
  const text = scheme === undefined ? token.text : token.text.slice(`${scheme}://`.length);
  if (text === '' || text.endsWith(':')) {
    throw errorAt(token, `expecting data after last colon: "${text}"`);
  }
  const [, zone = text, digits] = /^(.*):(\d+)$/s.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 0xffff) throw errorAt(token, `address ${text}: invalid port`);
  return { scheme: scheme ?? 'dns', zones: zonesOf(zone, token), port };
}

function zonesOf(text: string, token: Token): readonly Name[] {
  if (text === '') {
    const root = token.text.replace(/(?=:\d+$)/, '.');
    throw errorAt(token, `'${token.text}' has no zone: write '${root}' for the root zone`);
  }
  if (Buffer.byteLength(text) > limits.nameBytes) {
    throw errorAt(token, `specified zone is too long: ${Buffer.byteLength(text)} > ${limits.nameBytes}`);
  }
  return reverseZonesOf(text, token) ?? [readName(text, token)];
}

function readName(text: string, token: Token): Name {
  try {
    return Name.trusted(Uint8Array.from(Name.fromText(text).key, (octet) => octet.charCodeAt(0)));
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    throw errorAt(token, `zone is not a valid domain name: ${text} (${error.message})`);
  }
}

/** Undefined where the text is not a CIDR block. */
function reverseZonesOf(text: string, token: Token): readonly Name[] | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d+)$/.exec(text) ?? [];
  const octets = parseAddress(address);
  const bits = Number(prefix);
  if (octets === undefined || bits > octets.length * 8) return undefined;
  if (text.startsWith(':') || (text.startsWith('0') && text.includes(':'))) {
    throw errorAt(token, `invalid CIDR ${text}`);
  }
  return octets.length === 4
    ? splitBlock(octets, bits, 'in-addr')
    : splitBlock(nibblesOf(octets), bits, 'ip6');
}

function nibblesOf(octets: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(octets).toString('hex'), (digit) => Number.parseInt(digit, 16));
}

/**
 * The reverse zones of a block, the digits of whose address are octets or nibbles. A block that ends inside a digit
 * is as many zones as that digit has values in the block: at most 128 for an octet, 8 for a nibble.
 */
function splitBlock(digits: Uint8Array, bits: number, tree: 'in-addr' | 'ip6'): readonly Name[] {
  const digitBits = tree === 'in-addr' ? 8 : 4;
  const base = tree === 'in-addr' ? 10 : 16;
  const count = Math.ceil(bits / digitBits);
  const freeBits = count * digitBits - bits;
  const labels = [...digits.subarray(0, count)].map((digit) => digit.toString(base)).reverse();
  if (freeBits === 0) return [Name.fromLabels([...labels, tree, 'arpa'])];
  const first = ((digits[count - 1] ?? 0) >> freeBits) << freeBits;
  return Array.from({ length: 1 << freeBits }, (_, index) =>
    Name.fromLabels([(first + index).toString(base), ...labels.slice(1), tree, 'arpa']),
  );
}

/** `in-addr.arpa` and `ip6.arpa` are no reverse zones here, only what is below them: as CoreDNS has it. */
const REVERSE = /\.(in-addr|ip6)\.arpa\.$/;
const PREFERRED_SYNTAX = /^([a-z]([a-z0-9-]*[a-z0-9])?\.)+$/i;

/** Whether a zone has the preferred syntax of RFC 1035 §2.3.1; the root and reverse zones pass as well. */
export function followsRfc1035(zone: Name): boolean {
  const text = zone.toString();
  return text === '.' || REVERSE.test(text.toLowerCase()) || PREFERRED_SYNTAX.test(text);
}
