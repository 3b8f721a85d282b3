/** The bounds of `limits.ts` that a source works with; tests put shorter ones in their place. */
import { limits } from '../../../limits.ts';

export interface ApiBounds {
  readonly pageObjects: number;
  readonly pageBytes: number;
  readonly watchLineBytes: number;
  readonly watchMinSeconds: number;
  readonly watchMaxSeconds: number;
  readonly watchSilenceMs: number;
  readonly requestMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly retryAfterMaxMs: number;
}

export const defaultBounds: ApiBounds = {
  pageObjects: limits.apiPageObjects,
  pageBytes: limits.apiPageBytes,
  watchLineBytes: limits.apiWatchLineBytes,
  watchMinSeconds: limits.apiWatchMinSeconds,
  watchMaxSeconds: limits.apiWatchMaxSeconds,
  watchSilenceMs: limits.apiWatchSilenceMs,
  requestMs: limits.apiRequestMs,
  backoffMinMs: limits.apiBackoffMinMs,
  backoffMaxMs: limits.apiBackoffMaxMs,
  retryAfterMaxMs: limits.apiRetryAfterMaxMs,
};
