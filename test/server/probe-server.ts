/** Corefiles with the probe plugin, and what clients see of the server that has them. */
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { parseCorefile } from '../../src/corefile/index.ts';
import type { Server } from '../../src/server/server.ts';
import { ask } from '../support/ask.ts';

/** Listener of every `block`. */
export const KEY = 'dns://127.0.0.1:0';

/** A block for everything on 127.0.0.1, answered by a probe. */
export function block(probe: string, more = ''): string {
  return `.:0 {\n  bind 127.0.0.1\n  probe ${probe}\n  ${more}\n}\n`;
}

export function reload(server: Server, corefile: string): Promise<void> {
  return server.reload(parseCorefile(corefile, 'Corefile').blocks);
}

export async function answered(port: number, transport: 'udp' | 'tcp' = 'udp'): Promise<string> {
  const { answer } = await ask(port, 'example.org', 'TXT', { transport });
  return answer[0]?.split(' ').at(-1)?.replaceAll('"', '') ?? '';
}

/** A port of 127.0.0.1 on which somebody else listens. */
export async function takenPort(): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
