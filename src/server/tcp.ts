/** The TCP side of a listener: a bounded number of connections. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';
import type { TcpSettings } from '../plugins/plugin.ts';
import { errorCode, type ListenAddress, ListenError } from './listen-address.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { PacketHandler } from './udp.ts';

export class TcpListener {
  readonly #server: Server;
  readonly #handler: PacketHandler;
  readonly #settings: () => TcpSettings;
  readonly #connections = new Set<TcpConnection>();

  private constructor(server: Server, handler: PacketHandler, settings: () => TcpSettings) {
    this.#server = server;
    this.#handler = handler;
    this.#settings = settings;
    server.on('connection', (socket) => this.#connected(socket));
    // Out of descriptors, say: the next connection may succeed.
    server.on('error', () => handler.dropped('tcp-connections'));
  }

  /**
   * @param settings those of the next connection
   * @throws {ListenError} the address cannot be bound
   */
  static async listen(
    address: ListenAddress,
    handler: PacketHandler,
    settings: () => TcpSettings = () => ({}),
  ): Promise<TcpListener> {
    try {
      return new TcpListener(await bind(address), handler, settings);
    } catch (error) {
      throw new ListenError('tcp', address, error);
    }
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Takes no more connections, lets answers under way finish, then cuts what is left. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.end();
    const drained = new AbortController();
    await Promise.race([
      closed,
      sleep(limits.drainMs, undefined, { signal: drained.signal }).catch(() => {}),
    ]);
    drained.abort();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #connected(socket: Socket): void {
    if (this.#connections.size >= limits.tcpConnections) {
      this.#handler.dropped('tcp-connections');
      socket.destroy();
      return;
    }
    const connection = new TcpConnection(socket, this.#handler, this.#settings());
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }
}

/** The wildcard address takes IPv4 clients too; where the machine has no IPv6, it is IPv4 alone. */
async function bind(address: ListenAddress): Promise<Server> {
  if (address.host !== '') return bindTo(address.host, address.port);
  try {
    return await bindTo('::', address.port);
  } catch (error) {
    if (errorCode(error) !== 'EAFNOSUPPORT' && errorCode(error) !== 'EADDRNOTAVAIL') throw error;
    return bindTo('0.0.0.0', address.port);
  }
}

async function bindTo(host: string, port: number): Promise<Server> {
  // A client may close its side after its last query and still wait for answers.
  const server = createServer({ allowHalfOpen: true });
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}
