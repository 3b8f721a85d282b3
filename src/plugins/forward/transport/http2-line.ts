/** An HTTP/2 session that several questions share; it ends when it may not be used and nobody does. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { HungUp } from '../exchange.ts';
import type { HttpReply, HttpRequest } from './http-request.ts';

export class Http2Line {
  readonly #session: ClientHttp2Session;
  readonly #authority: string;
  readonly #madeAtMs = performance.now();
  readonly #expireMs: number;
  #questions = 0;
  #isRetired = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: TLSSocket, authority: string, expireMs: number) {
    this.#authority = authority;
    this.#expireMs = expireMs;
    this.#session = connect(`https://${authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    for (const event of ['goaway', 'close', 'error'] as const) {
      this.#session.on(event, () => this.retire());
    }
  }

  isUsable(maxAgeMs: number): boolean {
    const isOld = maxAgeMs > 0 && performance.now() - this.#madeAtMs >= maxAgeMs;
    return !this.#isRetired && !isOld && !this.#session.closed && !this.#session.destroyed;
  }

  /**
   * The reply is given to `use` while the session is held.
   * @throws {HungUp} by rejection: the session or the stream ended before a reply began
   */
  async ask<T>(
    request: HttpRequest,
    signal: AbortSignal,
    where: string,
    use: (reply: HttpReply) => Promise<T>,
  ): Promise<T> {
    clearTimeout(this.#idle);
    this.#questions++;
    try {
      const stream = this.#open(request, signal, where);
      const headers = await responseTo(stream, where);
      return await use({ status: headers[':status'] ?? 0, headers, body: stream });
    } finally {
      this.#questions--;
      if (this.#questions === 0) this.#rest();
    }
  }

  /** No further question: ends with the last one that is under way. */
  retire(): void {
    this.#isRetired = true;
    if (this.#questions === 0) this.#rest();
  }

  #open({ method, path, headers, body }: HttpRequest, signal: AbortSignal, where: string): ClientHttp2Stream {
    const fields = { ':method': method, ':path': path, ':authority': this.#authority, ...headers };
    try {
      const stream = this.#session.request(fields, { signal, endStream: body === undefined });
      if (body !== undefined) stream.end(body);
      return stream;
    } catch (error) {
      throw new HungUp(`${where}: ${String((error as Error).message)}`);
    }
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#isRetired) this.#session.destroy();
    else this.#idle = setTimeout(() => this.retire(), this.#expireMs).unref();
  }
}

function responseTo(
  stream: ClientHttp2Stream,
  where: string,
): Promise<IncomingHttpHeaders & { ':status'?: number }> {
  return new Promise((resolve, reject) => {
    stream.on('response', resolve);
    stream.on('error', (error) => reject(new HungUp(`${where}: ${error.message}`)));
    // RST_STREAM without an error code has no 'error'.
    stream.on('close', () => reject(new HungUp(`${where}: EOF`)));
  });
}
