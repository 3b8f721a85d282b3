/** Upstream servers on loopback that do what a test tells them, right or wrong. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket as TcpSocket } from 'node:net';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  Name,
  type ResourceRecord,
} from '../../../src/dns/index.ts';
import { RrType } from '../../../src/dns/types.ts';

export interface Upstream extends AsyncDisposable {
  readonly port: number;
  /** As a TO argument. */
  readonly to: string;
  /** Requests so far. */
  readonly requests: readonly Message[];
}

/** What a script gets of a request. */
export interface UdpRequest {
  readonly message: Message;
  readonly socket: UdpSocket;
  readonly client: { readonly address: string; readonly port: number };
  send(bytes: Uint8Array): void;
}

export async function udpUpstream(
  script: (request: UdpRequest) => void,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<Upstream> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const requests: Message[] = [];
  socket.on('message', (bytes, client) => {
    const message = decodeMessage(bytes);
    requests.push(message);
    script({
      message,
      socket,
      client,
      send: (reply) => socket.send(reply, client.port, client.address),
    });
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  const bound = socket.address().port;
  return {
    port: bound,
    to: toText(host, bound),
    requests,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

export async function tcpUpstream(
  script: (message: Message, socket: TcpSocket) => void,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<Upstream> {
  const requests: Message[] = [];
  const open = new Set<TcpSocket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // A client that has its answer may reset the connection.
    socket.on('error', () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      if (pending.length < 2 || pending.length < 2 + pending.readUInt16BE()) return;
      const message = decodeMessage(pending.subarray(2, 2 + pending.readUInt16BE()));
      pending = Buffer.alloc(0);
      requests.push(message);
      script(message, socket);
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    to: toText(host, bound),
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Requests of an upstream so far, but for health checks. */
export function queriesAt({ requests }: Upstream): Message[] {
  return requests.filter(({ questions: [question] }) => question?.type !== RrType.NS);
}

function toText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A TO argument at which nobody answers: a port that was free a moment ago. */
export async function deadUpstream(): Promise<string> {
  await using upstream = await udpUpstream(() => {});
  return upstream.to;
}

/** An answer to the request, RA set, with the given parts. */
export function answerTo(request: Message, parts: Partial<Message> = {}): Uint8Array {
  const message = { ...request, qr: true, ra: true, edns: undefined, ...parts };
  return encodeMessage(message, { limitBytes: 65_535 });
}

/** The record with which an answer to the request has 65 535 octets, as many as a message can. */
export function fillingRecord(request: Message): ResourceRecord {
  const ownerTypeClassTtlLength = 11;
  const bytes = new Uint8Array(65_535 - answerTo(request).length - ownerTypeClassTtlLength).fill(7);
  return { owner: Name.root, type: 65_280, class: 1, ttl: 9, data: { kind: 'opaque', bytes } };
}
