/** `rate_limit` of a web configuration file: a token bucket for all clients together. */
import { parseDuration } from '../../corefile/args.ts';

export interface RateLimit {
  /** Milliseconds from one token to the next. */
  readonly intervalMs: number;
  /** Tokens that may gather. */
  readonly burst: number;
}

/** Undefined: no limit. @throws {Error} one line: what is wrong in which file */
export function readRateLimit(given: Readonly<Record<string, unknown>>, path: string): RateLimit | undefined {
  const intervalMs = readInterval(given.interval ?? 0, path);
  if (intervalMs === 0) return undefined;
  const { burst } = given;
  if (typeof burst !== 'number' || !Number.isSafeInteger(burst) || burst < 1) {
    throw new Error(`${path}: rate_limit: burst must be a whole number of 1 or more: none would be admitted`);
  }
  return { intervalMs, burst };
}

function readInterval(interval: unknown, path: string): number {
  const token = { text: String(interval), quoted: false, position: { file: path, line: 1, column: 1 } };
  let milliseconds: number;
  try {
    milliseconds = parseDuration(token);
  } catch (error) {
    throw new Error(`${path}: rate_limit: interval: ${(error as Error).message}`);
  }
  if (milliseconds < 0) throw new Error(`${path}: rate_limit: interval must not be negative`);
  return milliseconds;
}

export class TokenBucket {
  readonly #limit: RateLimit;
  #tokens: number;
  #filledAt: number;

  /** @param now milliseconds of `performance.now()` */
  constructor(limit: RateLimit, now = performance.now()) {
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#filledAt = now;
  }

  /** Whether there was a token to take. */
  take(now = performance.now()): boolean {
    const gathered = this.#tokens + (now - this.#filledAt) / this.#limit.intervalMs;
    this.#tokens = Math.min(this.#limit.burst, gathered);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
