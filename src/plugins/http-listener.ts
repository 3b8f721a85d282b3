/**
 * The operator's HTTP endpoints. An address is listened on once, however many blocks and directives name it, and
 * stays open over a reload: the new instance joins before the old one leaves.
 */
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket, TlsOptions } from 'node:tls';
import { limits } from '../limits.ts';

export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface RouteOptions {
  /** Directive that asks, for error messages. */
  readonly directive: string;
  /** Empty host: all addresses. Port 0: any free port, never shared. */
  readonly address: { readonly host: string; readonly port: number };
  readonly path: string;
  readonly handler: RouteHandler;
  readonly secure?: SecureListener | undefined;
}

/** TLS of a listener. */
export interface SecureListener {
  /** Two that share an address must agree in this. */
  readonly identity: string;
  readonly options: TlsOptions;
  /** Asked before every handshake: new certificates, where their files changed. */
  refresh(): SecureContextOptions | undefined;
  /** Asked after every handshake. */
  admits(socket: TLSSocket): boolean;
}

export interface OpenRoute {
  readonly address: AddressInfo;
  /** Ends the listener too where nobody else uses it: at once for new connections, with grace for requests. */
  close(): Promise<void>;
}

const open = new Map<string, Promise<SharedListener>>();

/**
 * Serves `path` on an address. Of several handlers for one path the oldest answers, so that during a reload the
 * instance that serves DNS speaks.
 * @throws {Error} one line: the address, what is wrong and what to do
 */
export async function openRoute(options: RouteOptions): Promise<OpenRoute> {
  const { address, secure } = options;
  const key = `${address.host}|${address.port}`;
  const known = address.port === 0 ? undefined : open.get(key);
  const listening = known ?? SharedListener.start(options, () => open.delete(key));
  if (known === undefined && address.port !== 0) open.set(key, listening);
  try {
    const listener = await listening;
    if (listener.identity !== secure?.identity) {
      const mine = `listen tcp ${joinHostPort(address)}: the address is open with other TLS settings`;
      throw new Error(`${mine}: give ${options.directive} an address of its own, or restart`);
    }
    return listener.add(options.path, options.handler);
  } catch (error) {
    if (known === undefined) open.delete(key);
    throw error;
  }
}

export function respond(response: ServerResponse, status: number, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}

export function joinHostPort(address: { readonly host: string; readonly port: number }): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

class SharedListener {
  readonly identity: string | undefined;
  readonly #server: Server | SecureServer;
  readonly #onClose: () => void;
  readonly #routes = new Map<string, RouteHandler[]>();

  private constructor(secure: SecureListener | undefined, onClose: () => void) {
    this.identity = secure?.identity;
    this.#onClose = onClose;
    this.#server = makeServer(secure, (request, response) => this.#route(request, response));
  }

  static async start(options: RouteOptions, onClose: () => void): Promise<SharedListener> {
    const listener = new SharedListener(options.secure, onClose);
    const { host, port } = options.address;
    try {
      await listener.#listen(await resolveHost(host), port);
    } catch (error) {
      throw new Error(`listen tcp ${joinHostPort(options.address)}: ${explain(error, options.directive)}`);
    }
    return listener;
  }

  add(path: string, handler: RouteHandler): OpenRoute {
    const handlers = this.#routes.get(path) ?? [];
    this.#routes.set(path, handlers);
    handlers.push(handler);
    const address = this.#server.address() as AddressInfo;
    let closed = false;
    return {
      address,
      close: async () => {
        if (closed) return;
        closed = true;
        await this.#remove(path, handlers, handler);
      },
    };
  }

  async #remove(path: string, handlers: RouteHandler[], handler: RouteHandler): Promise<void> {
    const last = handlers.length === 1 && this.#routes.size === 1;
    // The last handler stays for requests on connections that are open still.
    if (last) return this.#close();
    handlers.splice(handlers.indexOf(handler), 1);
    if (handlers.length === 0) this.#routes.delete(path);
  }

  #listen(host: string | undefined, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(host === undefined ? { port } : { host, port }, () => {
        this.#server.off('error', reject);
        // An accept that failed, as for want of descriptors: the client tries again.
        this.#server.on('error', () => {});
        resolve();
      });
    });
  }

  #close(): Promise<void> {
    this.#onClose();
    return new Promise((resolve) => {
      const cut = setTimeout(() => this.#server.closeAllConnections(), limits.httpShutdownMs);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const handler = this.#routes.get(path)?.[0];
    if (handler === undefined) respond(response, 404, '404 page not found\n');
    else handler(request, response);
  }
}

function makeServer(secure: SecureListener | undefined, handler: RouteHandler): Server | SecureServer {
  const options = {
    headersTimeout: limits.httpTimeoutMs,
    requestTimeout: limits.httpTimeoutMs,
    keepAliveTimeout: limits.httpTimeoutMs,
    connectionsCheckingInterval: limits.httpTimeoutMs / 5,
    maxHeaderSize: limits.httpHeaderBytes,
  };
  const server = secure ? makeSecureServer(secure, options, handler) : createServer(options, handler);
  server.timeout = limits.httpTimeoutMs;
  server.maxConnections = limits.httpConnections;
  return server;
}

function makeSecureServer(secure: SecureListener, options: object, handler: RouteHandler): SecureServer {
  const server = createSecureServer({ ...options, ...secure.options }, handler);
  server.prependListener('connection', (_socket: Socket) => {
    const changed = secure.refresh();
    if (changed !== undefined) server.setSecureContext(changed);
  });
  server.on('secureConnection', (socket) => {
    if (!secure.admits(socket)) socket.destroy();
  });
  return server;
}

/** The address to listen on; IPv4 first where a name like `localhost` has both, as Go's net.Listen has it. */
async function resolveHost(host: string): Promise<string | undefined> {
  if (host === '') return undefined;
  if (isIP(host) !== 0) return host;
  return (await lookup(host, { order: 'ipv4first' })).address;
}

function explain(error: unknown, directive: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return `address already in use: stop what listens there, or give ${directive} another address`;
    case 'EACCES':
      return `permission denied: give ${directive} a port above 1023, or the process CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `cannot assign requested address: no interface of this machine has it; correct the ${directive} line`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no such host: correct the ${directive} line`;
    default:
      return message;
  }
}
