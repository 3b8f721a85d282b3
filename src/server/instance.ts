/** A Corefile, set up: every block with its chain, and one engine for each address that is to be listened on. */
import type { ServerBlock } from '../corefile/ast.ts';
import { checkDirectives } from '../corefile/directives.ts';
import { CorefileError } from '../corefile/error.ts';
import { findConflicts, parseKey, type ServerKey } from '../corefile/key.ts';
import { Mistakes } from '../corefile/mistakes.ts';
import type { Native } from '../net/native.ts';
import { factories, known, planned } from '../plugins/order.ts';
import type { Readiness, TcpSettings } from '../plugins/plugin.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { AnswerTable } from './answers/answer-table.ts';
import { Block, type Surroundings } from './block.ts';
import { Engine, type EngineEvents } from './engine.ts';
import { Hooks } from './hooks.ts';
import { type ListenAddress, listenerKey } from './listen-address.ts';
import type { Served } from './listener-pool.ts';
import type { Course } from './query.ts';
import { type Route, Router } from './router.ts';

export interface InstanceOptions {
  /** Port of keys that name none. */
  readonly dnsPort: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly events: EngineEvents;
  readonly answers: AnswerTable<Course>;
  readonly native: Native | undefined;
  /** By listener key: ports that are open. */
  openPorts(): ReadonlyMap<string, number>;
}

/** A zone on a listener, as the start prints it. */
export interface ServedZone {
  readonly key: ServerKey;
  readonly address: ListenAddress;
  /** Names of the plugins that answer, outermost first. */
  readonly plugins: readonly string[];
}

export class Instance {
  /** As they were read. */
  readonly blocks: readonly ServerBlock[];
  readonly hooks: Hooks;
  readonly served: readonly Served[];
  readonly zones: readonly ServedZone[];
  /** Whether any block has `debug`. */
  readonly debug: boolean;
  /** Milliseconds between two looks at the Corefile; undefined where no block has `reload`. Of several the last counts. */
  readonly reloadMs: number | undefined;

  private constructor(
    source: readonly ServerBlock[],
    blocks: readonly Block[],
    hooks: Hooks,
    { events, answers }: Pick<InstanceOptions, 'events' | 'answers'>,
  ) {
    this.blocks = source;
    this.hooks = hooks;
    this.debug = blocks.some(({ settings }) => settings.debug);
    this.reloadMs = blocks.findLast(({ settings }) => settings.reloadMs !== undefined)?.settings.reloadMs;
    const listeners = groupByListener(blocks);
    this.zones = listeners.flatMap(({ zones }) => zones);
    this.served = listeners.map(({ address, routes, anyClass, stacktrace, tcp, udpSockets }) => ({
      address,
      tcp,
      udpSockets,
      engine: new Engine({
        router: new Router(routes),
        server: listenerKey(address),
        anyClass,
        stacktrace,
        unguarded: this.debug,
        events,
        answers,
      }),
    }));
  }

  /** Another instance has its sockets: nothing that it answered is repeated. */
  retire(): void {
    for (const { engine } of this.served) engine.retire();
  }

  /**
   * Sets every plugin of every block up; opens and starts nothing.
   * @throws {CorefileErrors} every mistake that was found
   */
  static setUp(blocks: readonly ServerBlock[], options: InstanceOptions): Instance {
    const hooks = new Hooks();
    const { metrics, log, native, openPorts } = options;
    const readiness = new ReadinessList();
    const surroundings: Surroundings = { hooks, readiness, metrics, log, native, openPorts };
    const mistakes = new Mistakes();
    for (const error of checkDirectives(blocks, { known, planned })) mistakes.add(error);
    const set = blocks.map(
      (block) => new Block(block, readKeys(block, options.dnsPort, mistakes), surroundings),
    );
    // Plugin by plugin, as the chain has them: hooks of all blocks run in that order.
    for (const factory of factories) {
      for (const block of set) {
        const error = block.setUp(factory);
        if (error !== undefined) mistakes.add(error);
      }
    }
    const listeners = set.map(({ keys, settings }) => ({ keys, bind: settings.bind }));
    for (const error of findConflicts(listeners)) mistakes.add(error);
    mistakes.throwIfAny();
    return new Instance(blocks, set, hooks, options);
  }
}

function readKeys(block: ServerBlock, dnsPort: number, mistakes: Mistakes): ServerKey[] {
  return block.keys.flatMap((token) => {
    try {
      const keys = parseKey(token, { dnsPort });
      const other = keys.find(({ scheme }) => scheme !== 'dns');
      if (other === undefined) return keys;
      const message = `${other.scheme}:// is a CoreDNS transport that corvidns does not have yet`;
      mistakes.add(new CorefileError(message, token.position, token.text.length));
    } catch (error) {
      if (!(error instanceof CorefileError)) throw error;
      mistakes.add(error);
    }
    return [];
  });
}

interface ListenerPlan {
  readonly address: ListenAddress;
  readonly routes: Route[];
  readonly zones: ServedZone[];
  anyClass: boolean;
  stacktrace: boolean;
  tcp: TcpSettings;
  udpSockets: number | undefined;
}

function groupByListener(blocks: readonly Block[]): ListenerPlan[] {
  const plans = new Map<string, ListenerPlan>();
  for (const block of blocks) {
    const handler = block.handler();
    const plugins = block.plugins.map(({ name }) => name);
    for (const { key, address } of block.addresses()) {
      const plan = plans.get(listenerKey(address)) ?? {
        address,
        routes: [],
        zones: [],
        anyClass: false,
        stacktrace: false,
        tcp: {},
        udpSockets: undefined,
      };
      plan.routes.push({ zone: key.zone, handler });
      plan.zones.push({ key, address, plugins });
      plan.anyClass ||= block.settings.anyClass;
      plan.stacktrace ||= block.settings.stacktrace;
      // Where several blocks say something, the last one counts, as in CoreDNS.
      plan.tcp = { ...plan.tcp, ...block.settings.tcp };
      plan.udpSockets = block.settings.udpSockets ?? plan.udpSockets;
      plans.set(listenerKey(address), plan);
    }
  }
  return [...plans.values()];
}

class ReadinessList implements Readiness {
  readonly #entries: { readonly plugin: string; readonly isReady: () => boolean }[] = [];
  readonly #notes: { readonly plugin: string; readonly note: () => string | undefined }[] = [];

  register(plugin: string, isReady: () => boolean): void {
    this.#entries.push({ plugin, isReady });
  }

  entries(): readonly { readonly plugin: string; readonly isReady: () => boolean }[] {
    return this.#entries;
  }

  registerNote(plugin: string, note: () => string | undefined): void {
    this.#notes.push({ plugin, note });
  }

  notes(): readonly { readonly plugin: string; readonly note: () => string | undefined }[] {
    return this.#notes;
  }
}
