/** DNS over HTTPS (RFC 8484): one HTTP/2 session for all questions, HTTP/1.1 where the upstream has no other. */
import type { TLSSocket } from 'node:tls';
import type { Message } from '../../../dns/message.ts';
import { addressText } from '../addresses.ts';
import { ExchangeError, HungUp, Request } from '../exchange.ts';
import { dialError, dialTls } from './dial.ts';
import { answerOf, makeHttpRequest } from './http-request.ts';
import { askOverHttp1 } from './http1-line.ts';
import { Http2Line } from './http2-line.ts';
import type { Asker, ConnectionOptions, DohOptions, TlsOptions, Transport } from './transport.ts';

interface Dialled {
  /** Undefined: the upstream has no HTTP/2. */
  readonly line: Promise<Http2Line | undefined>;
  /** Once `line` is there. */
  made?: Http2Line | undefined;
}

export class HttpsTransport implements Transport {
  readonly #options: ConnectionOptions;
  readonly #tls: TlsOptions;
  readonly #doh: DohOptions;
  readonly #authority: string;
  /** `Post "https://8.8.8.8:443/dns-query"` */
  readonly #where: string;
  #dialled: Dialled | undefined;
  #hasHttp2 = true;
  #isClosed = false;

  constructor(options: ConnectionOptions, tls: TlsOptions, doh: DohOptions) {
    const { host, port } = options.upstream;
    this.#options = options;
    this.#tls = tls;
    this.#doh = doh;
    this.#authority = addressText({ host: tls.serverName ?? host.replace(/%.*$/, ''), port });
    const verb = doh.method === 'GET' ? 'Get' : 'Post';
    this.#where = `${verb} "https://${addressText(options.upstream)}${doh.path}"`;
  }

  async exchange(message: Message, timeoutMs: number): Promise<Message> {
    // RFC 8484 §4.1: an ID of 0, so that HTTP caches see the same request again; TLS keeps forgers out.
    const request = new Request(message, 0);
    const abort = new AbortController();
    const { promise: timeOut, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new ExchangeError(`${this.#where}: i/o timeout`, true));
      abort.abort();
    }, timeoutMs);
    try {
      return await Promise.race([timeOut, this.#ask(request, abort.signal, timeoutMs)]);
    } catch (error) {
      if (error instanceof ExchangeError) throw error;
      throw new ExchangeError(`${this.#where}: ${(error as Error).message}`);
    } finally {
      clearTimeout(timer);
    }
  }

  ask(message: Message, timeoutMs: number, asker: Asker): void {
    this.exchange(message, timeoutMs).then(
      (reply) => asker.answered(reply),
      (error: unknown) => asker.failed(error),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#dialled?.made?.retire();
    this.#dialled = undefined;
  }

  async #ask(request: Request, signal: AbortSignal, timeoutMs: number): Promise<Message> {
    const first = this.#session(timeoutMs);
    const line = await first.dialled?.line;
    if (line === undefined) return this.#askHttp1(request, signal);
    try {
      return await this.#askHttp2(line, request, signal);
    } catch (error) {
      // The upstream ended a session that was there before: GOAWAY, or idle for too long.
      if (!(error instanceof HungUp) || !first.hit || signal.aborted) throw error;
      line.retire();
      const fresh = await this.#session(timeoutMs).dialled?.line;
      if (fresh === undefined) return this.#askHttp1(request, signal);
      return this.#askHttp2(fresh, request, signal);
    }
  }

  async #askHttp2(line: Http2Line, request: Request, signal: AbortSignal): Promise<Message> {
    try {
      const http = makeHttpRequest(request, this.#doh);
      return await line.ask(http, signal, this.#where, (reply) => answerOf(request, reply, this.#where));
    } finally {
      // After a time-out the session may be dead without a sign of it.
      if (signal.aborted || this.#isClosed) line.retire();
    }
  }

  async #askHttp1(request: Request, signal: AbortSignal): Promise<Message> {
    const socket = dialTls(this.#options, this.#tls, ['http/1.1']);
    let isReady = false;
    socket.once('secureConnect', () => {
      isReady = true;
    });
    try {
      const http = makeHttpRequest(request, this.#doh);
      const reply = await askOverHttp1(socket, this.#authority, http, signal);
      return await answerOf(request, reply, this.#where);
    } catch (error) {
      if (isReady || signal.aborted) throw error;
      throw dialError(error as Error, socket, this.#options.upstream);
    } finally {
      socket.destroy();
    }
  }

  /** The session that is there, or a new one; none where the upstream is known to have no HTTP/2. */
  #session(timeoutMs: number): { dialled: Dialled | undefined; hit: boolean } {
    const { maxAgeMs, pooled } = this.#options;
    const current = this.#dialled;
    const hit = current !== undefined && (current.made?.isUsable(maxAgeMs) ?? true);
    pooled('https', hit);
    if (hit || !this.#hasHttp2) return { dialled: current, hit };
    current?.made?.retire();
    const dialled: Dialled = { line: this.#dial(timeoutMs) };
    this.#dialled = dialled;
    const forget = () => {
      if (this.#dialled === dialled) this.#dialled = undefined;
    };
    dialled.line.then((line) => {
      dialled.made = line;
      if (line === undefined) forget();
    }, forget);
    return { dialled, hit };
  }

  async #dial(timeoutMs: number): Promise<Http2Line | undefined> {
    const socket = dialTls(this.#options, this.#tls, ['h2', 'http/1.1']);
    try {
      await secured(socket, timeoutMs, `dial tcp ${addressText(this.#options.upstream)}`);
    } catch (error) {
      socket.destroy();
      const { upstream } = this.#options;
      if (error instanceof ExchangeError) throw error;
      throw dialError(error as Error, socket, upstream);
    }
    if (socket.alpnProtocol === 'h2') return new Http2Line(socket, this.#authority, this.#options.expireMs);
    socket.destroy();
    this.#hasHttp2 = false;
    return undefined;
  }
}

/** Settles with the handshake, or fails as it does. */
function secured(socket: TLSSocket, timeoutMs: number, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ExchangeError(`${where}: i/o timeout`, true)), timeoutMs);
    socket.once('secureConnect', resolve);
    // It stays: an error without a listener would end the program.
    socket.on('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('EOF'));
    });
    socket.once('secureConnect', () => clearTimeout(timer));
  });
}
