/** One `consolidate` line: errors of a kind, counted for a while and then told in one line. */
import { limits } from '../../limits.ts';
import { durationText } from '../duration-text.ts';

export interface ConsolidateRule {
  /** Milliseconds from the first error on. */
  readonly period: number;
  /** As the Corefile has it. */
  readonly expression: string;
  readonly pattern: RegExp;
  /** Writes at the rule's level. */
  readonly write: (line: string) => void;
  /** Whether the first error is written at once, and the summary only where others followed. */
  readonly showFirst: boolean;
}

export class Consolidation {
  readonly #rule: ConsolidateRule;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(rule: ConsolidateRule) {
    this.#rule = rule;
  }

  matches(error: string): boolean {
    return this.#rule.pattern.test(error.slice(0, limits.consolidateTextChars));
  }

  /** Counts an error, and writes its line where it must not wait. */
  add(line: string): void {
    if (this.#stopped) {
      this.#rule.write(line);
      return;
    }
    this.#count++;
    if (this.#count > 1) return;
    this.#timer = setTimeout(() => this.#summarize(), this.#rule.period);
    this.#timer.unref();
    if (this.#rule.showFirst) this.#rule.write(line);
  }

  /** Tells what was counted so far; from now on every error is written. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#summarize();
  }

  #summarize(): void {
    const count = this.#count;
    this.#count = 0;
    if (count === 0 || (count === 1 && this.#rule.showFirst)) return;
    const { expression, period } = this.#rule;
    this.#rule.write(`${count} errors like '${expression}' occurred in last ${durationText(period)}`);
  }
}
