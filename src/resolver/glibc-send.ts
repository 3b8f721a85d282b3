/** How glibc asks its servers for a candidate (resolv/res_send.c): one after the other, A and AAAA together on one socket. */
import { type Message, type Question, Rcode } from '../dns/index.ts';
import { limits } from '../limits.ts';
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

/** What outlives a candidate. */
export interface GlibcState {
  /** Whether two questions go out together, or one behind the other's reply, or that from a new socket. */
  mode: 'together' | 'in-turn' | 'reopen';
  /** Index of the server that comes first; grows by one for each candidate under `rotate`. */
  rotation: number;
}

/** What a server was good for: the next one is asked, or the same over TCP, or these replies count. */
type Turn =
  /** `bad`: the reply is an error of the server; what follows depends on the other question. */
  | { readonly kind: 'next' | 'tcp' | 'bad' }
  /** `half`: there was silence for the other question. */
  | { readonly kind: 'replies' | 'half'; readonly answered: readonly Answered[] };

const NEXT: Turn = { kind: 'next' };
/** Errors that let the next server be asked; any other rcode is an answer. */
const SERVER_ERRORS: ReadonlySet<number> = new Set([Rcode.SERVFAIL, Rcode.NOTIMP, Rcode.REFUSED]);

export class GlibcSend {
  readonly #conf: ResolvConf;
  readonly #inquiry: Inquiry;
  readonly #state: GlibcState;
  readonly #questions: readonly Question[];
  /** One socket a server, kept over all attempts: a late reply to the first one counts. */
  readonly #channels = new Map<Nameserver, Channel>();
  #overTcp: boolean;
  /** Whether a server was silent or said something: if not, all refused the packet. */
  #gotSomewhere = false;
  /** The error that stays if all servers fail: the last one that was read, over silence in between. */
  #failure: Failure = 'timeout';
  #tcpSilence: Silence = 'timeout';

  constructor(conf: ResolvConf, inquiry: Inquiry, state: GlibcState, questions: readonly Question[]) {
    this.#conf = conf;
    this.#inquiry = inquiry;
    this.#state = state;
    this.#questions = questions;
    this.#overTcp = conf.flags.has('use-vc');
  }

  async run(): Promise<Findings> {
    const replies = await this.#askAll();
    return replies === undefined ? { replies: [], failure: this.#verdict() } : { replies };
  }

  #verdict(): Failure {
    const refused = this.#overTcp ? this.#tcpSilence === 'unreachable' : !this.#gotSomewhere;
    return refused ? 'unreachable' : this.#failure;
  }

