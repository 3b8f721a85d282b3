/** Upstreams over TLS and HTTPS on loopback that do what a test tells them. */
import { once } from 'node:events';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTls, type TLSSocket, type TlsOptions } from 'node:tls';
import { decodeMessage, type Message } from '../../../../src/dns/index.ts';
import { FrameReader } from '../../../../src/dns/wire/frames.ts';
import { fixture } from './transport-to.ts';

export interface TlsUpstream extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly Message[];
  /** Connections so far. */
  connections(): number;
  open(): number;
}

const SERVER = { cert: fixture('server.pem'), key: fixture('server.key') };

async function listening(server: Server, requests: Message[]): Promise<TlsUpstream> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  });
  server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    open: () => open.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export function dotUpstream(
  script: (message: Message, socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<TlsUpstream> {
  const requests: Message[] = [];
  const server = createTls({ ...SERVER, ...options }, (socket) => {
    const frames = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const bytes of frames.push(chunk)) {
        const message = decodeMessage(bytes);
        requests.push(message);
        script(message, socket);
      }
    });
  });
  return listening(server, requests);
}

export interface HttpExchange {
  readonly message: Message;
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
  /** Undefined over HTTP/1.1. */
  readonly session: Http2Session | undefined;
  send(bytes: Uint8Array, headers?: Record<string, string>, status?: number): void;
}

export function dohUpstream(
  script: (exchange: HttpExchange) => void,
  { http = 2, ...options }: TlsOptions & { http?: 1 | 2 } = {},
): Promise<TlsUpstream> {
  const requests: Message[] = [];
  const listener = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const encoded = new URL(request.url, 'https://x').searchParams.get('dns');
    const message = decodeMessage(
      encoded === null ? Buffer.concat(parts) : Buffer.from(encoded, 'base64url'),
    );
    requests.push(message);
    script({
      ...{ message, request, response, session: request.stream?.session },
      send: (bytes, headers = {}, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/dns-message', ...headers });
        response.end(bytes);
      },
    });
  };
  const server =
    http === 2
      ? createSecureServer({ ...SERVER, ...options }, listener)
      : createHttps({ ...SERVER, ...options }, listener as never);
  return listening(server as unknown as Server, requests);
}
