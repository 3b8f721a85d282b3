/** Whether an upstream is down: it is checked from its first failure on, until a check succeeds. */
import { limits } from '../../limits.ts';

export interface HealthOptions {
  /** Rejects where the upstream gives no reply. */
  readonly check: () => Promise<unknown>;
  /** Pause between two checks. */
  readonly intervalMs: number;
  /** Failed checks beyond which the upstream is down. 0: never, and never checked. */
  readonly maxFails: number;
  readonly onFailure: () => void;
  readonly onDown: (error: Error) => void;
  readonly onUp: () => void;
}

export class Health {
  readonly #options: HealthOptions;
  #fails = 0;
  #isChecking = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get isDown(): boolean {
    const { maxFails } = this.#options;
    return maxFails > 0 && this.#fails > maxFails;
  }

  /** A query got no answer: checks begin, unless they are under way. */
  suspect(): void {
    if (this.#isChecking || this.#isStopped || this.#options.maxFails === 0) return;
    this.#isChecking = true;
    void this.#check();
  }

  /** Ends the checks, for good. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      await this.#options.check();
    } catch (error) {
      if (!this.#isStopped) this.#failed(error as Error);
      return;
    }
    if (!this.#isStopped) this.#succeeded();
  }

  #failed(error: Error): void {
    const wasDown = this.isDown;
    this.#fails++;
    this.#options.onFailure();
    if (this.isDown && !wasDown) this.#options.onDown(error);
    const pauseMs = Math.max(this.#options.intervalMs, limits.forwardHealthCheckMinMs);
    this.#timer = setTimeout(() => void this.#check(), Math.min(pauseMs, limits.timerMaxMs));
    this.#timer.unref();
  }

  #succeeded(): void {
    const wasDown = this.isDown;
    this.#fails = 0;
    this.#isChecking = false;
    if (wasDown) this.#options.onUp();
  }
}
