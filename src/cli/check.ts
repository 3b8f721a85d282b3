/** `corvidns check`: every mistake in a Corefile, without listening. */
import { CorefileErrors } from '../corefile/index.ts';
import { logWarnings } from '../server/reloader.ts';
import { Server } from '../server/server.ts';
import { createLogger } from '../telemetry/process-logger.ts';
import { PromMetrics } from '../telemetry/prom-metrics.ts';
import type { Flags } from './flags.ts';
import { loadCorefile, OperatorError } from './load-corefile.ts';
import { DEFAULT_DNS_PORT, type Output } from './serve.ts';

/** @throws {OperatorError} with every mistake */
export function check(flags: Flags, output: Output): number {
  const corefile = loadCorefile(flags);
  const log = createLogger({ debug: false, destination: { write: output.out } });
  logWarnings(corefile.warnings, log);
  const { blocks } = corefile;
  try {
    new Server(blocks, { dnsPort: flags.dnsPort ?? DEFAULT_DNS_PORT, log, metrics: new PromMetrics() });
  } catch (error) {
    if (error instanceof CorefileErrors) throw new OperatorError(corefile.explain(error));
    throw error;
  }
  const verdict = corefile.isDefault
    ? 'no server block: whoami and log would be served'
    : `ok, ${blocks.length} server block${blocks.length === 1 ? '' : 's'}`;
  output.out(`${flags.conf ?? 'Corefile'}: ${verdict}\n`);
  return 0;
}
