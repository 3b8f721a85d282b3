/** kubeadm's Corefile on a node whose resolver is the server itself: cluster names go on, and so does the process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { answerTo, udpUpstream } from '../plugins/forward/upstreams.ts';
import { ask } from '../support/ask.ts';
import { freePort, ask as get } from '../support/http.ts';
import { KUBEADM } from '../support/kubeadm.ts';
import { cleanUp, makeFolder, start } from '../support/program.ts';

afterEach(cleanUp);

const NAME = 'web.shop.svc.cluster.local';
const CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.1, ports: [{ name: http, port: 80 }] }
`;

/** What a test needs otherwise: free ports of loopback, a cluster of files, short intervals. */
function adapted(port: number, upstream: string): string {
  return KUBEADM.replace('.:53 {', `.:${port} {\n    bind 127.0.0.1\n    debug`)
    .replace('health {', 'health 127.0.0.1:0 {')
    .replace('lameduck 5s', 'lameduck 0s')
    .replace('ready\n', 'ready 127.0.0.1:0\n')
    .replace(':9153', '127.0.0.1:0')
    .replace('ttl 30', 'ttl 30\n       manifests cluster.yaml')
    .replace('/etc/resolv.conf', upstream)
    .replace('reload\n', 'reload 2s 0\n');
}

test('a loop is told, the cluster is answered, and a mended Corefile is taken up', async () => {
  await using upstream = await udpUpstream(({ message, send }) => send(answerTo(message, { rcode: 3 })));
  const port = await freePort();
  const cwd = makeFolder({ Corefile: adapted(port, `127.0.0.1:${port}`), 'cluster.yaml': CLUSTER });
  const program = start([], { cwd });
  await program.wait(
    /^\[ERROR\] plugin\/loop: Loop \(.*\) detected for zone "\.": forward \. 127\.0\.0\.1:\d+ /,
  );
  expect((await ask(port, NAME, 'A')).answer).toEqual([`${NAME}. 30 IN A 10.96.0.1`]);
  expect((await ask(port, 'example.org', 'A')).rcode).toBe(2);
  const ready = await program.portOf('ready');
  expect((await get(ready, '/ready?verbose')).body).toMatch(/^\[\+\]kubernetes ok\n\[!\]loop: forward/);

  writeFileSync(join(cwd, 'Corefile'), adapted(port, upstream.to));
  await program.wait('[INFO] Reloading complete');
  expect((await ask(port, 'example.com', 'A')).rcode).toBe(3);
  expect((await ask(port, NAME, 'A')).answer).toEqual([`${NAME}. 30 IN A 10.96.0.1`]);
  program.signal('SIGTERM');
  expect(await program.exit).toBe(0);
  expect(program.stderr).toBe('');
});
