/** Asks our own health endpoint each second: how long it takes tells how busy the process is. */
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limits } from '../../limits.ts';
import { SLIM_TIME_BUCKETS } from '../../telemetry/dns-metrics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { CounterChild, HistogramChild, Metrics } from '../../telemetry/metrics.ts';
import { durationText } from '../duration-text.ts';

const PERIOD_MS = 1_000;
/** A local request that takes longer is worth a warning. */
const SLOW_MS = 1_000;
const LOOPBACK: Readonly<Record<string, string>> = { '::': '::1', '0.0.0.0': '127.0.0.1' };

export class HealthPoll {
  readonly #host: string;
  readonly #port: number;
  /** As the log names it. */
  readonly #url: string;
  readonly #durations: HistogramChild;
  readonly #failures: CounterChild;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = new AbortController();
  #waiting = false;

  constructor(address: AddressInfo, url: string, metrics: Metrics, log: Logger) {
    this.#host = LOOPBACK[address.address] ?? address.address;
    this.#port = address.port;
    this.#url = url;
    this.#log = log;
    this.#durations = metrics
      .histogram(
        'coredns_health_request_duration_seconds',
        'Histogram of the time (in seconds) each request took.',
        [],
        SLIM_TIME_BUCKETS,
      )
      .labels();
    this.#failures = metrics
      .counter('coredns_health_request_failures_total', 'The number of times the health check failed.', [])
      .labels();
    this.#timer = setInterval(() => this.#ask(), PERIOD_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopped.abort();
  }

  async #ask(): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    const startedAt = performance.now();
    const failure = await this.#request();
    this.#waiting = false;
    if (this.#stopped.signal.aborted) return;
    const elapsed = performance.now() - startedAt;
    this.#durations.observe(elapsed / 1000);
    if (failure !== undefined) {
      this.#failures.inc();
      this.#log.warning(`Local health request to "${this.#url}" failed: ${failure}`);
    } else if (elapsed > SLOW_MS) {
      this.#log.warning(`Local health request to "${this.#url}" took more than 1s: ${durationText(elapsed)}`);
    }
  }

  /** What went wrong, or undefined. */
  #request(): Promise<string | undefined> {
    const timeout = AbortSignal.timeout(limits.healthPollTimeoutMs);
    const signal = AbortSignal.any([timeout, this.#stopped.signal]);
    return new Promise((resolve) => {
      const request = get({ host: this.#host, port: this.#port, path: '/health', agent: false, signal });
      request.on('error', (error) => {
        resolve(
          timeout.aborted ? `no reply within ${durationText(limits.healthPollTimeoutMs)}` : error.message,
        );
      });
      request.on('response', (response) => {
        response.resume();
        resolve(undefined);
      });
    });
  }
}
