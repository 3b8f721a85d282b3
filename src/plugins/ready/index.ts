/** `ready`: an HTTP endpoint that says whether every plugin that must be ready is. */
import type { ServerResponse } from 'node:http';
import { expectArgs, onlyArg, onlyOnce, parseHostPort, readProperties } from '../../corefile/args.ts';
import { type Directive, errorAt } from '../../corefile/ast.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type OpenRoute, openRoute, respond } from '../http-listener.ts';
import type { PluginFactory, Readiness } from '../plugin.ts';

export const readyPlugin: PluginFactory = {
  name: 'ready',

  setup(directives, { lifecycle, readiness, log }) {
    const directive = onlyOnce(directives);
    const [given] = expectArgs(directive, { min: 0, max: 1 });
    const address = given === undefined ? { host: '', port: 8181 } : parseHostPort(given);
    const check = new ReadinessCheck(readiness, readsContinuously(directive));
    let stopping = false;
    let route: OpenRoute | undefined;

    lifecycle.onStart(async () => {
      route = await openRoute({
        directive: 'ready',
        address,
        path: '/ready',
        handler: ({ url = '' }, response) => {
          if (stopping) respond(response, 503, 'Shutting down');
          else answer(response, check, isVerbose(url), log);
        },
      });
      log.debug(`Listening on ${route.address.address} port ${route.address.port}`);
    });
    // Before lameduck: probes fail while queries are still answered, so that clients go elsewhere.
    lifecycle.onShutdown(async () => {
      stopping = true;
      await route?.close();
    });
    return undefined;
  },
};

/** `?verbose`, as at the endpoints of Kubernetes' own components. */
function isVerbose(url: string): boolean {
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).has('verbose');
}

function answer(response: ServerResponse, check: ReadinessCheck, verbose: boolean, log: Logger): void {
  const unready = check.unready();
  if (unready.length > 0) log.info(`Plugins not ready: "${unready.join(',')}"`);
  const body = verbose ? check.list(unready) : unready.join(',') || 'OK';
  respond(response, unready.length === 0 ? 200 : 503, body);
}

class ReadinessCheck {
  readonly #readiness: Readiness;
  readonly #continuously: boolean;
  /** Tests that have passed once: not asked again, unless continuously. */
  readonly #passed = new Set<() => boolean>();

  constructor(readiness: Readiness, continuously: boolean) {
    this.#readiness = readiness;
    this.#continuously = continuously;
  }

  /** Names of plugins that are not ready, sorted, each once. */
  unready(): string[] {
    const unready = this.#readiness.entries().filter(({ isReady }) => !this.#passes(isReady));
    return [...new Set(unready.map(({ plugin }) => plugin))].sort();
  }

  /** A line for each plugin, each note and the verdict; those of plugins and the verdict are as Kubernetes has them. */
  list(unready: readonly string[]): string {
    const plugins = new Set(this.#readiness.entries().map(({ plugin }) => plugin));
    const lines = [...plugins]
      .sort()
      .map((plugin) => (unready.includes(plugin) ? `[-]${plugin} failed: not ready` : `[+]${plugin} ok`));
    const notes = this.#readiness.notes().flatMap(({ plugin, note }) => {
      const text = note();
      return text === undefined ? [] : [`[!]${plugin}: ${text}`];
    });
    const verdict = `ready check ${unready.length === 0 ? 'passed' : 'failed'}`;
    return [...lines, ...notes, verdict].map((line) => `${line}\n`).join('');
  }

  #passes(isReady: () => boolean): boolean {
    if (this.#passed.has(isReady)) return true;
    const ready = isReady();
    if (ready && !this.#continuously) this.#passed.add(isReady);
    return ready;
  }
}

function readsContinuously(directive: Directive): boolean {
  let continuously = false;
  readProperties(directive, {
    monitor: (property) => {
      const type = onlyArg(property);
      if (type.text !== 'until-ready' && type.text !== 'continuously') {
        throw errorAt(type, `monitor type '${type.text}' not supported`);
      }
      continuously = type.text === 'continuously';
    },
  });
  return continuously;
}
