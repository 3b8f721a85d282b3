/**
 * The way of a query on one listener, apart from sockets: accept, decode, route, ask the chain, shape, encode.
 * Nothing that a client sends and nothing that a plugin does makes this throw.
 */
import { WireError } from '../dns/errors.ts';
import type { Message, Question } from '../dns/message.ts';
import type { Name } from '../dns/name.ts';
import type { ResourceRecord } from '../dns/record.ts';
import { Opcode, Rcode, RrClass, RrType } from '../dns/types.ts';
import { decodeMessage, decodeQuestion } from '../dns/wire/decode.ts';
import { encodeMessage } from '../dns/wire/encode.ts';
import type { WireHeader } from '../dns/wire/header.ts';
import { limits } from '../limits.ts';
import type { Peer } from '../plugins/plugin.ts';
import { failure, type Reply, whenReplied } from '../plugins/reply.ts';
import { type Reason, reasons } from '../reasons.ts';
import { accept, formatError } from './accept.ts';
import { hashQuery, NOT_KEPT } from './answers/key.ts';
import { AnswerTable } from './answers/table.ts';
import { type MessageStream, TransferStream } from './message-stream.ts';
import { ServerQuery } from './query.ts';
import type { Router } from './router.ts';
import { badVersion, encodeReply, replyLimit } from './shape.ts';

export type Octets = Uint8Array | undefined;

/** A message as a socket got it. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly client: Peer;
  readonly local: Peer;
  readonly transport: 'udp' | 'tcp';
  /** Sends a reply of many messages, where the transport can: then `handle` gives no octets. */
  readonly stream?: Stream;
}

export type Stream = (messages: MessageStream) => void;

/** What the engine tells the rest of the server about. */
export interface EngineEvents {
  /** The core itself turned a query away. */
  rejected(
    query: ServerQuery,
    sent: { readonly bytes: number; readonly rcode: number },
    reason: Reason,
  ): void;
  /** A plugin threw. */
  panicked(server: string, error: unknown, withStack: boolean): void;
  /** A query is left unanswered because too many wait already. */
  dropped(server: string, reason: 'waiting-queries'): void;
}

export interface EngineOptions {
  readonly router: Router;
  /** Label of the listener: `dns://:53`. */
  readonly server: string;
  /** Whether a plugin of any block on the listener takes classes other than IN. */
  readonly anyClass: boolean;
  /** Let a failing plugin end the process, to be debugged. */
  readonly unguarded: boolean;
  /** Log the stack of a failing plugin. */
  readonly stacktrace: boolean;
  readonly events: EngineEvents;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #answers = new AnswerTable<ServerQuery>();
  #waiting = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Queries whose answers are not there yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The octets to send back; undefined for what is not answered. Synchronous where the chain is. */
  handle(packet: Packet): Octets | Promise<Octets> {
    // Over TCP the socket costs more than the answer.
    const hash = packet.transport === 'udp' ? hashQuery(packet.bytes, packet.client.family) : NOT_KEPT;
    if (hash === NOT_KEPT) return this.#handleNew(packet, NOT_KEPT);
    return this.#repeat(packet, hash) ?? this.#handleNew(packet, hash);
  }

