/** A server for programs that embed one. */
import { type ParsedCorefile, parseCorefile } from '../corefile/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { PromMetrics } from '../telemetry/prom-metrics.ts';
import type { LoadedCorefile } from './reloader.ts';
import { Server } from './server.ts';
import type { UdpMode } from './udp-choice.ts';

export interface CreateServerOptions {
  /** Text of a Corefile. */
  readonly corefile: string;
  /**
   * Gives the Corefile's text as it is now: for the directive `reload` and for `Server.reloadCorefile`. Without it the
   * directive does nothing.
   */
  readonly read?: () => string;
  /** Its file name: for error messages, and for what it names relative to itself. Default `Corefile`. */
  readonly file?: string;
  /** Port of keys that name none. Default 53. */
  readonly dnsPort?: number;
  /** Values for `{$NAME}`. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How UDP is read. Default: `auto`. */
  readonly udp?: UdpMode;
  /** Default: nothing is logged. */
  readonly log?: Logger;
  /** Default: a registry of its own. */
  readonly metrics?: Metrics;
}

const SILENT: Logger = {
  debug() {},
  info() {},
  warning() {},
  error() {},
  forPlugin: () => SILENT,
};

const DNS_PORT = 53;

/**
 * Parses a Corefile and sets its plugins up. `start()` opens the sockets, `stop()` closes them.
 * @throws {CorefileErrors} every mistake in the Corefile
 */
export function createServer(options: CreateServerOptions): Server {
  const {
    corefile,
    read,
    file = 'Corefile',
    env = {},
    dnsPort = DNS_PORT,
    log = SILENT,
    udp = 'auto',
  } = options;
  const metrics = options.metrics ?? new PromMetrics();
  const load = read && (() => loaded(parseCorefile(read(), file, { env }), file));
  return new Server(parseCorefile(corefile, file, { env }).blocks, { dnsPort, log, metrics, load, udp });
}

/** @throws {Error} nothing would be served */
function loaded(parsed: ParsedCorefile, file: string): LoadedCorefile {
  if (parsed.blocks.length === 0) throw new Error(`${file}: no server block to serve`);
  return { ...parsed, explain: ({ message }) => message };
}
