/** Connections that wait for their next question, the one used last first. */
import { limits } from '../../../limits.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './transport.ts';

interface Idle {
  readonly connection: Connection;
  readonly sinceMs: number;
}

export type PoolOptions = Pick<ConnectionOptions, 'expireMs' | 'maxAgeMs' | 'maxIdleConnections'>;

export class IdlePool {
  readonly #options: PoolOptions;
  readonly #maximum: number;
  /** By the time since when they are idle: what is taken and given back goes to the end. */
  readonly #idle: Idle[] = [];
  readonly #madeAtMs = new WeakMap<Connection, number>();
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#maximum = options.maxIdleConnections || limits.forwardIdleConnections;
  }

  /** Its age counts from now on. */
  made(connection: Connection): void {
    if (this.#options.maxAgeMs > 0) this.#madeAtMs.set(connection, performance.now());
  }

  take(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      const { connection, sinceMs } = last;
      const isFresh = performance.now() - sinceMs < this.#options.expireMs;
      if (isFresh && connection.usable && !this.#isOld(connection)) return connection;
      connection.close();
    }
    return undefined;
  }

  give(connection: Connection): void {
    const isFull = this.#idle.length >= this.#maximum;
    if (this.#isClosed || isFull || !connection.usable || this.#isOld(connection)) {
      connection.close();
      return;
    }
    this.#idle.push({ connection, sinceMs: performance.now() });
    this.#sweep ??= this.#sweepIn(this.#options.expireMs);
  }

  /** What is given back from now on is closed at once. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  #isOld(connection: Connection): boolean {
    const { maxAgeMs } = this.#options;
    if (maxAgeMs === 0) return false;
    const madeAtMs = this.#madeAtMs.get(connection) ?? 0;
    return performance.now() - madeAtMs >= maxAgeMs;
  }

  #sweepIn(delayMs: number): NodeJS.Timeout {
    const wholeMs = Math.min(Math.ceil(delayMs), limits.timerMaxMs);
    return setTimeout(() => this.#closeExpired(), wholeMs).unref();
  }

  #closeExpired(): void {
    const bornMs = performance.now() - this.#options.expireMs;
    const fresh = this.#idle.findIndex(({ sinceMs }) => sinceMs > bornMs);
    for (const { connection } of this.#idle.splice(0, fresh < 0 ? this.#idle.length : fresh)) {
      connection.close();
    }
    const [first] = this.#idle;
    this.#sweep = first && this.#sweepIn(first.sinceMs - bornMs);
  }
}
