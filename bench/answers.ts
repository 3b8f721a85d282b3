/**
 * What a kept answer saves, and what keeping costs those that are never asked again: microseconds per query from octets
 * to octets in an engine over a cluster of 1 000 Services, median of the rounds.
 */
import { ClusterZone } from '../src/cluster/zone/cluster-zone.ts';
import { encodeMessage, Name } from '../src/dns/index.ts';
import { limits } from '../src/limits.ts';
import { Fallthrough } from '../src/plugins/fallthrough.ts';
import { KubernetesPlugin } from '../src/plugins/kubernetes/plugin.ts';
import { AnswerTable } from '../src/server/answers/answer-table.ts';
import { Engine, type Packet } from '../src/server/engine.ts';
import { serverEvents } from '../src/server/events.ts';
import type { Course } from '../src/server/query.ts';
import { Router } from '../src/server/router.ts';
import { PromMetrics } from '../src/telemetry/prom-metrics.ts';
import { namespace, service, storeOf } from '../test/support/cluster.ts';
import { recordingLogger } from '../test/support/logger.ts';
import { makeQuery } from '../test/support/query.ts';
import { median } from './statistics.ts';

const SERVICES = 1000;
const NEVER_REPEATED = 20_000;
const ROUNDS = 15;
const client = { address: '127.0.0.1', port: 40_212, family: 4 } as const;

const store = storeOf([
  namespace('prod'),
  ...Array.from({ length: SERVICES }, (_, i) =>
    service(`prod/web-${i}`, { ips: [`10.96.${i >> 8}.${i & 255}`] }),
  ),
]);
const plugin = new KubernetesPlugin(
  [new ClusterZone(store, { origin: Name.fromText('cluster.local') })],
  new Fallthrough([]),
);

function makeEngine(): Engine {
  const handler = (query: Parameters<typeof plugin.serve>[0]) =>
    plugin.serve(query, () => {
      throw new Error('not of the cluster');
    });
  return new Engine({
    router: new Router([{ zone: Name.root, handler }]),
    ...{ server: 'dns://:53', anyClass: false, unguarded: false, stacktrace: false },
    events: serverEvents(new PromMetrics(), recordingLogger()),
    answers: new AnswerTable<Course>(),
  });
}

function packetFor(name: string): Packet {
  const message = makeQuery({ name: `${name}.prod.svc.cluster.local` }).message;
  const bytes = encodeMessage(message, { limitBytes: limits.udpPayloadMinBytes }).slice();
  return { bytes, client, local: client, transport: 'udp' };
}

/** Microseconds for each packet. */
function timeOf(packets: readonly Packet[], handle: (packet: Packet) => unknown): number {
  const begin = process.hrtime.bigint();
  for (const packet of packets) handle(packet);
  return Number(process.hrtime.bigint() - begin) / 1000 / packets.length;
}

const repeated = Array.from({ length: SERVICES }, (_, i) => packetFor(`web-${i}`));
const asked = Array.from({ length: NEVER_REPEATED / SERVICES }, () => repeated).flat();
const over: readonly Packet[] = asked.map((packet) => ({ ...packet, transport: 'tcp' as const }));
const engine = makeEngine();
const rows: Record<'cold' | 'kept' | 'never repeated' | 'of it for the table', number[]> = {
  cold: [],
  kept: [],
  'never repeated': [],
  'of it for the table': [],
};
for (let round = 0; round < ROUNDS; round++) {
  const random = Array.from({ length: NEVER_REPEATED }, (_, i) => packetFor(`x${round}-${i}`));
  const table = new AnswerTable<Course>();
  const scope = table.newScope();
  rows.cold.push(timeOf(over, (packet) => engine.handle(packet)));
  rows.kept.push(timeOf(asked, (packet) => engine.handle(packet)));
  rows['never repeated'].push(timeOf(random, (packet) => engine.handle(packet)));
  rows['of it for the table'].push(
    timeOf(random, ({ bytes }) => {
      table.repeat(scope, bytes, 4);
      table.isWanted(scope, bytes, 4);
    }),
  );
}
for (const [what, times] of Object.entries(rows))
  console.log(`${what.padEnd(20)} ${median(times).toFixed(2)} µs`);
