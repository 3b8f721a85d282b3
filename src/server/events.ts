/** What the server counts and logs of itself. */
import { DnsMetrics, DROPPED, panicsCounter } from '../telemetry/dns-metrics.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { WorkerEvents } from './batched/socket-worker.ts';
import type { EngineEvents } from './engine.ts';

/** Why a query or a reply was dropped: a label. */
export type DropReason = 'waiting-queries' | 'udp-unsent' | 'udp-ring-full' | 'tcp-connections';

export interface ServerEvents extends EngineEvents, WorkerEvents {
  dropped(server: string, reason: DropReason): void;
}

export function serverEvents(metrics: Metrics, log: Logger): ServerEvents {
  const dns = new DnsMetrics(metrics);
  const panics = panicsCounter(metrics);
  const drops = metrics.counter(
    'corvidns_dropped_total',
    'Counter of queries, replies and connections dropped because a bound was reached.',
    ['server', 'reason'],
  );
  const restarts = metrics.counter(
    'corvidns_udp_worker_restarts_total',
    'Counter of workers of UDP sockets that died and were replaced.',
    [],
  );
  return {
    rejected: (query, reason) => {
      query.onCounted(dns.account(query.server, DROPPED).tally(query, { plugin: '', reason }));
    },
    panicked: (server, error, withStack) => {
      panics.inc();
      const what = error instanceof Error ? (withStack && error.stack) || error.message : String(error);
      log.error(`Recovered from panic in server: "${server}" ${what}`);
    },
    dropped: (server, reason) => drops.labels(server, reason).inc(),
    workerDied: (error) => {
      restarts.labels().inc();
      log.error(
        `A worker of a UDP socket died and is replaced: ${error instanceof Error ? error.message : error}`,
      );
    },
  };
}
