/** Sends any octets to a server on 127.0.0.1, and gives what comes back by ID. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { exchangeAllTcp, queryBytes } from '../support/ask.ts';
import { until } from '../support/until.ts';

/** With a name in capitals, whose answer nobody keeps: it comes after those of all that was sent before. */
const LAST = Buffer.from(queryBytes('LAST.Test', 'TXT'));
const FIRST_LAST_ID = 0x8000;
/** So many find room in every buffer. */
const AT_A_TIME = 32;
const RECEIVE_BUFFER_BYTES = 1 << 20;
const HEADER_BYTES = 12;

export class Datagrams {
  readonly #socket: Socket;
  readonly #port: number;
  #replies: Buffer[] = [];
  #lastId = FIRST_LAST_ID;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on('message', (reply) => this.#replies.push(reply));
  }

  /** Closed at the end of the test. */
  static async open(port: number): Promise<Datagrams> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    return new Datagrams(socket, port);
  }

  /** The replies to each, for IDs below 0x8000 that the messages have; those of others are under `undefined`. */
  async exchange(
    messages: readonly Uint8Array[],
    atATime = AT_A_TIME,
  ): Promise<Map<number | undefined, Buffer[]>> {
    const byId = new Map<number | undefined, Buffer[]>();
    const asked = new Set(messages.map(idOf));
    for (let at = 0; at < messages.length; at += atATime) {
      for (const reply of await this.#exchange(messages.slice(at, at + atATime))) {
        const id = asked.has(idOf(reply)) ? idOf(reply) : undefined;
        byId.set(id, [...(byId.get(id) ?? []), reply]);
      }
    }
    return byId;
  }

  /** Sends, and waits for nothing. */
  send(messages: readonly Uint8Array[]): void {
    for (const message of messages) this.#socket.send(message, this.#port, '127.0.0.1');
  }

  async #exchange(messages: readonly Uint8Array[]): Promise<Buffer[]> {
    this.#replies = [];
    this.send(messages);
    const last = withId(LAST, ++this.#lastId);
    // Sent again: it may be what a full buffer has no room for.
    await until('a good query is answered', () => {
      this.send([last]);
      return this.#replies.some((reply) => idOf(reply) === this.#lastId);
    });
    return this.#replies.filter((reply) => !this.#isLast(idOf(reply) ?? 0));
  }

  #isLast(id: number): boolean {
    return id > FIRST_LAST_ID && id <= this.#lastId;
  }
}

export function idOf(message: Uint8Array): number | undefined {
  return message.length < 2 ? undefined : Buffer.from(message).readUInt16BE(0);
}

export function withId(message: Uint8Array, id: number): Buffer {
  const octets = Buffer.from(message);
  octets.writeUInt16BE(id, 0);
  return octets;
}

/** A header, and no reply (RFC 1035 §4.1.1): whatever else it is, it is answered. */
export function isAnswered(message: Uint8Array): boolean {
  return message.length >= HEADER_BYTES && ((message[2] ?? 0) & 0x80) === 0;
}

/** What the chain says, every time: over TCP nothing is kept. By ID. */
export async function coldReplies(
  port: number,
  messages: readonly Uint8Array[],
): Promise<Map<number | undefined, Uint8Array>> {
  const answered = messages.filter(isAnswered);
  const replies: Uint8Array[] = [];
  for (let at = 0; at < answered.length; at += AT_A_TIME) {
    const some = answered.slice(at, at + AT_A_TIME);
    replies.push(...(await exchangeAllTcp(port, some, some.length)));
  }
  return new Map(replies.map((reply) => [idOf(reply), reply]));
}
