/** A DNS server for a Corefile: start, reload, stop. */
import type { ServerBlock } from '../corefile/ast.ts';
import type { Native } from '../net/native.ts';
import { pluginEnabledGauge } from '../telemetry/dns-metrics.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { AnswerTable } from './answers/answer-table.ts';
import { type ServerEvents, serverEvents } from './events.ts';
import { Instance, type ServedZone } from './instance.ts';
import { listenerKey } from './listen-address.ts';
import { ListenerPool } from './listener-pool.ts';
import type { Course } from './query.ts';
import { type LoadedCorefile, Reloader } from './reloader.ts';
import { selfTest } from './self-test.ts';
import { chooseUdp, type UdpMode } from './udp-choice.ts';

export interface ServerOptions {
  /** Port of keys that name none. */
  readonly dnsPort: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Reads the Corefile anew, for `reloadCorefile` and the directive `reload`, which does nothing without it. */
  readonly load?: (() => LoadedCorefile) | undefined;
  /** How UDP is read. Default: `auto`. */
  readonly udp?: UdpMode;
  /** Told whether any block has `debug`, at first and after each reload. */
  readonly setDebug?: (on: boolean) => void;
}

/** What went wrong while stopping; the server has stopped all the same. */
export interface StopReport {
  readonly hookErrors: readonly unknown[];
}

export class Server {
  /** How UDP is read, and why: a line for the log. */
  readonly udpDescription: string;
  readonly #options: ServerOptions;
  readonly #events: ServerEvents;
  readonly #answers = new AnswerTable<Course>();
  readonly #pool: ListenerPool;
  readonly #native: Native | undefined;
  readonly #reloader: Reloader | undefined;
  #instance: Instance;
  #reloading: Promise<void> = Promise.resolve();
  #isStopping = false;

  /**
   * Sets a Corefile up; opens nothing.
   * @throws {CorefileErrors} every mistake in it
   * @throws {UdpModeError} `udp` cannot be had here
   */
  constructor(blocks: readonly ServerBlock[], options: ServerOptions) {
    this.#options = options;
    this.#events = serverEvents(options.metrics, options.log);
    const udp = chooseUdp(options.udp ?? 'auto', this.#events);
    this.udpDescription = udp.description;
    this.#native = udp.native;
    this.#pool = new ListenerPool(udp.open, this.#events, this.#answers);
    options.metrics.onExposition(() => this.#answers.settle());
    this.#reloader = options.load && this.#makeReloader(options.load);
    this.#instance = this.#setUp(blocks);
    options.setDebug?.(this.debug);
  }

  /** Whether any block has `debug`. */
  get debug(): boolean {
    return this.#instance.debug;
  }

  /** Zones and where they are served, as in the Corefile. */
  get zones(): readonly ServedZone[] {
    return this.#instance.zones;
  }

  /** Open ports by listener (`dns://127.0.0.1:0`): tells what the kernel chose where the Corefile says port 0. */
  get ports(): ReadonlyMap<string, number> {
    return this.#pool.ports();
  }

  /**
   * Runs the start hooks of the plugins, then opens the sockets.
   * @throws {ListenError | SourceError | Error} one line for the operator; everything opened is closed again
   */
  async start(): Promise<void> {
    await this.#bringUp(this.#instance, undefined);
    this.#nowServing();
  }

  /**
   * Sets a new Corefile up and starts it beside the old one, then hands it the sockets: no query is lost. Whatever
   * goes wrong, the old one goes on.
   * @throws {CorefileErrors | ListenError | SourceError | Error} why the new one is not used; also where `stop` was
   *   called
   */
  reload(blocks: readonly ServerBlock[]): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#replace(blocks));
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  /**
   * The same with the Corefile as it is now.
   * @throws {Error} as `reload`, and where the Corefile cannot be read or parsed, or `load` was not given
   */
  reloadCorefile(): Promise<void> {
    return this.#reloader?.reload() ?? Promise.reject(new Error('there is no Corefile to load anew'));
  }

  /**
   * Shutdown hooks, final hooks (lameduck), then - if `drain` - the sockets, with grace for answers under way. A reload
   * under way ends first: else it would open again what is closed here.
   */
  async stop(options: { readonly drain: boolean } = { drain: true }): Promise<StopReport> {
    this.#isStopping = true;
    this.#reloader?.stop();
    await this.#reloading;
    const errors = await this.#instance.hooks.shutdown(false);
    errors.push(...(await this.#instance.hooks.finalShutdown()));
    if (options.drain) await this.#pool.close();
    return { hookErrors: errors };
  }

  async #replace(blocks: readonly ServerBlock[]): Promise<void> {
    if (this.#isStopping) throw new Error('the server is stopping');
    const next = this.#setUp(blocks);
    const old = this.#instance;
    await this.#bringUp(next, old);
    this.#instance = next;
    old.retire();
    this.#options.setDebug?.(this.debug);
    this.#nowServing();
    for (const error of await old.hooks.shutdown(true)) {
      this.#options.log.warning(`shutdown of the replaced configuration: ${String(error)}`);
    }
  }

  async #bringUp(instance: Instance, before: Instance | undefined): Promise<void> {
    try {
      await instance.hooks.start();
      if (before !== undefined) await selfTest(instance);
      await this.#pool.serve(instance.served);
      await instance.hooks.listening();
    } catch (error) {
      await this.#pool.serve(before?.served ?? []);
      instance.retire();
      await instance.hooks.shutdown(true);
      throw error;
    }
    this.#showPlugins(instance);
  }

  #showPlugins(instance: Instance): void {
    const gauge = pluginEnabledGauge(this.#options.metrics);
    gauge.reset();
    for (const { key, address, plugins } of instance.zones) {
      for (const plugin of plugins)
        gauge.labels(listenerKey(address), key.zone.toString(), '', plugin).set(1);
    }
  }

  #nowServing(): void {
    const { blocks, reloadMs } = this.#instance;
    if (this.#reloader !== undefined) this.#reloader.serving(blocks, reloadMs);
    else if (reloadMs !== undefined)
      this.#options.log.forPlugin('reload').warning('there is no file to look at: changes are not noticed');
  }

  #makeReloader(load: () => LoadedCorefile): Reloader {
    const { metrics, log } = this.#options;
    return new Reloader({ load, replace: (blocks) => this.reload(blocks), metrics, log });
  }

  #setUp(blocks: readonly ServerBlock[]): Instance {
    const { dnsPort, log, metrics } = this.#options;
    const openPorts = () => this.#pool.ports();
    const [events, answers, native] = [this.#events, this.#answers, this.#native];
    return Instance.setUp(blocks, { dnsPort, log, metrics, events, answers, native, openPorts });
  }
}
