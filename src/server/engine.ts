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
import { failure, type Reply } from '../plugins/reply.ts';
import { type Reason, reasons } from '../reasons.ts';
import { accept, formatError } from './accept.ts';
import type { AnswerTable } from './answers/answer-table.ts';
import { type MessageStream, TransferStream } from './message-stream.ts';
import { type Course, ServerQuery } from './query.ts';
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
  rejected(query: ServerQuery, reason: Reason): void;
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
  /** Of the whole process. */
  readonly answers: AnswerTable<Course>;
}

export class Engine {
  /** Whose answers those are that it keeps. */
  readonly scope: number;
  readonly #options: EngineOptions;
  readonly #answers: AnswerTable<Course>;
  #waiting = 0;
  #isRetired = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#answers = options.answers;
    this.scope = this.#answers.newScope();
  }

  /** Queries whose answers are not there yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Another engine answers from now on: nothing is repeated that this one has answered. */
  retire(): void {
    this.#isRetired = true;
    this.#answers.retire(this.scope);
  }

  /** The octets to send back; undefined for what is not answered. Synchronous where the chain is. */
  handle(packet: Packet): Octets | Promise<Octets> {
    return this.#repeat(packet) ?? this.#handleNew(packet);
  }

  /** What was answered before and still stands. */
  #repeat({ bytes, client, local, transport }: Packet): Octets {
    // Over TCP the socket costs more than the answer.
    if (transport !== 'udp') return undefined;
    const repeat = this.#answers.repeat(this.scope, bytes, client.family);
    if (repeat === undefined) return undefined;
    const { octets, rcode, origin } = repeat;
    const id = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
    try {
      origin.repeated(octets.length, rcode, { client, local, id, receivedAt: performance.now() });
    } catch (error) {
      this.#failed(error);
    }
    return octets;
  }

  #keep({ course, type }: ServerQuery, { bytes, client }: Packet, reply: Reply, octets: Uint8Array): void {
    const { validity, rcode, isShuffled } = reply;
    if (validity.kind === 'never' || this.#isRetired) return;
    // What other plugins did for a question of their own, or said of a failure, would not be done and said again.
    if (reply.error !== undefined || course.hasReentered) return;
    if (!this.#answers.isWanted(this.scope, bytes, client.family)) return;
    // Of names there are as many as are thought of, of types nearly as many.
    const isEndless = reply.answer.length === 0 && !(rcode === Rcode.NOERROR && isAddress(type));
    const answer = { octets, rcode, validity, isShuffled, isEndless, origin: course };
    this.#answers.keep(this.scope, bytes, client.family, answer);
  }

  #handleNew(packet: Packet): Octets | Promise<Octets> {
    const acceptance = accept(packet.bytes);
    if (acceptance.kind === 'ignore') return undefined;
    if (acceptance.kind === 'reject') return encodeBare(acceptance.reply);
    let message: Message;
    try {
      message = decodeMessage(packet.bytes, acceptance.header);
    } catch (error) {
      if (error instanceof WireError)
        return encodeBare(formatError(acceptance.header, decodeQuestion(packet.bytes)));
      throw error;
    }
    return this.#serve(packet, message, acceptance.header);
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

  #serve(packet: Packet, message: Message, header: WireHeader): Octets | Promise<Octets> {
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
    if (!(reply instanceof Promise)) return this.#finish(query, reply, packet);
    this.#waiting++;
    return this.#settled(reply, (settled) => {
      this.#waiting--;
      return this.#finish(query, settled, packet);
    });
  }

  #settled<T>(reply: Promise<Reply>, then: (reply: Reply) => T): Promise<T> {
    return reply.then(then, (error: unknown) => then(this.#failed(error)));
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

  /** By the chain of the block that has the name. Where that waits, its failures are the caller's. */
  #route(query: ServerQuery): Reply | Promise<Reply> {
    const route = this.#options.router.find(query.name, query.type);
    if (route === undefined) return this.#reject(query, Rcode.REFUSED, reasons.noZone);
    if (route.handler === undefined) return this.#reject(query, Rcode.REFUSED, reasons.noPlugins);
    try {
      return route.handler(query);
    } catch (error) {
      return this.#failed(error);
    }
  }

  readonly #resolve = (from: ServerQuery, name: Name, type: number): Reply | Promise<Reply> => {
    if (from.depth >= limits.upstreamReentries) return failure(Rcode.SERVFAIL, reasons.chaseTooDeep);
    const question = { name, type, class: RrClass.IN };
    const arrival = { ...from, message: { ...from.message, questions: [question] } };
    const query = new ServerQuery(arrival, question, this.#resolve, from.depth + 1);
    const finish = (reply: Reply) => {
      this.#finish(query, reply);
      return reply;
    };
    const reply = this.#route(query);
    return reply instanceof Promise ? this.#settled(reply, finish) : finish(reply);
  };

  #reject(query: ServerQuery, rcode: number, reason: Reason): Reply {
    this.#options.events.rejected(query, reason);
    return failure(rcode, reason);
  }

  #failed(error: unknown): Reply {
    // A reply that no message can hold is no accident to be debugged: an upstream may have made it.
    if (this.#options.unguarded && !(error instanceof WireError)) throw error;
    this.#options.events.panicked(this.#options.server, error, this.#options.stacktrace);
    return failure(Rcode.SERVFAIL, reasons.internalError);
  }

  /** The octets of the reply, or of SERVFAIL where no message can hold it. */
  #finish(query: ServerQuery, reply: Reply, packet?: Packet): Octets {
    try {
      if (reply.transfer !== undefined) return this.#transfer(query, reply, reply.transfer, packet?.stream);
      if (reply.dropped) return this.#sent(query, undefined, reply.rcode);
      const octets = encodeReply(query, reply);
      if (packet?.transport === 'udp') this.#keep(query, packet, reply, octets);
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

function isAddress(type: number): boolean {
  return type === RrType.A || type === RrType.AAAA;
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
