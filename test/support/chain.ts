/** A server block of chosen plugins on sockets of loopback: what they do to the octets that a client gets. */
import * as dnsPacket from 'dns-packet';
import { parseKey } from '../../src/corefile/key.ts';
import { parseCorefile } from '../../src/corefile/parse.ts';
import { Name } from '../../src/dns/name.ts';
import { encodeMessage } from '../../src/dns/wire/encode.ts';
import { limits } from '../../src/limits.ts';
import type { PluginFactory } from '../../src/plugins/plugin.ts';
import { AnswerTable } from '../../src/server/answers/answer-table.ts';
import { Block } from '../../src/server/block.ts';
import { Engine } from '../../src/server/engine.ts';
import { serverEvents } from '../../src/server/events.ts';
import { Hooks } from '../../src/server/hooks.ts';
import { ListenerPool } from '../../src/server/listener-pool.ts';
import type { Course } from '../../src/server/query.ts';
import { Router } from '../../src/server/router.ts';
import { chooseUdp } from '../../src/server/udp-choice.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { exchange } from './ask.ts';
import { recordingLogger } from './logger.ts';
import { makeQuery, type QueryParts } from './query.ts';
import { makeReadiness } from './setup.ts';

export interface RunningChain extends AsyncDisposable {
  /** Of UDP and TCP on 127.0.0.1. */
  readonly port: number;
  readonly metrics: PromMetrics;
  /** Log lines so far. */
  readonly lines: readonly string[];
}

/**
 * @param factories outermost first
 * @param text the lines of the block, for the root zone
 */
export async function startChain(factories: readonly PluginFactory[], text: string): Promise<RunningChain> {
  const log = recordingLogger();
  const metrics = new PromMetrics();
  const hooks = new Hooks();
  const block = setUpBlock(factories, text, {
    hooks,
    metrics,
    log,
    readiness: makeReadiness(),
    native: undefined,
    openPorts: () => new Map(),
  });
  await hooks.start();
  const events = serverEvents(metrics, log);
  const answers = new AnswerTable<Course>();
  const { anyClass, stacktrace } = block.settings;
  const engine = new Engine({
    router: new Router([{ zone: Name.root, handler: block.handler() }]),
    server: 'dns://:53',
    ...{ anyClass, stacktrace, unguarded: false, events, answers },
  });
  const pool = new ListenerPool(chooseUdp('dgram', events).open, events, answers);
  await pool.serve([{ address: { transport: 'dns', host: '127.0.0.1', port: 0 }, engine }]);
  const [port = 0] = pool.ports().values();
  return {
    port,
    metrics,
    lines: log.lines,
    [Symbol.asyncDispose]: async () => {
      await hooks.shutdown(false);
      await hooks.finalShutdown();
      await pool.close();
    },
  };
}

function setUpBlock(
  factories: readonly PluginFactory[],
  text: string,
  surroundings: ConstructorParameters<typeof Block>[2],
): Block {
  const [source] = parseCorefile(`. {\n${text}\n}\n`, 'Corefile').blocks;
  if (source === undefined) throw new Error('the text has no block');
  const keys = source.keys.flatMap((key) => parseKey(key, { dnsPort: 0 }));
  const block = new Block(source, keys, surroundings);
  for (const factory of factories) {
    const mistake = block.setUp(factory);
    if (mistake !== undefined) throw mistake;
  }
  return block;
}

/** What of an OPT record dns-packet reads. */
interface OptAnswer {
  readonly udpPayloadSize: number;
  readonly flags: number;
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[];
}

export interface WireReply {
  readonly bytes: Uint8Array;
  readonly packet: dnsPacket.DecodedPacket;
  /** Low four bits. */
  readonly rcode: number;
  readonly opt: OptAnswer | undefined;
}

/** The octets of a query. */
export function queryOctets(parts: QueryParts): Uint8Array {
  return encodeMessage(makeQuery(parts).message, { limitBytes: limits.messageBytes });
}

/** Sends a query; the reply is read by dns-packet. */
export async function askChain({ port }: RunningChain, parts: QueryParts): Promise<WireReply> {
  return readReply(await exchange(port, queryOctets(parts), parts.transport ?? 'udp'));
}

export function readReply(bytes: Uint8Array | undefined): WireReply {
  if (bytes === undefined) throw new Error('no reply');
  const packet = dnsPacket.decode(Buffer.from(bytes));
  const opt = packet.additionals?.find(({ type }) => type === 'OPT') as unknown as OptAnswer | undefined;
  return { bytes, packet, rcode: (bytes[3] ?? 0) & 0xf, opt };
}
