/** Asks one server on 127.0.0.1 many things at a time over UDP or TCP, and gives the octets that come back. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

export type Transport = 'udp' | 'tcp';

/** By a server that does not want to answer, or by ourselves where it has not. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

export class Asker implements AsyncDisposable {
  readonly #port: number;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Buffer) => void>();
  #lastId = 0;

  private constructor(port: number, socket: Socket) {
    this.#port = port;
    this.#socket = socket;
    socket.on('message', (reply) => {
      if (reply.length >= 2) this.#waiting.get(reply.readUInt16BE(0))?.(reply);
    });
  }

  static async open(port: number): Promise<Asker> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Asker(port, socket);
  }

  /**
   * @param octets at least 2, an ID is put into the first two; fewer than 65536 questions may wait at a time
   * @returns undefined where nothing comes within `patienceMs`
   */
  ask(octets: Uint8Array, transport: Transport, patienceMs: number): Promise<Buffer | undefined> {
    const message = Buffer.from(octets);
    message.writeUInt16BE(this.#nextId(), 0);
    return transport === 'udp' ? this.#overUdp(message, patienceMs) : this.#overTcp(message, patienceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) & 0xffff;
    while (this.#waiting.has(this.#lastId));
    return this.#lastId;
  }

  #overUdp(message: Buffer, patienceMs: number): Promise<Buffer | undefined> {
    const id = message.readUInt16BE(0);
    return new Promise((resolve) => {
      const end = (reply?: Buffer) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(reply);
      };
      const timer = setTimeout(end, patienceMs);
      this.#waiting.set(id, end);
      this.#socket.send(message, this.#port, '127.0.0.1');
    });
  }

  async #overTcp(message: Buffer, patienceMs: number): Promise<Buffer | undefined> {
    const socket = connect({ host: '127.0.0.1', port: this.#port });
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    try {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
      let received = Buffer.alloc(0);
      for await (const piece of socket) {
        received = Buffer.concat([received, piece]);
        if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          return received.subarray(2, 2 + received.readUInt16BE(0));
        }
      }
      return undefined;
    } catch (error) {
      if (error instanceof Error && 'code' in error && CLOSED.has(String(error.code))) return undefined;
      throw error;
    } finally {
      clearTimeout(timer);
      socket.destroy();
    }
  }
}
