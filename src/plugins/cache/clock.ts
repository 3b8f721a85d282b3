/** The times that the cache goes by: injected, so that nobody has to wait for them in a test. */
export interface Clock {
  /** Milliseconds from any start; never set back. */
  now(): number;
  /** Seconds since 1970: what signatures are valid by. */
  unixSeconds(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  unixSeconds: () => Math.floor(Date.now() / 1000),
};
