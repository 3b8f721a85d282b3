/** Starts a server for a Corefile on free ports of loopback. */
import { parseCorefile } from '../../src/corefile/index.ts';
import { Server } from '../../src/server/server.ts';
import type { UdpMode } from '../../src/server/udp-choice.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { recordingLogger } from './logger.ts';

export interface RunningServer extends AsyncDisposable {
  readonly server: Server;
  readonly metrics: PromMetrics;
  /** Log lines so far. */
  readonly lines: readonly string[];
  /** Port of the only listener. */
  readonly port: number;
}

/**
 * @param corefile keys should have port 0 and `bind 127.0.0.1`
 * @param udp default: what an operator gets
 */
export async function startServer(
  corefile: string,
  file = 'Corefile',
  udp: UdpMode = 'auto',
): Promise<RunningServer> {
  const log = recordingLogger();
  const metrics = new PromMetrics();
  const server = new Server(parseCorefile(corefile, file).blocks, { dnsPort: 0, log, metrics, udp });
  await server.start();
  const [port = 0] = server.ports.values();
  return {
    server,
    metrics,
    lines: log.lines,
    port,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
    },
  };
}
