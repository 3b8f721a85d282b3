/** Signals: how the program ends, and what it goes on through. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { ask as get, isRefused } from '../support/http.ts';
import { cleanUp, serve } from '../support/program.ts';

afterEach(cleanUp);

const WHOAMI = '.:0 {\n bind 127.0.0.1\n whoami\n}';
/** With ports that are told in debug lines. */
const lameduck = (duration: string) => `.:0 {
  bind 127.0.0.1
  debug
  ready 127.0.0.1:0
  health 127.0.0.1:0 {
    lameduck ${duration}
  }
  whoami
}`;
const TERMINATED = '[INFO] SIGTERM: Shutting down servers then terminating';
const INTERRUPTED = '[INFO] SIGINT: Shutting down';

describe('UDP read by workers, which hear no signals', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)('%s', async (signal) => {
    const program = serve(WHOAMI.replace('whoami', 'whoami\n multisocket 2'));
    expect((await ask(await program.port(), 'example.org', 'A')).rcode).toBe(0);
    program.signal(signal);
    expect(await program.exit).toBe(0);
    expect(program.stderr).toBe('');
  });
});

describe('SIGTERM', () => {
  test('DNS is answered through lameduck, while readiness is refused', async () => {
    const program = serve(lameduck('3s'));
    const [port, ready, health] = await Promise.all([
      program.port(),
      program.portOf('ready'),
      program.portOf('health'),
    ]);
    expect(await get(ready, '/ready')).toEqual({ status: 200, body: 'OK' });

    program.signal('SIGTERM');
    await program.wait(TERMINATED);
    await program.wait('[INFO] plugin/health: Going into lameduck mode for 3s');
    expect(await isRefused(ready)).toBe(true);
    expect(await get(health, '/health')).toEqual({ status: 200, body: 'OK' });
    expect((await ask(port, 'example.org', 'A')).rcode).toBe(0);
    expect((await ask(port, 'example.org', 'A', { transport: 'tcp' })).rcode).toBe(0);

    expect(await program.exit).toBe(0);
    expect(program.stderr).toBe('');
  });

  test('an answer under way is waited for', async () => {
    const upstream = createSocket('udp4');
    upstream.bind(0, '127.0.0.1');
    await once(upstream, 'listening');
    try {
      const program = serve(`.:0 {\n bind 127.0.0.1\n forward . 127.0.0.1:${upstream.address().port}\n}`);
      const asked = ask(await program.port(), 'example.org', 'A');
      const [query, from] = (await once(upstream, 'message')) as [Buffer, { port: number; address: string }];
      program.signal('SIGTERM');
      await program.wait(TERMINATED);
      // NXDOMAIN: header bits alone make it an answer.
      query.writeUInt16BE(0x8183, 2);
      upstream.send(query, from.port, from.address);
      expect((await asked).rcode).toBe(3);
      expect(await program.exit).toBe(0);
    } finally {
      upstream.close();
    }
  });

  test('an idle connection does not hold it', async () => {
    const program = serve(WHOAMI);
    const client = connect({ host: '127.0.0.1', port: await program.port() });
    client.on('error', () => {});
    await once(client, 'connect');
    try {
      program.signal('SIGTERM');
      expect(await program.exit).toBe(0);
    } finally {
      client.destroy();
    }
  });

  test('during the wait for the cluster it ends at once', async () => {
    const program = serve(`.:0 {
      bind 127.0.0.1
      health 127.0.0.1:0 {
        lameduck 1h
      }
      kubernetes cluster.local {
        endpoint http://127.0.0.1:1
        startup_timeout 1h
      }
    }`);
    await program.wait('[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server');
    // A reload waits for the start. Unheard, it would open Node's debugger.
    program.signal('SIGUSR1');
    program.signal('SIGTERM');
    expect(await program.exit).toBe(0);
    expect(program.lines.at(-1)).toBe(TERMINATED);
    expect(program.stderr).toBe('');
  });
});

describe('SIGINT', () => {
  test('once: exit 0', async () => {
    const program = serve(WHOAMI);
    await program.port();
    program.signal('SIGINT');
    expect(await program.exit).toBe(0);
    expect(program.lines.at(-1)).toBe(INTERRUPTED);
    expect(program.stderr).toBe('');
  });

  test('twice: exit 2 out of lameduck', async () => {
    const program = serve(lameduck('1h'));
    const port = await program.port();
    program.signal('SIGINT');
    await program.wait(/Going into lameduck mode for 1h/);
    expect((await ask(port, 'example.org', 'A')).rcode).toBe(0);
    program.signal('SIGINT');
    expect(await program.exit).toBe(2);
    expect(program.lines.filter((line) => line === INTERRUPTED)).toHaveLength(1);
  });
});

test('SIGQUIT: exit 0 at once, without lameduck and out of it', async () => {
  const first = serve(lameduck('1h'));
  const second = serve(lameduck('1h'));
  await Promise.all([first.port(), second.port()]);
  first.signal('SIGQUIT');
  expect(await first.exit).toBe(0);
  expect(first.stdout).not.toContain('lameduck mode');

  second.signal('SIGTERM');
  await second.wait(/Going into lameduck mode for 1h/);
  second.signal('SIGQUIT');
  expect(await second.exit).toBe(0);
});

test.each([
  ['SIGHUP', '[INFO] SIGHUP: Ignored'],
  ['SIGUSR2', '[INFO] SIGUSR2: Upgrading in place is not supported: replace the pod'],
] as const)('%s changes nothing', async (signal, line) => {
  const program = serve(WHOAMI);
  const port = await program.port();
  program.signal(signal);
  await program.wait(line);
  expect((await ask(port, 'example.org', 'A')).rcode).toBe(0);
  expect(program.stderr).toBe('');
});
