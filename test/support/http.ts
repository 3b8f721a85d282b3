/** For tests of the operator's HTTP endpoints. */
import { createServer } from 'node:net';
import { expect } from 'vitest';

/** The port that a plugin says in its debug line that it listens on: for directives with port 0. */
export function listeningPort(lines: readonly string[]): number {
  const found = lines.map((line) => /Listening on \S+ port (\d+)$/.exec(line)?.[1]).find(Boolean);
  expect(found, 'a line that says where it listens').toBeDefined();
  return Number(found);
}

/** A port of 127.0.0.1 that was free a moment ago: for addresses that several must name alike. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A GET on a connection of its own. */
export async function ask(port: number, path: string, host = '127.0.0.1'): Promise<Answer> {
  const response = await fetch(`http://${host}:${port}${path}`, { headers: { connection: 'close' } });
  return { status: response.status, body: await response.text() };
}

/** Whether nobody listens. */
export async function isRefused(port: number): Promise<boolean> {
  return ask(port, '/').then(
    () => false,
    (error) => error.cause?.code === 'ECONNREFUSED',
  );
}
