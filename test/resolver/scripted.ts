/** Servers on loopback that follow a script, over UDP and TCP on one port, and functions that do it without sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { decodeMessage, type Message, typeName } from '../../src/dns/index.ts';
import { FrameReader, frame } from '../../src/dns/wire/frames.ts';
import type { Ask, Transport } from '../../src/resolver/index.ts';
import { bytesOf, queryFor, replyTo, type Script, wordFor } from './script.ts';

/** `127.0.0.1 udp web.shop. A`. */
export type Asked = string;

/** In place of the network. */
export function scriptedAsk(script: Script, asked: Asked[] = []): Ask {
  return async (name, type, { host }, transport) => {
    asked.push(`${host} ${transport} ${name} ${typeName(type)}`);
    const word = wordFor(script, host, { name, type, class: 1 });
    if (word === 'dead') return 'unreachable';
    return replyTo(queryFor(name, type), word, transport) ?? 'timeout';
  };
}

export interface Scripted extends AsyncDisposable {
  readonly port: number;
  /** In order of arrival. */
  readonly asked: readonly Asked[];
  readonly messages: readonly Message[];
  /** Source ports of datagrams. */
  readonly sources: readonly number[];
}

export interface ScriptedOptions {
  readonly host?: string;
  /** 0 takes one that UDP and TCP both have free. */
  readonly port?: number;
  /** Shared by servers of which the order among each other matters. */
  readonly asked?: Asked[];
}

export async function scriptedServer(
  script: Script,
  { host = '127.0.0.1', port = 0, asked = [] }: ScriptedOptions = {},
): Promise<Scripted> {
  const messages: Message[] = [];
  const sources: number[] = [];
  const answer = (bytes: Uint8Array, transport: Transport): Uint8Array | undefined => {
    const query = decode(bytes);
    const question = query?.questions[0];
    if (query === undefined || question === undefined) return undefined;
    messages.push(query);
    asked.push(`${host} ${transport} ${question.name} ${typeName(question.type)}`);
    const reply = replyTo(query, wordFor(script, host, question), transport);
    return reply && bytesOf(reply);
  };
  const { udp, tcp, connections } = await listen(host, port);
  udp.on('message', (bytes, client) => {
    sources.push(client.port);
    const reply = answer(bytes, 'udp');
    if (reply !== undefined) udp.send(reply, client.port, client.address);
  });
  tcp.on('connection', (socket) => {
    connections.add(socket.on('error', () => {}));
    const frames = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const bytes of frames.push(chunk)) {
        const reply = answer(bytes, 'tcp');
        if (reply !== undefined) socket.write(frame(reply));
      }
    });
  });
  return {
    port: udp.address().port,
    asked,
    messages,
    sources,
    [Symbol.asyncDispose]: async () => {
      for (const socket of connections) socket.destroy();
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}

/** A broken query gets no answer: old musl sends some. */
function decode(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch {
    return undefined;
  }
}

interface Listening {
  readonly udp: Socket;
  readonly tcp: Server;
  readonly connections: Set<TcpSocket>;
}

async function listen(host: string, port: number): Promise<Listening> {
  for (;;) {
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(port, host);
    await once(udp, 'listening');
    const tcp = createServer().listen(udp.address().port, host);
    try {
      await once(tcp, 'listening');
      return { udp, tcp, connections: new Set() };
    } catch (error) {
      udp.close();
      if (port !== 0) throw error;
    }
  }
}
