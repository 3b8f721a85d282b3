/** What a plugin's factory gets, for tests: hooks are kept and run by name, log lines are kept. */
import type { Directive } from '../../src/corefile/ast.ts';
import { parseCorefile } from '../../src/corefile/parse.ts';
import { Name } from '../../src/dns/name.ts';
import type {
  BlockListener,
  BlockSettings,
  Plugin,
  PluginFactory,
  SetupContext,
} from '../../src/plugins/plugin.ts';
import { noOffers, noSettings } from '../../src/server/block-defaults.ts';
import type { Metrics } from '../../src/telemetry/metrics.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { recordingLogger } from './logger.ts';

export interface TestSetup {
  readonly context: SetupContext;
  readonly settings: BlockSettings;
  /** Every line logged so far. */
  readonly lines: string[];
  start(): Promise<void>;
  listening(): Promise<void>;
  /** As at a reload, if `replaced`: nothing follows. */
  shutdown(replaced?: boolean): Promise<void>;
  finalShutdown(): Promise<void>;
}

export interface SetupOptions {
  /** Prefix of log lines. */
  readonly plugin?: string;
  readonly zones?: readonly string[];
  readonly directives?: readonly string[];
  /** Shared by setups that stand for blocks of one process. */
  readonly metrics?: Metrics;
  readonly native?: SetupContext['native'];
  readonly readiness?: SetupContext['readiness'];
  /** Default: none is open. */
  readonly listeners?: readonly BlockListener[];
}

export function makeSetup(options: SetupOptions = {}): TestSetup {
  const log = recordingLogger();
  const settings = noSettings();
  const hooks = { start: new Hooks(), listening: new Hooks(), shutdown: new Hooks(), final: new Hooks() };
  return {
    settings,
    lines: log.lines,
    start: () => hooks.start.run(),
    listening: () => hooks.listening.run(),
    shutdown: (replaced = false) => hooks.shutdown.run(replaced),
    finalShutdown: () => hooks.final.run(),
    context: {
      zones: (options.zones ?? ['.']).map((zone) => Name.fromText(zone)),
      directives: new Set(options.directives ?? []),
      settings,
      listeners: () => options.listeners ?? [],
      lifecycle: {
        onStart: (hook) => hooks.start.add(hook),
        onListening: (hook) => hooks.listening.add(hook),
        onShutdown: (hook) => hooks.shutdown.add(hook),
        onFinalShutdown: (hook) => hooks.final.add(hook),
      },
      readiness: options.readiness ?? makeReadiness(),
      offers: noOffers(),
      metrics: options.metrics ?? new PromMetrics(),
      native: options.native,
      log: options.plugin === undefined ? log : log.forPlugin(options.plugin),
      plainLog: log,
    },
  };
}

export function makeReadiness(): SetupContext['readiness'] {
  const entries: { plugin: string; isReady: () => boolean }[] = [];
  const notes: { plugin: string; note: () => string | undefined }[] = [];
  return {
    register: (plugin, isReady) => void entries.push({ plugin, isReady }),
    entries: () => entries,
    registerNote: (plugin, note) => void notes.push({ plugin, note }),
    notes: () => notes,
  };
}

type Hook = (replaced: boolean) => void | Promise<void>;

class Hooks {
  readonly #hooks: Hook[] = [];

  add(hook: Hook): void {
    this.#hooks.push(hook);
  }

  async run(replaced = false): Promise<void> {
    for (const hook of this.#hooks) await hook(replaced);
  }
}

/**
 * Sets a plugin up with its lines in a server block, given as text.
 * @throws {CorefileError} what the plugin has against them
 */
export function setUp(factory: PluginFactory, text: string, setup: TestSetup): Plugin | undefined {
  const [first, ...rest] = directivesOf(text);
  if (first === undefined) throw new Error('no directive is given');
  return factory.setup([first, ...rest], setup.context);
}

/** The lines of a server block, read as a Corefile has them. */
export function directivesOf(text: string): readonly Directive[] {
  const { blocks } = parseCorefile(`. {\n${text}\n}\n`, 'Corefile');
  return blocks[0]?.directives ?? [];
}