  /** What was answered before and still stands. */
  #repeat({ bytes, client, local }: Packet, hash: number): Octets {
    const answer = this.#answers.find(hash, bytes, client.family);
    if (answer === undefined) return undefined;
    const { octets: kept, origin } = answer;
    const octets = kept.slice();
    octets.set(bytes.subarray(0, 2));
    const id = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
    try {
      origin.repeated(octets.length, answer.rcode, { client, local, id, receivedAt: performance.now() });
    } catch (error) {
      this.#failed(error);
    }
    return octets;
  }

  #keep(hash: number, query: ServerQuery, packet: Packet, reply: Reply, octets: Uint8Array): void {
    const { validity, rcode } = reply;
    // What other plugins did for a question of their own, or said of a failure, would not be done and said again.
    if (validity.kind !== 'while' || reply.error !== undefined || query.hasReentered) return;
    if (octets.length > limits.answerReplyBytes) return;
    this.#answers.keep(hash, packet.bytes, query.client.family, reply.answer.length === 0, () => ({
      ...{ octets: octets.slice(), rcode, validity, origin: query },
    }));
  }

  #handleNew(packet: Packet, hash: number): Octets | Promise<Octets> {
    const acceptance = accept(packet.bytes);
    if (acceptance.kind === 'ignore') return undefined;
    if (acceptance.kind === 'reject') return encodeBare(acceptance.reply);
    let message: Message;
    try {
      message = decodeMessage(packet.bytes);
    } catch (error) {
      if (error instanceof WireError)
        return encodeBare(formatError(acceptance.header, decodeQuestion(packet.bytes)));
      throw error;
    }
    return this.#serve(packet, message, acceptance.header, hash);
  }

  /**
   * Asks the chain for a zone's SOA as a client would, and nobody hears of the reply.
   * @throws {unknown} what a plugin throws, by rejection too
   */
  async tryOut(zone: Name): Promise<void> {
    const question = { name: zone, type: RrType.SOA, class: RrClass.IN };
    const packet: Packet = { bytes: NO_OCTETS, client: OURSELVES, local: OURSELVES, transport: 'udp' };
    const query = this.#query(packet, soleQuestion(question), question);
    const reply = await this.#options.router.find(zone, RrType.SOA)?.handler?.(query);
    if (reply !== undefined) encodeReply(query, reply);
  }

  #serve(packet: Packet, message: Message, header: WireHeader, hash: number): Octets | Promise<Octets> {
    const question = message.questions[0];
    // The header promised one question; decoding has read it.
    if (question === undefined) return encodeBare(formatError(header, undefined));
    if (this.#waiting >= limits.waitingQueries) {
      this.#options.events.dropped(this.#options.server, 'waiting-queries');
      return undefined;
    }
    const query = this.#query(packet, message, question);
    const refused = query.class !== RrClass.IN && !this.#options.anyClass;
    // RFC 6891 §6.1.3: a version that is not known is answered BADVERS with the highest that is: 0.
    if (!refused && message.edns !== undefined && message.edns.version !== 0)
      return encodeBare(badVersion(message));
    const reply = refused ? this.#reject(query, Rcode.REFUSED, reasons.notInternetClass) : this.#route(query);
    if (!(reply instanceof Promise)) return this.#finish(query, reply, packet, hash);
    this.#waiting++;
    return reply.then((settled) => {
      this.#waiting--;
      return this.#finish(query, settled, packet);
    });
  }

  #query(packet: Packet, message: Message, question: Question): ServerQuery {
    const arrival = {
      message,
      client: packet.client,
      local: packet.local,
      transport: packet.transport,
      size: packet.bytes.length,
      replyLimit: replyLimit(message, packet.transport),
      receivedAt: performance.now(),
      server: this.#options.server,
    };
    return new ServerQuery(arrival, question, this.#resolve);
  }

  /** The chain of the block that has the name. */
  #route(query: ServerQuery): Reply | Promise<Reply> {
    const route = this.#options.router.find(query.name, query.type);
    if (route === undefined) return this.#reject(query, Rcode.REFUSED, reasons.noZone);
    if (route.handler === undefined) return this.#reject(query, Rcode.REFUSED, reasons.noPlugins);
    if (this.#options.unguarded) return route.handler(query);
    try {
      const reply = route.handler(query);
      return reply instanceof Promise ? reply.catch((error: unknown) => this.#failed(error)) : reply;
    } catch (error) {
      return this.#failed(error);
    }
  }

  readonly #resolve = (from: ServerQuery, name: Name, type: number): Reply | Promise<Reply> => {
    if (from.depth >= limits.upstreamReentries) return failure(Rcode.SERVFAIL, reasons.chaseTooDeep);
    const question = { name, type, class: RrClass.IN };
    const arrival = { ...from, message: { ...from.message, questions: [question] } };
    const query = new ServerQuery(arrival, question, this.#resolve, from.depth + 1);
    return whenReplied(this.#route(query), (reply) => {
      this.#finish(query, reply);
      return reply;
    });
  };

  #reject(query: ServerQuery, rcode: number, reason: Reason): Reply {
    query.onSent((sent) => this.#options.events.rejected(query, sent, reason));
    return failure(rcode, reason);
  }

  #failed(error: unknown): Reply {
    // A reply that no message can hold is no accident to be debugged: an upstream may have made it.
    if (this.#options.unguarded && !(error instanceof WireError)) throw error;
    this.#options.events.panicked(this.#options.server, error, this.#options.stacktrace);
    return failure(Rcode.SERVFAIL, reasons.internalError);
  }

  /** The octets of the reply, or of SERVFAIL where no message can hold it. */
  #finish(query: ServerQuery, reply: Reply, packet?: Packet, hash = NOT_KEPT): Octets {
    try {
      if (reply.transfer !== undefined) return this.#transfer(query, reply, reply.transfer, packet?.stream);
      if (reply.dropped) return this.#sent(query, undefined, reply.rcode);
      const octets = encodeReply(query, reply);
      if (packet !== undefined && hash !== NOT_KEPT) this.#keep(hash, query, packet, reply, octets);
      return this.#sent(query, octets, reply.rcode);
    } catch (error) {
      const instead = this.#failed(error);
      return this.#sent(query, encodeReply(query, instead), instead.rcode);
    }
  }

  /** Hands the messages over; what is told of a reply once it is sent is told at the end of them. */
  #transfer(
    query: ServerQuery,
    reply: Reply,
    records: Iterable<ResourceRecord>,
    stream: Stream | undefined,
  ): Octets {
    if (stream === undefined) return this.#finish(query, failure(Rcode.REFUSED, reasons.transferOverUdp));
    const messages = new TransferStream(query, reply, records, {
      failed: (error) => this.#failed(error),
      ended: (bytes, isWhole) => this.#tell(query, bytes, isWhole ? reply.rcode : Rcode.SERVFAIL),
    });
    stream(messages);
    return undefined;
  }

  #sent(query: ServerQuery, octets: Octets, rcode: number): Octets {
    this.#tell(query, octets?.length ?? 0, rcode);
    return octets;
  }

  #tell(query: ServerQuery, bytes: number, rcode: number): void {
    try {
      query.sent(bytes, rcode);
    } catch (error) {
      this.#failed(error);
    }
  }
}

const NO_OCTETS = new Uint8Array();
const OURSELVES: Peer = { address: '127.0.0.1', port: 0, family: 4 };

function soleQuestion(question: Question): Message {
  return {
    ...{ id: 0, qr: false, opcode: Opcode.QUERY, aa: false, tc: false, rd: true, ra: false, z: false },
    ...{ ad: false, cd: false, rcode: Rcode.NOERROR, questions: [question], answer: [], authority: [] },
    additional: [],
  };
}

/** A reply of the core's own: header and at most the question, which fit everywhere. */
function encodeBare(message: Message): Uint8Array {
  return encodeMessage(message, { limitBytes: limits.udpPayloadMinBytes });
}
