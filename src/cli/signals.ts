/** Signals, as CoreDNS takes them. */
import type { Server } from '../server/server.ts';
import type { Logger } from '../telemetry/logger.ts';

const EXIT_HOOK_FAILED = 4;
const EXIT_STOP_FAILED = 3;
const EXIT_SECOND_INTERRUPT = 2;

export interface Running {
  readonly server: Server;
  readonly log: Logger;
  /** Settles when the server serves, or cannot. */
  readonly starting: Promise<void>;
  /** Loads the Corefile anew. Throws the reason for which the old one goes on. */
  reload(): Promise<void>;
}

/**
 * Resolves with the exit code when a signal has ended the server. To be called before it serves: the first process of
 * a container would be deaf to signals that it has not asked for.
 */
export function untilSignalled(running: Running): Promise<number> {
  const { log, starting } = running;
  return new Promise((resolve) => {
    let serving = false;
    let stopping = false;
    let interrupts = 0;
    const whenServing = (then: () => void) => void starting.then(then, () => {});
    whenServing(() => {
      serving = true;
    });
    const stop = (line: string, drain: boolean) => {
      if (stopping) return;
      stopping = true;
      log.info(line);
      if (serving) void stopServer(running, drain).then(resolve);
      else resolve(0);
    };
    process.on('SIGTERM', () => stop('SIGTERM: Shutting down servers then terminating', true));
    process.on('SIGINT', () => {
      if (++interrupts > 1) resolve(EXIT_SECOND_INTERRUPT);
      else stop('SIGINT: Shutting down', false);
    });
    process.on('SIGQUIT', () => resolve(0));
    process.on('SIGHUP', () => log.info('SIGHUP: Ignored'));
    process.on('SIGUSR1', () => whenServing(() => void reload(running)));
    process.on('SIGUSR2', () => log.info('SIGUSR2: Upgrading in place is not supported: replace the pod'));
  });
}

async function stopServer({ server, log }: Running, drain: boolean): Promise<number> {
  try {
    const { hookErrors } = await server.stop({ drain });
    for (const error of hookErrors) log.error(`shutdown: ${String(error)}`);
    return hookErrors.length > 0 ? EXIT_HOOK_FAILED : 0;
  } catch (error) {
    log.error(`stop: ${String(error)}`);
    return EXIT_STOP_FAILED;
  }
}

async function reload(running: Running): Promise<void> {
  const { log } = running;
  log.info('SIGUSR1: Reloading');
  try {
    await running.reload();
    log.info('Reloading complete');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    for (const line of `SIGUSR1: reload failed, the old configuration goes on: ${reason}`.split('\n'))
      log.error(line);
  }
}
