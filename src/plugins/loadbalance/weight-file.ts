/** The weight file, read at the start and again where it has changed. */
import { createHash } from 'node:crypto';
import { limits } from '../../limits.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { durationText } from '../duration-text.ts';
import { repeat } from '../periodic.ts';
import { readTextFile } from '../text-file.ts';
import { parseWeights, Weights } from './weights.ts';

export interface WeightFileOptions {
  readonly path: string;
  /** 0: the file is read once. */
  readonly reloadMs: number;
  readonly log: Logger;
}

export class WeightFile {
  readonly #options: WeightFileOptions;
  #weights = Weights.none;
  #digest = '';
  #stopReloads: (() => void) | undefined;

  constructor(options: WeightFileOptions) {
    this.#options = options;
  }

  get weights(): Weights {
    return this.#weights;
  }

  /** @throws {Error} the file is bad, or cannot be read and will not be tried again */
  async start(): Promise<void> {
    const { reloadMs, log } = this.#options;
    const text = await this.#read().catch((error: Error) => {
      if (reloadMs === 0) throw error;
      log.warning(`Failed to open weight file:${error.message}. Will try again in ${durationText(reloadMs)}`);
    });
    if (text !== undefined) this.#apply(text);
    if (reloadMs > 0) this.#stopReloads = repeat(reloadMs, () => this.#reload());
  }

  stop(): void {
    this.#stopReloads?.();
  }

  /** A file that is missing or bad leaves the weights what they were. */
  async #reload(): Promise<void> {
    try {
      const text = await this.#read();
      if (text !== undefined) this.#apply(text);
    } catch (error) {
      this.#options.log.error((error as Error).message);
    }
  }

  async #read(): Promise<string | undefined> {
    const { path } = this.#options;
    try {
      return (await readTextFile(path, limits.weightFileBytes))?.text;
    } catch (error) {
      throw new Error(`weight file open error: ${(error as Error).message}`);
    }
  }

  #apply(text: string): void {
    const digest = createHash('sha256').update(text).digest('hex');
    if (digest === this.#digest) return;
    // Before parsing: a bad file is complained about once.
    this.#digest = digest;
    this.#weights = parseWeights(text, this.#options.path);
    this.#options.log.info(`Successfully reloaded weight file ${this.#options.path}`);
  }
}
