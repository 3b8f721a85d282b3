/** Zone serials: the moments, in unix seconds, of the last change that a zone's data depends on; 0 until the first. */
import { type Generation, GenerationCounter } from './generation.ts';

export interface Serials {
  /** Services, endpoints and pods: the cluster's own zone. */
  readonly internal: number;
  /** External addresses of Services. */
  readonly external: number;
  /** Imported Services. */
  readonly multicluster: number;
  /** Advances when one of them does: negative answers carry them. */
  readonly generation: Generation;
}

export class SerialClock implements Serials {
  internal = 0;
  external = 0;
  multicluster = 0;
  readonly generation = new GenerationCounter();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  touch(serial: Exclude<keyof Serials, 'generation'>): void {
    const now = Math.floor(this.#nowMs() / 1000) >>> 0;
    if (this[serial] === now) return;
    this[serial] = now;
    this.generation.advance();
  }
}
