/** Stands before a real API server, with its certificate, and does what networks, proxies and busy servers do. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { ControlPlane } from '../cluster/control-plane/control-plane.ts';

export type Fault =
  /** Connections are cut. */
  | { readonly kind: 'refuse' }
  /** Every request is refused, by these words. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Of what comes next only half is passed on, then the stream is cut: of each stream. */
  | { readonly kind: 'half-line' }
  /** Connections stand, and nothing moves on them. */
  | { readonly kind: 'stall' };

export class FaultyProxy implements AsyncDisposable {
  readonly #server: https.Server;
  readonly #target: string;
  readonly #ca: Buffer;
  readonly #agent = new https.Agent({ keepAlive: true });
  readonly #open = new Set<ServerResponse>();
  #fault: Fault | undefined;
  #moving = Promise.withResolvers<void>();

  private constructor(plane: ControlPlane) {
    const certificate = plane.files.servingCertificate;
    this.#target = plane.url;
    this.#ca = readFileSync(certificate);
    const key = readFileSync(join(dirname(certificate), 'apiserver.key'));
    this.#server = https.createServer({ key, cert: this.#ca }, (request, response) => {
      this.#open.add(response);
      response.on('close', () => this.#open.delete(response));
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  static async start(plane: ControlPlane): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(plane);
    proxy.#moving.resolve();
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on, for streams that are open too. */
  set(fault: Fault): void {
    this.#fault = fault;
    if (fault.kind === 'stall') this.#moving = Promise.withResolvers();
    else if (fault.kind !== 'half-line') for (const response of this.#open) response.destroy();
  }

  clear(): void {
    this.#fault = undefined;
    this.#moving.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#moving.promise;
    if (this.#fault?.kind === 'refuse') response.destroy();
    else if (this.#fault?.kind === 'status') {
      const { status, headers = {} } = this.#fault;
      const body = { kind: 'Status', status: 'Failure', message: 'not now', code: status };
      response
        .writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    } else await this.#forward(request, response);
  }

  async #forward({ url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const options = { ca: this.#ca, agent: this.#agent, headers };
    const [answer] = (await once(https.get(this.#target + url, options), 'response')) as [IncomingMessage];
    response.on('close', () => answer.destroy());
    response.writeHead(answer.statusCode ?? 0, answer.headers).flushHeaders();
    for await (const piece of answer as AsyncIterable<Buffer>) {
      await this.#moving.promise;
      if (this.#fault?.kind === 'half-line') {
        response.write(piece.subarray(0, piece.length >> 1), () => response.destroy());
        return;
      }
      if (!response.write(piece)) await once(response, 'drain');
    }
    response.end();
  }
}
