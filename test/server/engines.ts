/** Engines with handlers of the test's own, their log and metrics real. */
import { decodeMessage, encodeMessage, type Message, Name } from '../../src/dns/index.ts';
import type { Handler } from '../../src/plugins/plugin.ts';
import { AnswerTable } from '../../src/server/answers/answer-table.ts';
import { Engine, type EngineOptions, type Packet } from '../../src/server/engine.ts';
import { serverEvents } from '../../src/server/events.ts';
import type { Course } from '../../src/server/query.ts';
import { Router } from '../../src/server/router.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { recordingLogger } from '../support/logger.ts';
import { makeQuery, type QueryParts } from '../support/query.ts';

export const SERVER = 'dns://127.0.0.1:53';

export interface TestEngine {
  readonly engine: Engine;
  readonly answers: AnswerTable<Course>;
  readonly lines: readonly string[];
  /** The value of a series as the exposition has it: `coredns_panics_total`; 0 where it is not there. */
  count(series: string): Promise<number>;
}

/** @param handlers by zone; undefined for a block without plugins */
export function makeEngine(
  handlers: Readonly<Record<string, Handler | undefined>>,
  options: Partial<EngineOptions> = {},
): TestEngine {
  const log = recordingLogger();
  const metrics = new PromMetrics();
  const answers = new AnswerTable<Course>();
  metrics.onExposition(() => answers.settle());
  const routes = Object.entries(handlers).map(([zone, handler]) => ({ zone: Name.fromText(zone), handler }));
  const engine = new Engine({
    router: new Router(routes),
    server: SERVER,
    anyClass: false,
    unguarded: false,
    stacktrace: false,
    events: serverEvents(metrics, log),
    answers,
    ...options,
  });
  return {
    engine,
    answers,
    lines: log.lines,
    count: async (series) => seriesValue(await metrics.exposition(), series),
  };
}

/** The value of one series in an exposition text; 0 where it is not there. */
export function seriesValue(exposition: string, series: string): number {
  const line = exposition.split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

export function packetOf(bytes: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): Packet {
  const client = { address: '10.240.0.1', port: 40212, family: 4 } as const;
  return { bytes, client, local: { address: '127.0.0.1', port: 53, family: 4 }, transport };
}

/** A query as a socket gets it: `example.org. A` but for the given parts. */
export function packet(parts: QueryParts = {}): Packet {
  return packetOf(encodeQuery(makeQuery(parts).message), parts.transport);
}

function encodeQuery(message: Message): Uint8Array {
  return encodeMessage(message, { limitBytes: 65_535 });
}

/** What a client sees, or undefined where it gets nothing. */
export async function seen(engine: Engine, asked: Packet = packet()): Promise<Message | undefined> {
  const octets = await engine.handle(asked);
  return octets === undefined ? undefined : decodeMessage(octets);
}
