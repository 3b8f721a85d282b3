/** What stands in the EDNS options that `edns0` rules make. */
import { errorAt, type Token } from '../../corefile/ast.ts';
import { parseAddress } from '../../dns/address.ts';
import type { Peer } from '../plugin.ts';
import type { Draft } from './draft.ts';

export interface DataSource {
  /** Undefined: there is none for this query, and the rule does not apply. */
  of(draft: Draft): Uint8Array | undefined;
  /** Whether it is another for another client, or another address that the query came in on. */
  readonly isByClient: boolean;
}

export function fixed(data: Uint8Array): DataSource {
  return { of: () => data, isByClient: false };
}

/** A map, so that `{constructor}` is no variable. */
const VARIABLES: ReadonlyMap<string, DataSource> = new Map<string, DataSource>([
  ['{qname}', { of: ({ name }) => Buffer.from(name.toString()), isByClient: false }],
  ['{qtype}', { of: ({ type }) => number16(type), isByClient: false }],
  ['{client_ip}', byClient(({ asked }) => addressOf(asked.client))],
  ['{client_port}', byClient(({ asked }) => number16(asked.client.port))],
  ['{protocol}', byClient(({ asked }) => Buffer.from(asked.transport))],
  ['{server_ip}', byClient(({ asked }) => addressOf(asked.local))],
  ['{server_port}', byClient(({ asked }) => number16(asked.local.port))],
]);

function byClient(of: DataSource['of']): DataSource {
  return { of, isByClient: true };
}

/** Text, octets in hexadecimal behind `0x`, or a variable in braces. @throws {CorefileError} */
export function readLocalData(
  token: Token,
  warn: (line: string) => void,
): { source: DataSource; isVariable: boolean } {
  const { text } = token;
  if (!text.startsWith('{') || !text.endsWith('}'))
    return { source: fixed(readData(token)), isVariable: false };
  const variable = VARIABLES.get(text);
  if (variable !== undefined) return { source: variable, isVariable: true };
  if (!/^\{[^/]+\/.+\}$/s.test(text)) throw errorAt(token, `unsupported variable name "${text}"`);
  warn(`'${text}' is metadata that nobody provides: the rule never applies`);
  return { source: { of: () => undefined, isByClient: false }, isVariable: true };
}

function readData(token: Token): Uint8Array {
  const { text } = token;
  if (!text.startsWith('0x')) return Buffer.from(text);
  const digits = text.slice(2);
  const foreign = /[^\da-f]/iu.exec(digits)?.[0];
  if (foreign !== undefined) throw errorAt(token, `encoding/hex: invalid byte: '${foreign}'`);
  if (digits.length % 2 !== 0) throw errorAt(token, 'encoding/hex: odd length hex string');
  return Buffer.from(digits, 'hex');
}

/** The client's network, cut to so many bits (RFC 7871 §6). @throws {CorefileError} */
export function readSubnet(v4: Token, v6: Token): DataSource {
  const bits = { 4: readBits(v4, 'IPv4', 32), 6: readBits(v6, 'IPv6', 128) };
  return byClient(({ asked }) => {
    const address = addressOf(asked.client);
    if (address === undefined) return undefined;
    const family = address.length === 4 ? 4 : 6;
    return subnetOption(address, family, bits[family]);
  });
}

/** RFC 7871 §6: family 1 is IPv4, 2 is IPv6; no more octets than the prefix needs, the bits behind it zero. */
function subnetOption(address: Uint8Array, family: 4 | 6, bits: number): Uint8Array {
  const network = address.slice(0, Math.ceil(bits / 8));
  const last = network.length - 1;
  if (last >= 0) network[last] = (network[last] ?? 0) & (0xff << (network.length * 8 - bits));
  return Uint8Array.of(0, family === 4 ? 1 : 2, bits, 0, ...network);
}

function readBits(token: Token, family: string, max: number): number {
  const { text } = token;
  if (!/^\d{1,5}$/.test(text)) {
    throw errorAt(token, `strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  const bits = Number(text);
  if (bits > max) throw errorAt(token, `invalid ${family} bit mask length ${bits}`);
  return bits;
}

function addressOf({ address }: Peer): Uint8Array | undefined {
  return parseAddress(address.replace(/%.*$/, ''));
}

function number16(number: number): Uint8Array {
  return Uint8Array.of(number >> 8, number);
}
