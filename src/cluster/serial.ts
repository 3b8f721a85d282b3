/**
 * Zone serials: the moments, in unix seconds, of the last change that a zone's data depends on; 0 until the first. Where the clock was
 * set back they count on from where they were: a secondary takes a serial that goes back for no change (RFC 1034 §4.3.5, RFC 1982).
 */
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
  /** Seconds of the clock at the last change of each. */
  readonly #touchedAt = { internal: 0, external: 0, multicluster: 0 };

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  touch(serial: Exclude<keyof Serials, 'generation'>): void {
    const now = Math.floor(this.#nowMs() / 1000) >>> 0;
    if (this.#touchedAt[serial] === now) return;
    this.#touchedAt[serial] = now;
    this[serial] = this[serial] === 0 || isAfter(now, this[serial]) ? now : (this[serial] + 1) >>> 0;
    this.generation.advance();
  }
}

/** RFC 1982 §3.2: whether a serial comes after another, round the end of 32 bits too. */
function isAfter(serial: number, other: number): boolean {
  return ((serial - other) | 0) > 0;
}
