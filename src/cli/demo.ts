/** `corvidns demo`: a small shop's cluster from manifest files, to try queries on. */
import type { Server } from '../server/server.ts';
import type { Flags } from './flags.ts';
import { type Output, serve } from './serve.ts';

const DEMO_PORT = 1053;

/** Questions that show something each. */
const QUESTIONS = [
  'web.shop.svc.cluster.local A',
  '_postgres._tcp.db.data.svc.cluster.local SRV',
  '-x 10.96.20.10',
];

/** @param corefile the demo's Corefile */
export function demo(flags: Flags, output: Output, corefile: string): Promise<number> {
  const demoFlags: Flags = { ...flags, conf: flags.conf ?? corefile, dnsPort: flags.dnsPort ?? DEMO_PORT };
  return serve(demoFlags, output, (server) => output.out(invitation(server)));
}

function invitation(server: Server): string {
  const [port = DEMO_PORT] = server.ports.values();
  const lines = QUESTIONS.map((question) => `  dig @127.0.0.1 -p ${port} ${question}`);
  return ['', 'The demo cluster is served. Try:', ...lines, ''].join('\n');
}