  async #askAll(): Promise<readonly Answered[] | undefined> {
    const { nameservers, attempts, flags } = this.#conf;
    const shift = flags.has('rotate') ? this.#state.rotation++ : 0;
    const order = nameservers.map((_, index) => (index + shift) % nameservers.length);
    for (let attempt = 0; attempt < attempts; attempt++) {
      for (const index of order) {
        const turn = this.#overTcp ? NEXT : await this.#askOverUdp(index);
        if (turn.kind === 'replies' || turn.kind === 'half') return turn.answered;
        if (turn.kind === 'tcp') this.#overTcp = true;
        if (!this.#overTcp) continue;
        const answered = await this.#askOverTcp(index);
        if (answered !== undefined) return answered;
      }
      // Over TCP each server is asked once.
      if (this.#overTcp) return undefined;
    }
    return undefined;
  }

  /** Where one of two questions meets silence, both are asked again in turn, then from a socket each. */
  async #askOverUdp(index: number): Promise<Turn> {
    const together = this.#questions.length > 1;
    for (;;) {
      const { mode } = this.#state;
      const turn = together && mode === 'together' ? await this.#together(index) : await this.#inTurn(index);
      if (turn.kind !== 'half' || mode === 'reopen') return turn;
      this.#state.mode = mode === 'together' ? 'in-turn' : 'reopen';
      if (this.#state.mode === 'reopen') this.#drop(index);
    }
  }

  async #together(index: number): Promise<Turn> {
    const channel = this.#channel(index);
    const waitMs = this.#waitMs(index);
    const waiting = new Map(
      this.#questions.map((question) => {
        const arrival = channel.ask(question, waitMs).then((reply) => ({ question, reply }));
        // It may not be looked at any more.
        arrival.catch(() => {});
        return [question, arrival];
      }),
    );
    const good: Answered[] = [];
    for (let isFirst = true; waiting.size > 0; isFirst = false) {
      const { question, reply } = await Promise.race(waiting.values());
      waiting.delete(question);
      // One bad reply alone leaves the other question its chance, but for the option.
      const mayWait = isFirst && !this.#conf.flags.has('strict-error');
      const turn = this.#judge(index, question, reply, good, isFirst);
      if (turn === undefined || (turn.kind === 'bad' && mayWait)) continue;
      return turn.kind === 'bad' ? this.#afterBad(index, good) : turn;
    }
    return good.length > 0 ? { kind: 'replies', answered: good } : NEXT;
  }

  async #inTurn(index: number): Promise<Turn> {
    const endsAt = performance.now() + this.#waitMs(index);
    const good: Answered[] = [];
    for (const question of this.#questions) {
      if (good.length > 0 && this.#state.mode === 'reopen') this.#drop(index);
      const reply = await this.#channel(index).ask(question, endsAt - performance.now());
      const turn = this.#judge(index, question, reply, good, good.length === 0);
      if (turn !== undefined) return turn.kind === 'bad' ? this.#afterBad(index, good) : turn;
    }
    return { kind: 'replies', answered: good };
  }

  /** Undefined where the reply is good, and is among `good` then. */
  #judge(
    index: number,
    question: Question,
    reply: Message | Silence,
    good: Answered[],
    isFirst: boolean,
  ): Turn | undefined {
    this.#inquiry.signal.throwIfAborted();
    if (reply === 'timeout') {
      this.#gotSomewhere = true;
      return good.length > 0 ? { kind: 'half', answered: good } : NEXT;
    }
    if (typeof reply === 'string') {
      this.#drop(index);
      return NEXT;
    }
    this.#gotSomewhere = true;
    const verdict = verdictOf(reply, question, 'glibc');
    if (SERVER_ERRORS.has(headerRcode(reply)) || verdict === 'lame') {
      if (isFirst) this.#failure = failureOf(verdict);
      return { kind: 'bad' };
    }
    if (isFirst) this.#failure = 'timeout';
    if (reply.tc) return { kind: 'tcp' };
    good.push({ question, reply });
    return undefined;
  }

  /** An error: a good reply to the other question counts all the same, but for the option. */
  #afterBad(index: number, good: readonly Answered[]): Turn {
    if (good.length > 0 && !this.#conf.flags.has('strict-error')) return { kind: 'replies', answered: good };
    this.#drop(index);
    return NEXT;
  }

  /** Whatever the rcode is: a reply over TCP counts, and the next server is not asked. */
  async #askOverTcp(index: number): Promise<readonly Answered[] | undefined> {
    const channel = this.#inquiry.open(this.#server(index), 'tcp');
    try {
      const replies = await Promise.all(
        this.#questions.map((question) => channel.ask(question, limits.resolverTcpMs)),
      );
      this.#inquiry.signal.throwIfAborted();
      const answered: Answered[] = [];
      for (const [at, reply] of replies.entries()) {
        const question = this.#questions[at];
        if (typeof reply === 'string') this.#tcpSilence = reply;
        else if (question !== undefined) answered.push({ question, reply });
      }
      return answered.length === replies.length ? answered : undefined;
    } finally {
      channel.close();
    }
  }

  /** The wait doubles from server to server, shared among all: 5, 5, 6... */
  #waitMs(index: number): number {
    const { timeoutSeconds, nameservers } = this.#conf;
    const doubled = Math.trunc(timeoutSeconds * 2 ** index);
    return 1000 * Math.max(1, index > 0 ? Math.trunc(doubled / nameservers.length) : doubled);
  }

  #server(index: number): Nameserver {
    const server = this.#conf.nameservers[index];
    if (server === undefined) throw new RangeError(`there is no server ${index}`);
    return server;
  }

  #channel(index: number): Channel {
    const server = this.#server(index);
    const channel = this.#channels.get(server) ?? this.#inquiry.open(server, 'udp');
    this.#channels.set(server, channel);
    return channel;
  }

  #drop(index: number): void {
    const server = this.#server(index);
    this.#channels.get(server)?.close();
    this.#channels.delete(server);
  }
}
