/** Ways to one server for the time of one candidate: what the walk asks over, be it sockets or a function. */
import type { Message, Name, Question } from '../dns/index.ts';
import type { Nameserver } from './conf.ts';
import type { QueryOptions } from './match.ts';

export type Transport = 'udp' | 'tcp';

/**
 * Why there is no message: nobody answered in time, nobody is there (connection refused), the connection broke, or the line
 * was closed since nobody wants to know any more.
 */
export type Silence = 'timeout' | 'unreachable' | 'broken' | 'closed';

export interface Line {
  /** Asks, once more with the same ID where it asked before: a late reply to the first time counts. Never rejects. */
  ask(question: Question, waitMs: number): Promise<Message | Silence>;
  close(): void;
}

export interface Network {
  open(server: Nameserver, transport: Transport, query: QueryOptions): Line;
  /** Waits, or ends early when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** Answers in place of the network. */
export type Ask = (
  name: Name,
  type: number,
  server: Nameserver,
  transport: Transport,
) => Promise<Message | 'timeout' | 'unreachable'>;

/** A network without sockets or clocks. */
export function inProcess(ask: Ask): Network {
  return {
    open: (server, transport) => {
      const { promise: closed, resolve } = Promise.withResolvers<Silence>();
      return {
        ask: ({ name, type }) => Promise.race([ask(name, type, server, transport), closed]),
        close: () => resolve('closed'),
      };
    },
    pause: async () => {},
  };
}
