/** What plugins want to do at start and stop, in the order in which they asked: that of the chain. */
import type { Lifecycle } from '../plugins/plugin.ts';

type Hook = () => void | Promise<void>;

export class Hooks implements Lifecycle {
  readonly #start: Hook[] = [];
  readonly #listening: Hook[] = [];
  readonly #shutdown: ((replaced: boolean) => void | Promise<void>)[] = [];
  readonly #finalShutdown: Hook[] = [];

  onStart(hook: Hook): void {
    this.#start.push(hook);
  }

  onListening(hook: Hook): void {
    this.#listening.push(hook);
  }

  onShutdown(hook: (replaced: boolean) => void | Promise<void>): void {
    this.#shutdown.push(hook);
  }

  onFinalShutdown(hook: Hook): void {
    this.#finalShutdown.push(hook);
  }

  /** Ends with the first hook that fails. */
  async start(): Promise<void> {
    for (const hook of this.#start) await hook();
  }

  async listening(): Promise<void> {
    for (const hook of this.#listening) await hook();
  }

  /** Runs every hook whatever becomes of the others; what went wrong is returned. */
  async shutdown(replaced: boolean): Promise<unknown[]> {
    return runAll(this.#shutdown.map((hook) => () => hook(replaced)));
  }

  /** As `shutdown`, after it. */
  async finalShutdown(): Promise<unknown[]> {
    return runAll(this.#finalShutdown);
  }
}

async function runAll(hooks: readonly Hook[]): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const hook of hooks) {
    try {
      await hook();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}
