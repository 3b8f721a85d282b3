/** A client of a TCP listener that counts as messages whatever stands behind two octets of length. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { framed } from '../support/ask.ts';
import { until } from '../support/until.ts';

export class TcpClient implements Disposable {
  readonly socket: Socket;
  /** Texts of the messages that came back, in their order. */
  readonly replies: string[] = [];
  /** The server has closed its side, or the connection is gone. */
  isEnded = false;
  #pending = Buffer.alloc(0);

  private constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    for (const event of ['end', 'close', 'error']) {
      this.socket.on(event, () => {
        this.isEnded = true;
      });
    }
  }

  static async connect(port: number): Promise<TcpClient> {
    const client = new TcpClient(port);
    await once(client.socket, 'connect');
    return client;
  }

  /** All messages in one write. */
  send(...texts: string[]): void {
    this.socket.write(Buffer.concat(texts.map((text) => framed(Buffer.from(text)))));
  }

  async received(count: number): Promise<readonly string[]> {
    await until(`${count} replies`, () => this.replies.length >= count || this.isEnded);
    return this.replies;
  }

  async ended(): Promise<void> {
    await until('the server ends the connection', () => this.isEnded);
  }

  /** Writes one octet after the other of a message that never becomes whole, until the server has enough. */
  async dribble(): Promise<void> {
    this.socket.write(Buffer.of(0xff, 0xff));
    await until('the server ends a connection on which octets dribble', () => {
      if (!this.isEnded) this.socket.write('x');
      return this.isEnded;
    });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 2 && this.#pending.length >= 2 + this.#pending.readUInt16BE(0)) {
      const end = 2 + this.#pending.readUInt16BE(0);
      this.replies.push(this.#pending.toString('latin1', 2, end));
      this.#pending = this.#pending.subarray(end);
    }
  }
}

/** Waits until a new connection is served by an echo: where all places were taken, one is free then. */
export async function untilServed(port: number): Promise<void> {
  await until('a new connection is served', async () => {
    using next = await TcpClient.connect(port);
    next.send('next');
    return (await next.received(1)).length === 1;
  });
}

/** Whether nobody listens. */
export function isRefused(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on('error', () => resolve(true));
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });
}
