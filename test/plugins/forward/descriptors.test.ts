/** Sockets to upstreams, as the whole server has them: of which kind, and that a reload and the end let go of them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCorefile } from '../../../src/corefile/index.ts';
import type { UdpMode } from '../../../src/server/udp-choice.ts';
import { ask } from '../../support/ask.ts';
import { openDescriptors } from '../../support/descriptors.ts';
import { native } from '../../support/native.ts';
import { startServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { answerTo, udpUpstream } from './upstreams.ts';

/** UDP sockets of this machine that are connected to a port of loopback. */
function connectedTo(port: number): number {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/udp', 'utf8').trim().split('\n').slice(1);
  return rows.filter((row) => row.trim().split(/\s+/)[2] === remote).length;
}

const modes = ['dgram', ...(native === undefined ? [] : ['auto' as const])] as const satisfies UdpMode[];

test.each(modes)('-udp %s: none is left by reloads, nor at the end', async (mode) => {
  await using upstream = await udpUpstream(({ message, send }) => send(answerTo(message)));
  const corefile = `.:0 {\n  bind 127.0.0.1\n  forward . ${upstream.to}\n}\n`;
  const epolls = () => openDescriptors('anon_inode:[eventpoll]');
  const epollsBefore = epolls();
  {
    await using running = await startServer(corefile, 'Corefile', mode);
    for (let reload = 0; reload < 3; reload++) {
      const asked = Array.from({ length: 20 }, (_, i) => ask(running.port, `n${i}.r${reload}.example`, 'A'));
      for (const { rcode } of await Promise.all(asked)) expect(rcode).toBe(0);
      expect(connectedTo(upstream.port)).toBeGreaterThan(1);
      // The one sign from outside of which sockets they are.
      expect(epolls()).toBe(epollsBefore + (mode === 'dgram' ? 0 : 1));
      await running.server.reload(parseCorefile(corefile, 'Corefile').blocks);
      // The new one has tried itself out.
      await until('those of the old configuration are closed', () => connectedTo(upstream.port) <= 1);
    }
    await ask(running.port, 'last.example', 'A');
  }
  await until('all are closed', () => connectedTo(upstream.port) === 0);
  expect(epolls()).toBe(epollsBefore);
});
