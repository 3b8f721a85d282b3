/** Reads `cache [TTL] [ZONES...] { ... }`. */
import {
  expectArgs,
  noArgs,
  noBlock,
  onlyArg,
  parseDuration,
  parseInteger,
  readProperties,
} from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import { readServeStale, type StaleOptions } from './stale-options.ts';

export interface StoreOptions {
  /** Replies; 0: none is kept. */
  readonly capacity: number;
  /** Seconds. */
  readonly maxTtl: number;
  /** Seconds; `maxTtl` wins. */
  readonly minTtl: number;
  /** Replies for names within these are not kept. */
  readonly disabled: readonly Name[];
}

export interface PrefetchOptions {
  /** Hits that make an entry popular. */
  readonly amount: number;
  /** A longer time without a hit ends the popularity. */
  readonly gapMs: number;
  /** Part of its lifetime at the end of which a popular entry is refreshed. */
  readonly percent: number;
}

export interface CacheOptions {
  /** None: those of the server block. */
  readonly zones: readonly Name[];
  readonly success: StoreOptions;
  readonly denial: StoreOptions;
  /** Seconds for which failures are kept. */
  readonly servfailTtl: number;
  readonly prefetch: PrefetchOptions | undefined;
  /** Undefined: what has ended is not served. */
  readonly stale: StaleOptions | undefined;
  /** Whether an older answer is better than a newer denial (`serve_stale_policy prefer_positive`). */
  readonly preferPositive: boolean;
  readonly keepTtl: boolean;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type StoreDraft = Draft<StoreOptions>;
interface CacheDraft extends Draft<CacheOptions> {
  readonly success: StoreDraft;
  readonly denial: StoreDraft;
}

const CAPACITY = 10_000;
const MIN_TTL = 5;
const SERVFAIL_MAX_MS = 300_000;

/** @throws {CorefileError} with CoreDNS's words */
export function readOptions(directive: Directive): CacheOptions {
  const { ttl, zones } = readArguments(directive.args);
  const draft: CacheDraft = {
    zones,
    success: { capacity: CAPACITY, maxTtl: ttl ?? 3600, minTtl: MIN_TTL, disabled: [] },
    denial: { capacity: CAPACITY, maxTtl: ttl ?? 1800, minTtl: MIN_TTL, disabled: [] },
    servfailTtl: 5,
    prefetch: undefined,
    stale: undefined,
    preferPositive: false,
    keepTtl: false,
  };
  for (const property of directive.block ?? []) noBlock(property);
  readProperties(directive, readersOf(draft));
  checkPolicy(directive);
  // `serve_stale 0` serves nothing stale.
  if (draft.stale?.seconds === 0) draft.stale = undefined;
  return draft;
}

/** The first argument is the TTL where it is a number. */
function readArguments(args: readonly Token[]): { ttl: number | undefined; zones: readonly Name[] } {
  const [first, ...rest] = args;
  if (first === undefined || !/^[+-]?\d+$/.test(first.text)) {
    return { ttl: undefined, zones: args.flatMap(normalizeZones) };
  }
  return { ttl: readMaxTtl(first), zones: rest.flatMap(normalizeZones) };
}

function readersOf(draft: CacheDraft): Record<string, (property: Directive) => void> {
  return {
    success: (property) => readStore(property, draft.success),
    denial: (property) => readStore(property, draft.denial),
    prefetch: (property) => {
      draft.prefetch = readPrefetch(property);
    },
    serve_stale: (property) => {
      draft.stale = readServeStale(property);
    },
    serve_stale_policy: (property) => {
      readPolicy(property);
      draft.preferPositive = true;
    },
    servfail: (property) => {
      draft.servfailTtl = readServfail(property);
    },
    disable: (property) => readDisable(property, draft),
    keepttl: (property) => {
      noArgs(property);
      draft.keepTtl = true;
    },
  };
}

function readStore(property: Directive, store: StoreDraft): void {
  const [capacity, maxTtl, minTtl] = expectArgs(property, { min: 1, max: 3 });
  if (capacity === undefined) throw argumentError(property);
  store.capacity = Math.max(0, parseInteger(capacity));
  if (maxTtl !== undefined) store.maxTtl = readMaxTtl(maxTtl);
  if (minTtl !== undefined) store.minTtl = readMinTtl(minTtl);
}

function readMaxTtl(token: Token): number {
  const ttl = parseInteger(token, { max: limits.ttlSeconds, what: 'cache TTL' });
  if (ttl <= 0) throw errorAt(token, `cache TTL can not be zero or negative: ${ttl}`);
  return ttl;
}

function readMinTtl(token: Token): number {
  const ttl = parseInteger(token, { max: limits.ttlSeconds, what: 'cache min TTL' });
  if (ttl < 0) throw errorAt(token, `cache min TTL can not be negative: ${ttl}`);
  return ttl;
}

function readPrefetch(property: Directive): PrefetchOptions | undefined {
  const [amountToken, gap, share] = expectArgs(property, { min: 1, max: 3 });
  if (amountToken === undefined) throw argumentError(property);
  const amount = parseInteger(amountToken);
  if (amount < 0) throw errorAt(amountToken, `prefetch amount should be positive: ${amount}`);
  const gapMs = gap === undefined ? 60_000 : parseDuration(gap);
  const percent = share === undefined ? 10 : readPercent(share);
  return amount === 0 ? undefined : { amount, gapMs, percent };
}

function readPercent(token: Token): number {
  const last = token.text.at(-1) ?? '';
  if (last !== '%') throw errorAt(token, `last character of percentage should be \`%\`, but is: '${last}'`);
  const percent = parseInteger({ ...token, text: token.text.slice(0, -1) });
  if (percent < 10 || percent > 90) {
    throw errorAt(token, `percentage should fall in range [10, 90]: ${percent}`);
  }
  return percent;
}

function readPolicy(property: Directive): void {
  const token = onlyArg(property);
  if (token.text.toLowerCase() !== 'prefer_positive') {
    throw errorAt(token, `invalid serve_stale_policy: ${token.text}`);
  }
}

function checkPolicy(directive: Directive): void {
  const named = (name: string) => (directive.block ?? []).filter((property) => property.name.text === name);
  const [policy, second] = named('serve_stale_policy');
  if (second !== undefined) throw errorAt(second.name, 'serve_stale_policy can only be specified once');
  if (policy !== undefined && named('serve_stale').length === 0) {
    throw errorAt(policy.name, 'serve_stale_policy requires serve_stale');
  }
}

function readServfail(property: Directive): number {
  const token = onlyArg(property);
  const ms = parseDuration(token);
  if (ms < 0) throw errorAt(token, 'invalid negative ttl for servfail');
  // RFC 2308 §7.1.
  if (ms > SERVFAIL_MAX_MS) {
    throw errorAt(token, 'caching SERVFAIL responses over 5 minutes is not permitted');
  }
  return Math.floor(ms / 1000);
}

function readDisable(property: Directive, draft: CacheDraft): void {
  const [kind, ...zones] = expectArgs(property, { min: 1 });
  if (kind?.text !== 'success' && kind?.text !== 'denial') {
    throw errorAt(kind ?? property.name, 'cache type for disable must be "success" or "denial"');
  }
  draft[kind.text].disabled = zones.length === 0 ? [Name.root] : zones.map(readDisabledZone);
}

function readDisabledZone(token: Token): Name {
  try {
    return Name.fromText(token.text);
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    throw errorAt(token, `invalid disabled zone: ${token.text} (${error.message})`);
  }
}
