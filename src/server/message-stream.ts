/** A reply of many messages: a zone transfer (RFC 5936 §2.2), each message made when the client has taken the one before. */
import type { ResourceRecord } from '../dns/record.ts';
import { encodeMessage } from '../dns/wire/encode.ts';
import { readHeader } from '../dns/wire/header.ts';
import { limits } from '../limits.ts';
import type { Query } from '../plugins/plugin.ts';
import type { Reply } from '../plugins/reply.ts';
import { encodeReply, replyMessage } from './shape.ts';

/** What a connection sends, one message after the other. */
export interface MessageStream {
  /** The next message; undefined where all were given. */
  next(): Uint8Array | undefined;
  /** To be called once, when all messages are sent or no more can be. */
  end(): void;
}

export interface TransferEvents {
  /** A record could not be had or written: gives what to say instead of the rest. */
  failed(error: unknown): Reply;
  /** @param isWhole whether the client was given all messages */
  ended(bytes: number, isWhole: boolean): void;
}

export class TransferStream implements MessageStream {
  readonly #query: Query;
  readonly #reply: Reply;
  readonly #records: Iterator<ResourceRecord>;
  readonly #events: TransferEvents;
  /** Read already, and not in a message yet. */
  #ahead: ResourceRecord[] = [];
  #state: 'reading' | 'read' | 'sent' | 'failed' = 'reading';
  #bytes = 0;

  constructor(query: Query, reply: Reply, records: Iterable<ResourceRecord>, events: TransferEvents) {
    this.#query = query;
    this.#reply = reply;
    this.#records = records[Symbol.iterator]();
    this.#events = events;
  }

  next(): Uint8Array | undefined {
    const message = this.#make();
    this.#bytes += message?.length ?? 0;
    return message;
  }

  end(): void {
    this.#records.return?.();
    this.#events.ended(this.#bytes, this.#state === 'sent');
  }

  #make(): Uint8Array | undefined {
    if (this.#state === 'failed') return undefined;
    try {
      this.#readAhead();
      if (this.#ahead.length > 0) return this.#encode();
      this.#state = 'sent';
      return undefined;
    } catch (error) {
      // RFC 5936 §2.2: a message with an error ends the transfer.
      this.#state = 'failed';
      return encodeReply(this.#query, this.#events.failed(error));
    }
  }

  /** As many records as the smallest ones that a message can hold. */
  #readAhead(): void {
    while (this.#state === 'reading' && this.#ahead.length < limits.transferAheadRecords) {
      const { done = false, value } = this.#records.next();
      if (done) this.#state = 'read';
      else this.#ahead.push(value);
    }
  }

  #encode(): Uint8Array {
    let message = this.#encodeWithin(limits.transferMessageBytes);
    let { answerCount } = readHeader(message);
    if (answerCount === 0) {
      message = this.#encodeWithin(limits.messageBytes);
      ({ answerCount } = readHeader(message));
    }
    if (answerCount === 0) throw new Error('a record of a zone is larger than a message');
    this.#ahead = this.#ahead.slice(answerCount);
    return message;
  }

  #encodeWithin(limitBytes: number): Uint8Array {
    const message = replyMessage(this.#query.message, this.#reply, limitBytes);
    return encodeMessage(
      { ...message, answer: this.#ahead },
      { limitBytes, compressAboveBytes: 0, isPart: true },
    );
  }
}
