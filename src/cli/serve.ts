/** `corvidns`: serve a Corefile until a signal ends it. */
import { rmSync, writeFileSync } from 'node:fs';
import { CorefileErrors } from '../corefile/index.ts';
import { type LoadedCorefile, logWarnings } from '../server/reloader.ts';
import { Server } from '../server/server.ts';
import { UdpModeError } from '../server/udp-choice.ts';
import { panicsCounter, setBuildInfo } from '../telemetry/dns-metrics.ts';
import { createLogger, type LineFormat, type ProcessLogger } from '../telemetry/process-logger.ts';
import { PromMetrics } from '../telemetry/prom-metrics.ts';
import { VERSION } from '../version.ts';
import { versionLines, zoneLines } from './banner.ts';
import type { Flags } from './flags.ts';
import { loadCorefile, OperatorError, STDIN } from './load-corefile.ts';
import { untilSignalled } from './signals.ts';

export const DEFAULT_DNS_PORT = 53;

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Starts, prints what is served, and stops at a signal.
 * @param started called once DNS is answered, with the ports that are open
 * @returns the exit code
 * @throws {OperatorError} it cannot start, and why
 */
export async function serve(
  flags: Flags,
  output: Output,
  started?: (server: Server) => void,
): Promise<number> {
  const metrics = new PromMetrics();
  const drops = metrics.counter(
    'corvidns_log_lines_dropped_total',
    'Counter of log lines lost to a slow output.',
    [],
  );
  const log = createLogger({
    ...(await lineFormat(flags)),
    debug: false,
    onDrop: (lines) => drops.labels().inc(lines),
  });
  setBuildInfo(metrics, VERSION, '');
  const corefile = loadCorefile(flags);
  logWarnings(corefile.warnings, log);
  const server = setUp(corefile, flags, log, metrics);
  surviveAccidents(server, log, metrics);
  let pidfile: string | undefined;
  try {
    const starting = server.start();
    const ended = untilSignalled({ server, log, starting, reload: () => reload(server, flags) });
    const early = await Promise.race([starting, ended]);
    if (early !== undefined) return early;
    if (!flags.quiet) log.info(server.udpDescription);
    log.flush();
    if (!flags.quiet)
      output.out([...zoneLines(server), ...versionLines()].map((line) => `${line}\n`).join(''));
    pidfile = writePidfile(flags);
    started?.(server);
    return await ended;
  } catch (error) {
    throw asOperatorError(error);
  } finally {
    if (pidfile !== undefined) rmSync(pidfile, { force: true });
    await log.close();
  }
}

/** The library behind JSON lines is loaded only where they are asked for. */
async function lineFormat(flags: Flags): Promise<{ readonly format?: LineFormat }> {
  if (flags.logFormat === 'text') return {};
  const { jsonLines } = await import('../telemetry/json-lines.ts');
  return { format: jsonLines };
}

function setUp(corefile: LoadedCorefile, flags: Flags, log: ProcessLogger, metrics: PromMetrics): Server {
  const { dnsPort = DEFAULT_DNS_PORT, conf, udp } = flags;
  const load = conf === STDIN ? undefined : () => loadAnew(flags);
  try {
    return new Server(corefile.blocks, { dnsPort, log, metrics, load, udp, setDebug: log.setDebug });
  } catch (error) {
    if (error instanceof CorefileErrors) throw new OperatorError(corefile.explain(error));
    if (error instanceof UdpModeError) throw new OperatorError(error.message);
    throw error;
  }
}

/** @throws {Error} why the old configuration goes on */
async function reload(server: Server, flags: Flags): Promise<void> {
  if (flags.conf === STDIN)
    throw new OperatorError('standard input can be read only once: start with a file');
  await server.reloadCorefile();
}

/** @throws {OperatorError} the Corefile cannot be read or parsed, or has nothing to serve */
function loadAnew(flags: Flags): LoadedCorefile {
  const corefile = loadCorefile(flags);
  if (corefile.isDefault) throw new OperatorError(`${flags.conf ?? 'Corefile'}: no server block to serve`);
  return corefile;
}

/** @returns the file, which is then this process's to remove */
function writePidfile({ pidfile }: Flags): string | undefined {
  if (pidfile === undefined) return undefined;
  try {
    writeFileSync(pidfile, `${process.pid}\n`);
    return pidfile;
  } catch (error) {
    throw new OperatorError(
      `cannot write -pidfile: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** An error that nobody foresaw is counted and logged; what was right a second ago goes on. With `debug` it ends all. */
function surviveAccidents(server: Server, log: ProcessLogger, metrics: PromMetrics): void {
  if (server.debug) return;
  const panics = panicsCounter(metrics);
  process.on('uncaughtException', (error) => {
    panics.inc();
    log.error(`Recovered from panic: ${error.stack ?? error.message}`);
  });
}

/** What `Server.start` throws is a sentence for the operator; JavaScript's own errors are defects and keep their stack. */
function asOperatorError(error: unknown): unknown {
  const isDefect = DEFECTS.some((defect) => error instanceof defect);
  return error instanceof Error && !isDefect ? new OperatorError(error.message) : error;
}

const DEFECTS = [TypeError, RangeError, ReferenceError, SyntaxError];
