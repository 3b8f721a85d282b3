/** A query as the server hands it to a chain. */
import type { Message } from '../dns/message.ts';
import type { Name } from '../dns/name.ts';
import type { Counted, Peer, Query, Recipient, Sent } from '../plugins/plugin.ts';
import type { Reply } from '../plugins/reply.ts';
import type { Origin } from './answers/answer-table.ts';
import { replyLimit } from './shape.ts';

type CountedListener = (counted: Counted) => void;

/** Some few for each query: a list takes less than an array, which makes room for many. */
interface CountedListeners {
  readonly listener: CountedListener;
  readonly before: CountedListeners | undefined;
}

/** What is known of a query under all its names: shared with what it was rewritten to. It outlives the query where its reply is kept. */
export class Course implements Origin {
  #tellers: ((sent: Sent) => void)[] | undefined;
  #counters: CountedListeners | undefined;
  /** Whether the server was asked again on its way. */
  hasReentered = false;

  onSent(listener: (sent: Sent) => void): void {
    this.#tellers ??= [];
    this.#tellers.push(listener);
  }

  onCounted(listener: CountedListener): void {
    this.#counters = { listener, before: this.#counters };
  }

  get tellsEach(): boolean {
    return this.#tellers !== undefined;
  }

  /** The chain's own reply was sent. */
  sent(bytes: number, rcode: number, to: Recipient): void {
    for (const tell of this.#tellers ?? []) tell({ bytes, rcode, to });
    if (this.#counters === undefined) return;
    const milliseconds = performance.now() - to.receivedAt;
    this.#count({ bytes, rcode, times: 1, isRepeat: false, milliseconds });
  }

  /** The same reply went to another who asked the same. */
  repeated(bytes: number, rcode: number, to: Recipient): void {
    for (const tell of this.#tellers ?? []) tell({ bytes, rcode, to });
    this.repeatedTimes(bytes, rcode, 1);
  }

  repeatedTimes(bytes: number, rcode: number, times: number): void {
    this.#count({ bytes, rcode, times, isRepeat: true, milliseconds: 0 });
  }

  #count(counted: Counted): void {
    for (let at = this.#counters; at !== undefined; at = at.before) at.listener(counted);
  }
}

/** Answers a question that a plugin asks of the whole server. */
export type Resolve = (from: ServerQuery, name: Name, type: number) => Reply | Promise<Reply>;

/** What stays the same however a query is rewritten or asked anew. */
export type Arrival = Pick<
  Query,
  'message' | 'client' | 'local' | 'transport' | 'size' | 'replyLimit' | 'receivedAt' | 'server'
>;

export class ServerQuery implements Query {
  readonly message: Message;
  readonly client: Peer;
  readonly local: Peer;
  readonly transport: 'udp' | 'tcp';
  readonly size: number;
  readonly replyLimit: number;
  readonly receivedAt: number;
  readonly server: string;
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  /** Times that the server was asked from within: bounds chains of aliases. */
  readonly depth: number;
  readonly #resolve: Resolve;
  readonly course: Course;

  constructor(
    arrival: Arrival,
    question: { name: Name; type: number; class: number },
    resolve: Resolve,
    depth = 0,
    course = new Course(),
  ) {
    this.message = arrival.message;
    this.client = arrival.client;
    this.local = arrival.local;
    this.transport = arrival.transport;
    this.size = arrival.size;
    this.replyLimit = arrival.replyLimit;
    this.receivedAt = arrival.receivedAt;
    this.server = arrival.server;
    this.name = question.name;
    this.type = question.type;
    this.class = question.class;
    this.depth = depth;
    this.#resolve = resolve;
    this.course = course;
  }

  withQuestion(name: Name, type: number, rrClass = this.class): ServerQuery {
    return this.withMessage({ ...this.message, questions: [{ name, type, class: rrClass }] });
  }

  withMessage(message: Message): ServerQuery {
    const [question = this] = message.questions;
    const arrival = { ...this, message, replyLimit: replyLimit(message, this.transport) };
    return new ServerQuery(arrival, question, this.#resolve, this.depth, this.course);
  }

  resolve(name: Name, type: number): Reply | Promise<Reply> {
    this.course.hasReentered = true;
    return this.#resolve(this, name, type);
  }

  onSent(listener: (sent: Sent) => void): void {
    this.course.onSent(listener);
  }

  onCounted(listener: (counted: Counted) => void): void {
    this.course.onCounted(listener);
  }

  sent(bytes: number, rcode: number): void {
    const { client, local, receivedAt } = this;
    this.course.sent(bytes, rcode, { client, local, id: this.message.id, receivedAt });
  }
}
