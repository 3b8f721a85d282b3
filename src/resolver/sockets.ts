/** The network itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from './line.ts';
import { TcpLine } from './tcp-line.ts';
import { UdpLine } from './udp-line.ts';

export const sockets: Network = {
  open: (server, transport, query) =>
    transport === 'udp' ? new UdpLine(server, query) : new TcpLine(server, query),
  // Ended early, it has done its work.
  pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};
