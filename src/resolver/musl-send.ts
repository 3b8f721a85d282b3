/** How musl asks its servers for a candidate (src/network/res_msend.c): all at once, and the first usable reply counts. */
import { type Message, type Question, Rcode } from '../dns/index.ts';
import type { Nameserver, ResolvConf } from './conf.ts';
import {
  type Answered,
  type Channel,
  type Failure,
  type Findings,
  failureOf,
  type Inquiry,
} from './inquiry.ts';
import type { Silence } from './line.ts';
import { headerRcode, verdictOf } from './reply.ts';
import { isBefore124 } from './version.ts';

/** Times that a server may be asked again at once for SERVFAIL, in each round, per question. */
const SERVFAIL_RETRIES = 2;

export class MuslSend {
  readonly #conf: ResolvConf;
  readonly #inquiry: Inquiry;
  readonly #questions: readonly Question[];
  readonly #followsTruncation: boolean;
  readonly #channels: Channel[] = [];
  readonly #accepted = new Map<Question, Message>();
  /** Questions that are asked over TCP now. */
  readonly #overTcp = new Map<Question, Promise<void>>();
  readonly #failures = new Map<Question, Failure>();
  /** Every question has its reply, or TCP failed and musl gives up. */
  readonly #end = new AbortController();
  #servfailRetries = 0;

  constructor(conf: ResolvConf, inquiry: Inquiry, questions: readonly Question[], muslVersion: string) {
    this.#conf = conf;
    this.#inquiry = inquiry;
    this.#questions = questions;
    this.#followsTruncation = !isBefore124(muslVersion);
  }

  async run(): Promise<Findings> {
    const ended = new Promise<void>((resolve) => {
      this.#end.signal.addEventListener('abort', () => resolve());
    });
    try {
      await this.#rounds(ended);
      this.#inquiry.signal.throwIfAborted();
      return this.#findings();
    } finally {
      this.#end.abort();
    }
  }

  /** `attempts` rounds share `timeout`. Servers that are done early do not shorten a round. */
  async #rounds(ended: Promise<void>): Promise<void> {
    const totalMs = this.#conf.timeoutSeconds * 1000;
    if (totalMs <= 0) return;
    const roundMs = Math.trunc(totalMs / this.#conf.attempts);
    const endsAt = performance.now() + totalMs;
    const either = AbortSignal.any([this.#end.signal, this.#inquiry.signal]);
    for (let round = 0; round < this.#conf.attempts && !either.aborted; round++) {
      const pause = this.#inquiry.network.pause(roundMs, either);
      await Promise.race([ended, Promise.all([pause, this.#round(roundMs, endsAt)])]);
    }
    await Promise.race([ended, Promise.all(this.#overTcp.values())]);
  }

  async #round(roundMs: number, endsAt: number): Promise<void> {
    this.#servfailRetries = SERVFAIL_RETRIES * this.#questions.length;
    const roundEndsAt = performance.now() + roundMs;
    // Sockets of the last round stay open: a late reply counts.
    if (this.#channels.length === 0) {
      for (const server of this.#conf.nameservers) this.#channels.push(this.#inquiry.open(server, 'udp'));
    }
    const open = this.#questions.filter((question) => this.#isOpen(question));
    await Promise.all(
      open.flatMap((question) =>
        this.#channels.map((_, at) => this.#askServer(at, question, roundEndsAt, endsAt)),
      ),
    );
  }

  #isOpen(question: Question): boolean {
    return !this.#accepted.has(question) && !this.#overTcp.has(question);
  }

  async #askServer(at: number, question: Question, roundEndsAt: number, endsAt: number): Promise<void> {
    for (;;) {
      const channel = this.#channels[at];
      if (channel === undefined) return;
      const reply = await channel.ask(question, roundEndsAt - performance.now());
      if (!this.#isOpen(question) || this.#end.signal.aborted || reply === 'closed') return;
      if (typeof reply === 'string') return this.#silent(at, channel, question, reply);
      if (isUsable(reply)) return this.#take(question, reply, channel, endsAt);
      // Any other rcode is as good as silence, but SERVFAIL is worth asking again.
      this.#failures.set(question, failureOf(verdictOf(reply, question, 'musl')));
      if (headerRcode(reply) !== Rcode.SERVFAIL || this.#servfailRetries === 0) return;
      this.#servfailRetries--;
    }
  }

  /** musl does not see that a port is closed: its socket is not connected. The next round asks again. */
  #silent(at: number, channel: Channel, question: Question, silence: Silence): void {
    const failure = silence === 'unreachable' ? silence : 'timeout';
    if (!this.#failures.has(question)) this.#failures.set(question, failure);
    if (silence === 'timeout' || this.#channels[at] !== channel) return;
    channel.close();
    this.#channels[at] = this.#inquiry.open(channel.server, 'udp');
  }

  #take(question: Question, reply: Message, { server }: Channel, endsAt: number): void {
    if (!reply.tc || !this.#followsTruncation) {
      this.#accept(question, reply);
      return;
    }
    const asking = this.#askOverTcp(question, server, endsAt);
    // It is looked at when the rounds are over.
    asking.catch(() => {});
    this.#overTcp.set(question, asking);
  }

  /** Whatever goes wrong over TCP ends everything. */
  async #askOverTcp(question: Question, server: Nameserver, endsAt: number): Promise<void> {
    const channel = this.#inquiry.open(server, 'tcp');
    try {
      const reply = await channel.ask(question, endsAt - performance.now());
      if (typeof reply !== 'string' && isUsable(reply)) return this.#accept(question, reply);
      const failure = typeof reply === 'string' ? 'timeout' : failureOf(verdictOf(reply, question, 'musl'));
      this.#failures.set(question, failure);
      this.#end.abort();
    } finally {
      channel.close();
    }
  }

  #accept(question: Question, reply: Message): void {
    this.#accepted.set(question, reply);
    if (this.#accepted.size === this.#questions.length) this.#end.abort();
  }

  /** One question without a reply spoils the other's. */
  #findings(): Findings {
    const replies: Answered[] = [];
    for (const question of this.#questions) {
      const reply = this.#accepted.get(question);
      if (reply === undefined) return { replies, failure: this.#failures.get(question) ?? 'timeout' };
      replies.push({ question, reply });
    }
    return { replies };
  }
}

/** Any other rcode is taken for silence. */
function isUsable(reply: Message): boolean {
  const rcode = headerRcode(reply);
  return rcode === Rcode.NOERROR || rcode === Rcode.NXDOMAIN;
}
