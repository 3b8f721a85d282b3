/**
 * Sends probes until it is clear whether they come back. While they do, the `forward` that they leave by is closed, and
 * everything else is answered. Only a query with the name of the probe under way counts: 124 random bits that were told
 * to nobody but the upstreams, and are forgotten with the reply. So no client can make a loop of nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Name } from '../../dns/name.ts';
import { Rcode } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { reasons } from '../../reasons.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { GaugeChild, Metrics } from '../../telemetry/metrics.ts';
import { joinHostPort } from '../http-listener.ts';
import type { BlockListener, Handler, Query, UpstreamGate } from '../plugin.ts';
import { failure, type Reply, whenReplied } from '../reply.ts';
import { Probe } from './probe.ts';

export interface LoopWatchOptions {
  /** Probes have names in it. */
  readonly zone: Name;
  /** Of the block, in the order in which queries try them. */
  readonly gates: readonly UpstreamGate[];
  readonly metrics: Metrics;
  readonly log: Logger;
}

interface Loop {
  readonly gate: UpstreamGate | undefined;
  /** As the Corefile has it: `forward . 127.0.0.53:53`. */
  readonly way: string;
  /** What is wrong and what to do. */
  readonly text: string;
}

/** `unheard`: no reply. `unproven`: a reply, but none of an upstream. */
type Finding = 'loop' | 'no-loop' | 'unproven' | 'unheard';

const ADVICE =
  'mostly because of a resolv.conf that names a local stub such as 127.0.0.53: name real upstreams in the Corefile, or ' +
  "give the pod the host's /run/systemd/resolve/resolv.conf";

/** Where a wildcard address is asked on. */
const LOOPBACK: Readonly<Record<string, string>> = { '': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' };

export class LoopWatch {
  readonly #options: LoopWatchOptions;
  readonly #stopped = new AbortController();
  #listener: BlockListener = { server: '', host: '', port: 0 };
  /** The one that is under way. */
  #probe: Probe | undefined;
  #loop: Loop | undefined;

  constructor(options: LoopWatchOptions) {
    this.#options = options;
  }

  /** The loop that there is, in a sentence. */
  get note(): string | undefined {
    return this.#loop?.text;
  }

  /** Begins to look, and goes on in the background. */
  start(listener: BlockListener): void {
    this.#listener = listener;
    this.#gauge().set(0);
    this.#look().catch((error: Error) => this.#options.log.error(`no probe can be sent: ${error.message}`));
  }

  stop(): void {
    this.#stopped.abort();
    this.#probe?.end();
    this.#probe = undefined;
    // The one that replaces this instance sets it again when it finds the same.
    if (this.#loop !== undefined) this.#gauge().set(0);
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    const probe = this.#probe;
    if (probe === undefined || !probe.is(query)) return next(query);
    if (probe.goesRound()) return this.#break(query, probe);
    return whenReplied(next(query), (reply) => {
      if (reply.error !== undefined) probe.hasFailed = true;
      return reply;
    });
  }

  /** Again and again, each second at first, until a reply has proved that there is no loop. */
  async #look(): Promise<void> {
    const hurriesUntil = performance.now() + limits.loopHurryMs;
    while (!this.#stopped.signal.aborted) {
      const finding = await this.#ask();
      if (finding === 'no-loop') return this.#open();
      const hurries = finding === 'unheard' && performance.now() < hurriesUntil;
      if (hurries) await this.#pause(limits.loopRetryMs);
      else await this.#pause(this.#loop === undefined ? limits.loopUnprovenMs : limits.loopLookMs);
    }
  }

  #pause(ms: number): Promise<void> {
    // Ended early, it has done its work.
    return sleep(ms, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => {});
  }

  async #ask(): Promise<Finding> {
    const { host, port } = this.#listener;
    const probe = new Probe(this.#options.zone, { host: LOOPBACK[host] ?? host, port });
    this.#probe = probe;
    try {
      const isAnswered = await probe.isAnswered();
      if (this.#probe !== probe) return 'loop';
      if (!isAnswered) return 'unheard';
      return probe.hasFailed && this.#gateOf(probe) !== undefined ? 'unproven' : 'no-loop';
    } finally {
      this.#probe = undefined;
      probe.end();
    }
  }

  #gateOf({ name }: Probe): UpstreamGate | undefined {
    return this.#options.gates.find((gate) => gate.covers(name));
  }

  /** Ends the round of a probe, and with it the loop. */
  #break(query: Query, probe: Probe): Reply {
    this.#probe = undefined;
    const gate = this.#gateOf(probe);
    const way = gate?.description ?? 'an upstream';
    const text = `${way} sends queries back here, ${ADVICE}`;
    if (this.#loop === undefined) this.#report(query, probe, text);
    this.#loop = { gate, way, text };
    const isProbe = (name: Name) => this.#probe?.name.equals(name) === true;
    gate?.close(`loop: ${way} sends queries back here: name real upstreams`, isProbe);
    this.#gauge().set(1);
    return failure(Rcode.SERVFAIL, reasons.forwardLoop);
  }

  #report({ client }: Query, { name }: Probe, text: string): void {
    const way = `${joinHostPort({ host: client.address, port: client.port })} -> ${joinHostPort(this.#listener)}`;
    const { zone, log } = this.#options;
    const loop = `Loop (${way}) detected for zone "${zone}"`;
    log.error(
      `${loop}: ${text}. Until then its names are SERVFAIL, all others are answered. Query: "HINFO ${name}"`,
    );
  }

  #open(): void {
    if (this.#loop === undefined) return;
    const { gate, way } = this.#loop;
    this.#loop = undefined;
    gate?.open();
    this.#gauge().set(0);
    this.#options.log.info(`the loop for zone "${this.#options.zone}" is gone: ${way} is asked again`);
  }

  #gauge(): GaugeChild {
    const { metrics, zone } = this.#options;
    return metrics
      .gauge('corvidns_loop_detected', 'Whether an upstream sends queries back here: 1 for a loop.', [
        'server',
        'zone',
      ])
      .labels(this.#listener.server, zone.toString());
  }
}
