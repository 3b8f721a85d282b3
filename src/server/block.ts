/** One server block of a Corefile, set up: its chain, its keys, and what plugins want to do at certain moments. */
import type { Directive, ServerBlock } from '../corefile/ast.ts';
import { CorefileError } from '../corefile/error.ts';
import type { ServerKey } from '../corefile/key.ts';
import type { Native } from '../net/native.ts';
import type {
  BlockListener,
  BlockSettings,
  Handler,
  Offers,
  Plugin,
  PluginFactory,
  Readiness,
  SetupContext,
} from '../plugins/plugin.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { noOffers, noSettings } from './block-defaults.ts';
import { chain } from './chain.ts';
import type { Hooks } from './hooks.ts';
import { type ListenAddress, listenerKey } from './listen-address.ts';

/** What all blocks of an instance share. */
export interface Surroundings {
  readonly hooks: Hooks;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly native: Native | undefined;
  /** By listener key: ports that are open. */
  openPorts(): ReadonlyMap<string, number>;
}

export class Block {
  readonly keys: readonly ServerKey[];
  readonly settings: BlockSettings = noSettings();
  readonly plugins: Plugin[] = [];
  readonly #offers: Offers = noOffers();
  readonly #source: ServerBlock;
  readonly #surroundings: Surroundings;

  constructor(source: ServerBlock, keys: readonly ServerKey[], surroundings: Surroundings) {
    this.#source = source;
    this.keys = keys;
    this.#surroundings = surroundings;
  }

  /** Sets one plugin up, where the block has its directive; the mistake it finds is returned. */
  setUp(factory: PluginFactory): CorefileError | undefined {
    const [first, ...rest] = this.#source.directives.filter(({ name }) => name.text === factory.name);
    if (first === undefined) return undefined;
    const directives: readonly [Directive, ...Directive[]] = [first, ...rest];
    try {
      const plugin = factory.setup(directives, this.#contextFor(factory.name));
      if (plugin !== undefined) this.plugins.push(plugin);
      return undefined;
    } catch (error) {
      if (error instanceof CorefileError) return error.inPlugin(factory.name);
      throw error;
    }
  }

  /** Undefined where no plugin of the block answers queries. */
  handler(): Handler | undefined {
    return this.plugins.length === 0 ? undefined : chain(this.plugins);
  }

  /** One for each key and address of `bind`. */
  addresses(): { readonly key: ServerKey; readonly address: ListenAddress }[] {
    const hosts = this.settings.bind.length > 0 ? this.settings.bind : [''];
    return this.keys.flatMap((key) =>
      hosts.map((host) => ({ key, address: { transport: 'dns', host, port: key.port } as const })),
    );
  }

  #listeners(): BlockListener[] {
    const ports = this.#surroundings.openPorts();
    const [first] = this.keys;
    return this.addresses()
      .filter(({ key }) => key === first)
      .map(({ address }) => {
        const server = listenerKey(address);
        return { server, host: address.host, port: ports.get(server) ?? address.port };
      });
  }

  #contextFor(name: string): SetupContext {
    const { hooks, readiness, metrics, log, native } = this.#surroundings;
    return {
      zones: this.keys.map(({ zone }) => zone),
      directives: new Set(this.#source.directives.map((directive) => directive.name.text)),
      settings: this.settings,
      listeners: () => this.#listeners(),
      lifecycle: hooks,
      readiness,
      offers: this.#offers,
      metrics,
      native,
      log: log.forPlugin(name),
      plainLog: log,
    };
  }
}
