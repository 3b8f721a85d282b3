/** Queries as the server hands them to a chain, for tests of plugins. */
import type { Edns, Message } from '../../src/dns/message.ts';
import { Name } from '../../src/dns/name.ts';
import { Opcode, RrClass, RrType } from '../../src/dns/types.ts';
import type { Handler, Peer, Query } from '../../src/plugins/plugin.ts';
import { failure } from '../../src/plugins/reply.ts';
import { reasons } from '../../src/reasons.ts';

export interface QueryParts {
  /** Default: `example.org.` */
  readonly name?: string | Name;
  /** Default: A. */
  readonly type?: number;
  readonly class?: number;
  readonly client?: Partial<Peer>;
  readonly local?: Partial<Peer>;
  readonly transport?: 'udp' | 'tcp';
  readonly size?: number;
  readonly replyLimit?: number;
  readonly receivedAt?: number;
  readonly server?: string;
  /** Parts of the message's header: ID and flags. */
  readonly message?: Partial<Message>;
  readonly edns?: Partial<Edns>;
  /** Answers what the chain asks the server again. Default: REFUSED. */
  readonly resolve?: Query['resolve'];
}

export interface TestQuery extends Query {
  /** Tells the listeners of `onSent` that the reply is out. */
  sent(bytes: number, rcode: number): void;
}

type Listener = Parameters<Query['onSent']>[0];

/** A query from 10.240.0.1:40212 over UDP with RD set, but for the given parts. */
export function makeQuery(parts: QueryParts = {}): TestQuery {
  const name = typeof parts.name === 'object' ? parts.name : Name.fromText(parts.name ?? 'example.org.');
  const type = parts.type ?? RrType.A;
  const rrClass = parts.class ?? RrClass.IN;
  const listeners: Listener[] = [];
  const counters: Parameters<Query['onCounted']>[0][] = [];
  const transport = parts.transport ?? 'udp';
  const edns = parts.edns && { udpSize: 1232, version: 0, do: false, z: 0, options: [], ...parts.edns };
  const udpLimit = Math.max(512, edns?.udpSize ?? 0);
  const message = makeMessage(parts, edns, name, type, rrClass);
  const client = makePeer(parts.client, '10.240.0.1', 40212);
  const local = makePeer(parts.local, '127.0.0.1', 53);
  const receivedAt = parts.receivedAt ?? performance.now();
  const to = { client, local, id: message.id, receivedAt };
  return derivable({
    message,
    name,
    type,
    class: rrClass,
    client,
    local,
    transport,
    size: parts.size ?? 12 + name.wire.length + 4 + (edns ? 11 : 0),
    replyLimit: parts.replyLimit ?? (transport === 'tcp' ? 65_535 : udpLimit),
    receivedAt,
    server: parts.server ?? 'dns://:53',
    resolve: parts.resolve ?? (() => failure(5, reasons.noZone)),
    onSent: (listener) => {
      listeners.push(listener);
    },
    onCounted: (listener) => {
      counters.push(listener);
    },
    sent: (bytes, rcode) => {
      for (const listener of listeners) listener({ bytes, rcode, to });
      const milliseconds = performance.now() - receivedAt;
      for (const count of counters) count({ bytes, rcode, times: 1, isRepeat: false, milliseconds });
    },
  });
}

function derivable(query: Omit<TestQuery, 'withQuestion' | 'withMessage'>): TestQuery {
  const withMessage = (message: Message) => derivable({ ...query, message, ...message.questions[0] });
  return {
    ...query,
    withMessage,
    withQuestion: (name, type, rrClass = query.class) =>
      withMessage({ ...query.message, questions: [{ name, type, class: rrClass }] }),
  };
}

function makeMessage(
  parts: QueryParts,
  edns: Edns | undefined,
  name: Name,
  type: number,
  rrClass: number,
): Message {
  return {
    id: 4711,
    qr: false,
    opcode: Opcode.QUERY,
    aa: false,
    tc: false,
    rd: true,
    ra: false,
    z: false,
    ad: false,
    cd: false,
    rcode: 0,
    questions: [{ name, type, class: rrClass }],
    answer: [],
    authority: [],
    additional: [],
    edns,
    ...parts.message,
  };
}

function makePeer(parts: Partial<Peer> | undefined, address: string, port: number): Peer {
  const peer = { address, port, ...parts };
  return { ...peer, family: parts?.family ?? (peer.address.includes(':') ? 6 : 4) };
}

/** The end of a chain that must not be reached. */
export const unreachable: Handler = () => {
  throw new Error('the query went on to the next plugin');
};
