/** Reading the arguments and properties of a directive; every mistake is an error at its token. */
import { argumentError, type Directive, errorAt, type Token } from './ast.ts';
import type { CorefileError } from './error.ts';

export interface ArgumentCount {
  readonly min: number;
  /** Default: no limit. */
  readonly max?: number;
}

/** The arguments, where there are neither too few nor too many. @throws {CorefileError} */
export function expectArgs(directive: Directive, count: ArgumentCount): readonly Token[] {
  const { args } = directive;
  if (args.length < count.min || args.length > (count.max ?? Number.POSITIVE_INFINITY))
    throw argumentError(directive);
  return args;
}

/** The only argument. @throws {CorefileError} none, or several */
export function onlyArg(directive: Directive): Token {
  const [arg] = expectArgs(directive, { min: 1, max: 1 });
  if (arg === undefined) throw argumentError(directive);
  return arg;
}

/** @throws {CorefileError} there are arguments */
export function noArgs(directive: Directive): void {
  expectArgs(directive, { min: 0, max: 0 });
}

/** @throws {CorefileError} there is a block in braces */
export function noBlock(directive: Directive): void {
  if (directive.block === undefined) return;
  throw errorAt(directive.name, `Unexpected token '{', '${directive.name.text}' takes no block`);
}

/** For directives that may stand once in a server block. @throws {CorefileError} there is a second one */
export function onlyOnce(directives: readonly [Directive, ...Directive[]]): Directive {
  const [first, second] = directives;
  if (second !== undefined) throw errorAt(second.name, 'this plugin can only be used once per Server Block');
  return first;
}

/** CoreDNS's words for a line that the block of a directive does not know. */
export function unknownProperty(property: Directive): CorefileError {
  return errorAt(property.name, `unknown property '${property.name.text}'`);
}

/** Hands every property of the directive's block to its reader. @throws {CorefileError} `unknown property 'x'` */
export function readProperties(
  directive: Directive,
  readers: Readonly<Record<string, (property: Directive) => void>>,
): void {
  for (const property of directive.block ?? []) {
    const { text } = property.name;
    const reader = Object.hasOwn(readers, text) ? readers[text] : undefined;
    if (reader === undefined) throw unknownProperty(property);
    reader(property);
  }
}

export interface IntegerBounds {
  readonly min?: number;
  readonly max?: number;
  /** What the number is, for the message: `ttl`. */
  readonly what?: string;
}

/** A whole number in decimal, its sign optional. @throws {CorefileError} it is none, or outside the bounds */
export function parseInteger(token: Token, bounds: IntegerBounds = {}): number {
  const { text } = token;
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, what } = bounds;
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  const prefix = what === undefined ? '' : `${what}: `;
  if (!Number.isSafeInteger(number)) throw errorAt(token, `${prefix}'${text}' is not a whole number`);
  if (number < min) throw errorAt(token, `${prefix}${text} is too small: the least is ${min}`);
  if (number > max) throw errorAt(token, `${prefix}${text} is too large: the most is ${max}`);
  return number;
}

const UNIT_NS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['\u00b5s', 1e3],
  ['\u03bcs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);
/** Go keeps a duration in 64 bits: some 292 years. */
const DURATION_MAX_NS = 2 ** 63;

/**
 * A duration as Go's time.ParseDuration takes it (`5s`, `1m30s`, `1.5h`, `100us`, `-2s`, `0`), in milliseconds: a
 * fraction where it has parts below one.
 * @throws {CorefileError} with Go's words
 */
export function parseDuration(token: Token): number {
  const { text } = token;
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  const part = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;
  let nanoseconds = 0;
  do {
    const [, amount, unit = ''] = part.exec(unsigned) ?? [];
    if (amount === undefined) throw durationError(token, 'invalid duration');
    if (unit === '') throw durationError(token, 'missing unit in duration');
    const unitNs = UNIT_NS.get(unit);
    if (unitNs === undefined) throw durationError(token, `unknown unit "${unit}" in duration`);
    nanoseconds += Math.round(Number(amount) * unitNs);
  } while (part.lastIndex < unsigned.length);
  if (nanoseconds >= DURATION_MAX_NS) throw durationError(token, 'invalid duration');
  return (text.startsWith('-') ? -nanoseconds : nanoseconds) / 1e6;
}

function durationError(token: Token, problem: string): CorefileError {
  return errorAt(token, `time: ${problem} "${token.text}"`);
}

export interface HostPort {
  /** Without brackets; empty where none is given. */
  readonly host: string;
  readonly port: number;
}

/**
 * `host:port` as Go's net.SplitHostPort takes it (`:8080`, `127.0.0.1:53`, `[::1]:53`), the port a number. The host
 * is not looked at further.
 * @throws {CorefileError} with Go's words
 */
export function parseHostPort(token: Token, defaultHost = ''): HostPort {
  const { text } = token;
  const [, bracketed, plain, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
  if (port === undefined) throw errorAt(token, `address ${text}: ${addressProblem(text)}`);
  if (port === '') throw errorAt(token, `address ${text}: missing port in address`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 0xffff)
    throw errorAt(token, `address ${text}: invalid port "${port}"`);
  return { host: bracketed || plain || defaultHost, port: Number(port) };
}

/** Why Go would not split an address. */
function addressProblem(text: string): string {
  if (!text.includes(':')) return 'missing port in address';
  const hostEnd = text.indexOf(']');
  if (text.startsWith('[')) {
    if (hostEnd < 0) return "missing ']' in address";
    if (text[hostEnd + 1] !== ':') return 'missing port in address';
    if (text.lastIndexOf(':') > hostEnd + 1) return 'too many colons in address';
  } else if (text.indexOf(':') !== text.lastIndexOf(':')) return 'too many colons in address';
  const opening = text.indexOf('[', text.startsWith('[') ? 1 : 0);
  return opening < 0 ? "unexpected ']' in address" : "unexpected '[' in address";
}
