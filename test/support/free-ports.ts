/** Ports of 127.0.0.1 that nobody listens on, over TCP and UDP. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** They are held together, so all differ; somebody else may take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, holdPort));
  const ports = held.map(({ port }) => port);
  await Promise.all(held.map(({ release }) => release()));
  return ports;
}

async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const socket = createSocket('udp4');
    try {
      socket.bind(address.port, '127.0.0.1');
      await once(socket, 'listening');
    } catch {
      // Taken over UDP: another one.
      server.close();
      continue;
    }
    const release = async () => {
      await Promise.all([
        new Promise<void>((resolve) => socket.close(resolve)),
        new Promise((resolve) => server.close(resolve)),
      ]);
    };
    return { port: address.port, release };
  }
}
