/**
 * Loads the Corefile anew: when asked to, and of its own accord when it has changed. What cannot be used is told once;
 * the configuration that serves goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerBlock } from '../corefile/ast.ts';
import { CorefileErrors } from '../corefile/error.ts';
import type { Warning } from '../corefile/imports.ts';
import { limits } from '../limits.ts';
import { repeat } from '../plugins/periodic.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { CounterChild, GaugeChild, Labeled, Metrics } from '../telemetry/metrics.ts';
import { corefileHash } from './corefile-hash.ts';

/** A Corefile with all that it imports, as it is now. */
export interface LoadedCorefile {
  readonly blocks: readonly ServerBlock[];
  readonly warnings: readonly Warning[];
  /** Shows mistakes that set-up finds, with their lines. */
  explain(errors: CorefileErrors): string;
}

export interface ReloaderOptions {
  /** Reads and parses. @throws {Error} the text for the operator: it cannot be read, or not parsed */
  load(): LoadedCorefile;
  /** Makes it the configuration that serves; rejects with the reason for which the old one goes on. */
  replace(blocks: readonly ServerBlock[]): Promise<void>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** One look at the Corefile; where two have the same `id`, nothing has changed in between. */
type Look =
  | { readonly kind: 'loaded'; readonly id: string; readonly corefile: LoadedCorefile }
  | { readonly kind: 'failed'; readonly id: string; readonly error: unknown };

export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #log: Logger;
  readonly #failures: CounterChild;
  readonly #version: Labeled<GaugeChild>;
  /** Hash of the configuration that serves. */
  #running = '';
  /** `id` of what was refused last: it is not tried again, nor told. */
  #refused: string | undefined;
  /** Reloads under way or waiting for their turn. */
  #reloads = 0;
  #isLooking = false;
  #isStopped = false;
  #stopRepeating = () => {};

  constructor(options: ReloaderOptions) {
    const { metrics, log } = options;
    this.#options = options;
    this.#log = log.forPlugin('reload');
    this.#failures = metrics
      .counter('coredns_reload_failed_total', 'Counter of the number of failed reload attempts.', [])
      .labels();
    this.#version = metrics.gauge('coredns_reload_version_info', 'A metric with a constant value of 1.', [
      'hash',
      'value',
    ]);
  }

  /** From now on this configuration serves. @param everyMs from look to look; undefined for none */
  serving(blocks: readonly ServerBlock[], everyMs: number | undefined): void {
    this.#stopRepeating();
    this.#version.reset();
    this.#running = corefileHash(blocks);
    this.#refused = undefined;
    if (everyMs === undefined || this.#isStopped) return;
    this.#version.labels('sha512', this.#running).set(1);
    this.#log.info(`Running configuration SHA512 = ${this.#running}`);
    this.#stopRepeating = repeat(everyMs, () => this.#lookForChange());
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopRepeating();
  }

  /** Loads the Corefile anew, changed or not. @throws {Error} why the old configuration goes on */
  reload(): Promise<void> {
    return this.#take(this.#look());
  }

  async #take(look: Look): Promise<void> {
    this.#reloads++;
    try {
      if (look.kind === 'failed') throw look.error;
      logWarnings(look.corefile.warnings, this.#options.log);
      await this.#replace(look.corefile);
    } catch (error) {
      this.#refused = look.id;
      this.#failures.inc();
      throw error;
    } finally {
      this.#reloads--;
    }
  }

  async #replace({ blocks, explain }: LoadedCorefile): Promise<void> {
    try {
      await this.#options.replace(blocks);
    } catch (error) {
      throw error instanceof CorefileErrors ? new Error(explain(error)) : error;
    }
  }

  async #lookForChange(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const look = await this.#changed();
    if (look !== undefined) await this.#reloadChanged(look);
    this.#isLooking = false;
  }

  /** What is new, once nobody writes it any more. */
  async #changed(): Promise<Look | undefined> {
    const seen = this.#news();
    if (seen === undefined) return undefined;
    await sleep(limits.reloadSettleMs, undefined, { ref: false });
    const settled = this.#news();
    return settled?.id === seen.id ? settled : undefined;
  }

  /** What there is now, if it is neither running nor refused, and no other reload is at it. */
  #news(): Look | undefined {
    if (this.#isStopped || this.#reloads > 0) return undefined;
    const look = this.#look();
    if (look.id === this.#running) this.#refused = undefined;
    return look.id === this.#running || look.id === this.#refused ? undefined : look;
  }

  async #reloadChanged(look: Look): Promise<void> {
    const { log } = this.#options;
    if (look.kind === 'loaded') log.info('Reloading');
    try {
      await this.#take(look);
      log.info('Reloading complete');
    } catch (error) {
      if (this.#isStopped) return;
      const reason = error instanceof Error ? error.message : String(error);
      for (const line of `Corefile changed but reload failed: ${reason}`.split('\n')) this.#log.error(line);
      this.#log.info('the old configuration goes on');
    }
  }

  #look(): Look {
    try {
      const corefile = this.#options.load();
      return { kind: 'loaded', id: corefileHash(corefile.blocks), corefile };
    } catch (error) {
      return { kind: 'failed', id: String(error), error };
    }
  }
}

export function logWarnings(warnings: readonly Warning[], log: Logger): void {
  for (const { message, position } of warnings) log.warning(`${position.file}:${position.line} - ${message}`);
}
