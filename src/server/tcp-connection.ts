/** One TCP connection: messages behind two octets of length (RFC 1035 §4.2.2), answered as they finish (RFC 7766 §7). */
import type { Socket } from 'node:net';
import { FrameReader, frame } from '../dns/wire/frames.ts';
import { limits } from '../limits.ts';
import type { Peer, TcpSettings } from '../plugins/plugin.ts';
import type { Octets } from './engine.ts';
import { peerOf } from './listen-address.ts';
import type { MessageStream } from './message-stream.ts';
import { sendStream } from './send-stream.ts';
import type { PacketHandler } from './udp.ts';

export class TcpConnection {
  readonly #socket: Socket;
  readonly #handler: PacketHandler;
  readonly #client: Peer;
  readonly #local: Peer;
  readonly #frames = new FrameReader();
  readonly #writeMs: number;
  readonly #idleMs: number;
  /** Queries that may still come. */
  #queriesLeft: number;
  /** Whole messages of the chunk that was read last, which wait for their turn. */
  #pending: Uint8Array[] = [];
  #waiting = 0;
  #ending = false;
  #hasMoreInput = true;
  #timer: NodeJS.Timeout;
  readonly #lifetime: NodeJS.Timeout;

  constructor(socket: Socket, handler: PacketHandler, settings: TcpSettings) {
    this.#socket = socket;
    this.#handler = handler;
    this.#client = peerOf(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    this.#local = peerOf(socket.localAddress ?? '', socket.localPort ?? 0);
    this.#writeMs = settings.writeMs ?? limits.tcpWriteMs;
    this.#idleMs = settings.idleMs ?? limits.tcpIdleMs;
    this.#queriesLeft = settings.queries ?? Number.POSITIVE_INFINITY;
    this.#timer = setTimeout(() => socket.destroy(), settings.readMs ?? limits.tcpFirstQueryMs);
    this.#lifetime = setTimeout(() => this.end(), limits.tcpConnectionMs);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#inputEnded());
    // A client that resets is no news.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** Reads no more; closes when the answers under way are sent. */
  end(): void {
    this.#ending = true;
    this.#pending = [];
    if (this.#waiting === 0) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #drained(): void {
    this.#waitFor(this.#idleMs);
    this.#proceed();
  }

  /** The client has closed its side; the queries that it has sent are still answered. */
  #inputEnded(): void {
    this.#hasMoreInput = false;
    this.#proceed();
  }

  #receive(chunk: Buffer): void {
    if (this.#ending) return;
    this.#pending.push(...this.#frames.push(chunk));
    this.#proceed();
  }

  /** Answers whole messages while the client takes the replies; else stops reading. */
  #proceed(): void {
    let answered = 0;
    for (const message of this.#pending) {
      if (this.#ending || this.#isBusy) break;
      answered++;
      this.#answer(message);
      this.#queriesLeft--;
      if (this.#queriesLeft === 0) this.end();
    }
    this.#pending.splice(0, answered);
    if (this.#isBusy) this.#socket.pause();
    else if (this.#hasMoreInput) this.#socket.resume();
    else if (this.#waiting === 0) this.end();
  }

  get #isBusy(): boolean {
    return this.#waiting >= limits.tcpPipelinedQueries || this.#socket.writableLength > limits.tcpUnsentBytes;
  }

  #answer(bytes: Uint8Array): void {
    this.#waitFor(this.#idleMs);
    const reply = this.#handler.handle({
      bytes,
      client: this.#client,
      local: this.#local,
      transport: 'tcp',
      stream: this.#stream,
    });
    if (!(reply instanceof Promise)) {
      this.#send(reply);
      return;
    }
    this.#waiting++;
    void reply.then((octets) => {
      this.#send(octets);
      this.#settled();
    });
  }

  /** One that was waited for is answered. */
  #settled(): void {
    this.#waiting--;
    if (this.#ending && this.#waiting === 0) this.#socket.end();
    else this.#proceed();
  }

  /** Between its messages there is time for other queries, of this connection too (RFC 7766 §7). */
  readonly #stream = (messages: MessageStream): void => {
    this.#waiting++;
    void sendStream(this.#socket, messages, this.#writeMs).finally(() => {
      if (this.#socket.writable) this.#waitFor(this.#idleMs);
      this.#settled();
    });
  };

  #send(octets: Octets): void {
    if (octets === undefined || !this.#socket.writable) return;
    this.#socket.write(frame(octets));
    this.#waitFor(this.#socket.writableLength > 0 ? this.#writeMs : this.#idleMs);
  }

  /** Ends a connection on which nothing whole happens: octets that dribble in do not keep it. */
  #waitFor(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tooQuiet(), ms);
  }

  #tooQuiet(): void {
    // The answers that are waited for have time limits of their own.
    if (this.#waiting > 0) this.#waitFor(this.#idleMs);
    else this.#socket.destroy();
  }

  #closed(): void {
    this.#ending = true;
    this.#pending = [];
    clearTimeout(this.#timer);
    clearTimeout(this.#lifetime);
  }
}
