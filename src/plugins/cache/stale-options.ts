/** Reads `serve_stale [DURATION] [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]`. */
import { parseDuration } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { CorefileError } from '../../corefile/error.ts';
import { limits } from '../../limits.ts';

export interface StaleOptions {
  /** Whole seconds after its end for which an entry may still be served. */
  readonly seconds: number;
  readonly mode: 'immediate' | 'verify';
  /** Wait for a fresh reply in mode `verify`; 0: as long as it takes. */
  readonly timeoutMs: number;
  /** TTL of what is served stale, in seconds. */
  readonly ttl: number;
  /** Time after a failed refresh in which no other is tried. */
  readonly recheckMs: number;
}

const HOUR_SECONDS = 3600;
const RECHECK_MAX_MS = 300_000;
const TTL_MAX_SECONDS = 0xffff_ffff;

/** @throws {CorefileError} with CoreDNS's words */
export function readServeStale(property: Directive): StaleOptions {
  const [duration, modeToken, ...rest] = property.args;
  const mode = modeToken === undefined ? 'immediate' : readMode(modeToken);
  const [timeout, ttl, recheck, extra] = mode === 'verify' ? rest : [undefined, ...rest];
  if (extra !== undefined) throw argumentError(property);
  return {
    seconds: duration === undefined ? HOUR_SECONDS : Math.floor(readSpan(duration) / 1000),
    mode,
    timeoutMs: timeout === undefined ? 0 : readTimeout(timeout),
    ttl: ttl === undefined ? 0 : readTtl(ttl),
    recheckMs: recheck === undefined ? 0 : readRecheck(recheck),
  };
}

function readMode(token: Token): StaleOptions['mode'] {
  const mode = token.text.toLowerCase();
  if (mode !== 'immediate' && mode !== 'verify') {
    throw errorAt(token, `invalid value for serve_stale refresh mode: ${mode}`);
  }
  return mode;
}

function readSpan(token: Token): number {
  const ms = parseDuration(token);
  if (ms < 0) throw errorAt(token, 'invalid negative duration for serve_stale');
  return ms;
}

function readTimeout(token: Token): number {
  const ms = durationOf('verify timeout', token);
  if (ms < 0) throw errorAt(token, 'invalid negative timeout for serve_stale verify');
  return Math.min(ms, limits.timerMaxMs);
}

function readTtl(token: Token): number {
  const ms = durationOf('response TTL', token);
  if (ms < 0) throw errorAt(token, 'invalid negative response TTL for serve_stale');
  if (ms % 1000 !== 0) throw errorAt(token, 'serve_stale response TTL must be a whole number of seconds');
  if (ms / 1000 > TTL_MAX_SECONDS) throw errorAt(token, 'serve_stale response TTL exceeds the DNS TTL range');
  return ms / 1000;
}

function readRecheck(token: Token): number {
  const ms = durationOf('failure recheck', token);
  if (ms < 0) throw errorAt(token, 'invalid negative failure recheck for serve_stale');
  if (ms > RECHECK_MAX_MS) throw errorAt(token, 'serve_stale failure recheck cannot exceed 5 minutes');
  return ms;
}

function durationOf(what: string, token: Token): number {
  try {
    return parseDuration(token);
  } catch (error) {
    if (!(error instanceof CorefileError)) throw error;
    throw errorAt(token, `invalid serve_stale ${what}: ${error.message}`);
  }
}
