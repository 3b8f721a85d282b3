/**
 * Fills Node's compile cache for the image, whose root is read-only: `compile-cache.ts MAIN DIRECTORY`. The cache of a
 * file is written once, with the functions compiled by then; so one run does what a server does: it lists a cluster
 * from an API server, reads one from files, and answers. It must run under the user and the path of the image, and
 * with its flags of V8, for all are part of where Node looks.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeMessage, Name, RrClass, RrType } from '../src/dns/index.ts';

const QUESTIONS = [
  ['web.shop.svc.cluster.local', RrType.A],
  ['web.shop.svc.cluster.local', RrType.AAAA],
  ['_postgres._tcp.db.data.svc.cluster.local', RrType.SRV],
  ['no.shop.svc.cluster.local', RrType.A],
  ['web.shop.svc.api.test', RrType.A],
  ['10.20.96.10.in-addr.arpa', RrType.PTR],
] as const;
const GIVE_UP_MS = 30_000;
const ASK_EVERY_MS = 50;

const [main = '', directory = ''] = process.argv.slice(2);
if (directory === '') throw new Error('usage: compile-cache.ts MAIN DIRECTORY');

/** An API server with nothing in it, whose watches stay open. */
const api = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  if (request.url?.includes('watch=') === true) response.flushHeaders();
  else response.end('{"metadata":{"resourceVersion":"1"},"items":[]}');
}).listen(0, '127.0.0.1');
await once(api, 'listening');

const folder = mkdtempSync(join(tmpdir(), 'corvidns-cache-'));
const corefile = join(folder, 'Corefile');
const common = 'bind 127.0.0.1\n errors\n log . /never/\n loadbalance\n cache\n forward . 127.0.0.1:9';
writeFileSync(
  corefile,
  `api.test {
  ${common}
  health 127.0.0.1:0
  ready 127.0.0.1:0
  prometheus 127.0.0.1:0
  kubernetes {
    endpoint http://127.0.0.1:${(api.address() as AddressInfo).port}
  }
}
cluster.local in-addr.arpa {
  ${common}
  kubernetes {
    manifests ${join(dirname(main), '../manifests/demo/cluster')}
  }
}
`,
);

const server = spawn(process.execPath, [...process.execArgv, main, '-p', '0', '-conf', corefile], {
  env: { NODE_COMPILE_CACHE: directory },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const giveUp = setTimeout(() => server.kill('SIGKILL'), GIVE_UP_MS);
try {
  const port = await servedPort();
  for (const [name, type] of QUESTIONS) await ask(port, name, type);
  server.kill('SIGTERM');
  const [code] = await once(server, 'exit');
  if (code !== 0) throw new Error(`the server ended with ${code}`);
} finally {
  clearTimeout(giveUp);
  server.kill('SIGKILL');
  api.closeAllConnections();
  api.close();
  rmSync(folder, { recursive: true });
}

/** @throws {Error} the server ended without serving */
async function servedPort(): Promise<number> {
  let text = '';
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const [, port] = /^\S+:(\d+) on 127\.0\.0\.1$/m.exec(text) ?? [];
    if (port === undefined) continue;
    server.stdout.resume();
    return Number(port);
  }
  throw new Error(`the server ended without serving: ${text}`);
}

/** Asks until there is an answer, whatever it is. */
async function ask(port: number, name: string, type: number): Promise<void> {
  const bits = { qr: false, aa: false, tc: false, rd: true, ra: false, z: false, ad: false, cd: false };
  const questions = [{ name: Name.fromText(name), type, class: RrClass.IN }];
  const sections = { questions, answer: [], authority: [], additional: [] };
  const query = encodeMessage({ id: 1, opcode: 0, rcode: 0, ...bits, ...sections }, { limitBytes: 512 });
  const socket = createSocket('udp4');
  const answered = once(socket, 'message');
  const timer = setInterval(() => socket.send(query, port, '127.0.0.1'), ASK_EVERY_MS);
  const ended = once(server, 'exit').then(() => {
    throw new Error('the server ended before it answered');
  });
  try {
    await Promise.race([answered, ended]);
  } finally {
    clearInterval(timer);
    socket.close();
    ended.catch(() => {});
  }
}
