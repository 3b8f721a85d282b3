/** Asks the servers for one lookup, and keeps what was asked and what came back. */
import type { Message, Question } from '../dns/index.ts';
import { type Libc, type Nameserver, nameserverText } from './conf.ts';
import type { Line, Network, Silence, Transport } from './line.ts';
import type { QueryOptions } from './match.ts';
import { type ReplyVerdict, verdictOf } from './reply.ts';

/** One query to one server. */
export interface Attempt {
  /** The name that was asked. */
  readonly candidate: string;
  readonly type: number;
  readonly server: string;
  readonly transport: Transport;
  /** `closed`: the reply was not waited for, since another one was enough. */
  readonly outcome: ReplyVerdict | 'truncated' | Silence;
  readonly ms: number;
}

/** A line that is being watched. */
export interface Channel {
  readonly server: Nameserver;
  ask(question: Question, waitMs: number): Promise<Message | Silence>;
  close(): void;
}

export class Inquiry {
  /** In the order in which they ended. */
  readonly attempts: Attempt[] = [];
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly libc: Libc;
  readonly #query: QueryOptions;
  readonly #open = new Set<Line>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(network: Network, libc: Libc, query: QueryOptions, signal: AbortSignal) {
    this.network = network;
    this.libc = libc;
    this.#query = query;
    this.signal = signal;
  }

  open(server: Nameserver, transport: Transport): Channel {
    const line = this.network.open(server, transport, this.#query);
    this.#open.add(line);
    return {
      server,
      ask: (question, waitMs) => this.#keep(this.#ask(line, server, transport, question, waitMs)),
      close: () => {
        this.#open.delete(line);
        line.close();
      },
    };
  }

  /** Ends every line: what waits gets `closed`. */
  close(): void {
    for (const line of this.#open) line.close();
    this.#open.clear();
  }

  /** The same, and waits until everything is among the attempts. */
  async settle(): Promise<void> {
    this.close();
    await Promise.all(this.#pending);
  }

  #keep<Reply>(asking: Promise<Reply>): Promise<Reply> {
    // Who asked may not look at it any more.
    const ended = asking.then(
      () => {},
      () => {},
    );
    this.#pending.add(ended);
    void ended.then(() => this.#pending.delete(ended));
    return asking;
  }

  async #ask(
    line: Line,
    server: Nameserver,
    transport: Transport,
    question: Question,
    waitMs: number,
  ): Promise<Message | Silence> {
    const startedAt = performance.now();
    const reply = await line.ask(question, waitMs);
    this.attempts.push({
      candidate: question.name.toString(),
      type: question.type,
      server: nameserverText(server),
      transport,
      outcome: this.#outcome(reply, question),
      ms: performance.now() - startedAt,
    });
    return reply;
  }

  #outcome(reply: Message | Silence, question: Question): Attempt['outcome'] {
    if (typeof reply === 'string') return reply;
    return reply.tc ? 'truncated' : verdictOf(reply, question, this.libc);
  }
}

/** What came of a candidate. */
export interface Findings {
  /** The replies that count, each with its question: none where no server gave one. */
  readonly replies: readonly Answered[];
  /** Why no reply counts; nothing where some do. */
  readonly failure?: Failure;
}

export type Failure = 'servfail' | 'refused' | 'notimp' | 'error' | 'lame' | 'timeout' | 'unreachable';

/** The failure that a reply is. */
export function failureOf(verdict: ReplyVerdict): Failure {
  switch (verdict) {
    case 'answer':
    case 'alias-only':
    case 'nodata':
    case 'nxdomain':
      return 'error';
    default:
      return verdict;
  }
}

export interface Answered {
  readonly question: Question;
  readonly reply: Message;
}
