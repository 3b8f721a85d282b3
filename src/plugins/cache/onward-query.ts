/** Queries as the cache passes them on: its own, so that the reply is good for every later asker. */
import type { Message } from '../../dns/message.ts';
import type { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import type { Peer, Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';

/** A client's query with AD set: whether the data is authentic is then known for all (RFC 6840 §5.7). */
export class OnwardQuery implements Query {
  protected readonly asked: Query;
  #message: Message | undefined;

  constructor(asked: Query) {
    this.asked = asked;
  }

  /** Made when it is looked at: most queries end at plugins that do not. */
  get message(): Message {
    this.#message ??= { ...this.asked.message, ad: true };
    return this.#message;
  }

  get name(): Name {
    return this.asked.name;
  }

  get type(): number {
    return this.asked.type;
  }

  get class(): number {
    return this.asked.class;
  }

  get client(): Peer {
    return this.asked.client;
  }

  get local(): Peer {
    return this.asked.local;
  }

  get transport(): 'udp' | 'tcp' {
    return this.asked.transport;
  }

  get size(): number {
    return this.asked.size;
  }

  get replyLimit(): number {
    return this.asked.replyLimit;
  }

  get receivedAt(): number {
    return this.asked.receivedAt;
  }

  get server(): string {
    return this.asked.server;
  }

  withQuestion(name: Name, type: number, rrClass?: number): Query {
    return new OnwardQuery(this.asked.withQuestion(name, type, rrClass));
  }

  withMessage(message: Message): Query {
    return new OnwardQuery(this.asked.withMessage(message));
  }

  resolve(name: Name, type: number): Reply | Promise<Reply> {
    return this.asked.resolve(name, type);
  }

  onSent(listener: Parameters<Query['onSent']>[0]): void {
    this.asked.onSent(listener);
  }

  onCounted(listener: Parameters<Query['onCounted']>[0]): void {
    this.asked.onCounted(listener);
  }
}

const NOBODY: Peer = { address: '', port: 0, family: 4 };

/** The same question asked by nobody: there is no client to wait for it, and over TCP nothing is cut off. */
export class RefreshQuery extends OnwardQuery {
  override get client(): Peer {
    return NOBODY;
  }

  override get transport(): 'udp' | 'tcp' {
    return 'tcp';
  }

  override get replyLimit(): number {
    return limits.messageBytes;
  }

  override withQuestion(name: Name, type: number, rrClass?: number): Query {
    return new RefreshQuery(this.asked.withQuestion(name, type, rrClass));
  }

  override withMessage(message: Message): Query {
    return new RefreshQuery(this.asked.withMessage(message));
  }

  /** Nothing is ever sent. */
  override onSent(): void {}
  override onCounted(): void {}
}
