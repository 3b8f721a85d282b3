/** Loops of real sockets: what is found, what goes on, and what is no loop. */
import { describe, expect, test } from 'vitest';
import { loopPlugin } from '../../../src/plugins/loop/index.ts';
import { seriesValue } from '../../server/engines.ts';
import { setLimits } from '../../server/set-limits.ts';
import { ask } from '../../support/ask.ts';
import { freePort, ask as get, listeningPort } from '../../support/http.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { makeSetup, setUp } from '../../support/setup.ts';
import { until } from '../../support/until.ts';
import type { UdpRequest } from '../forward/upstreams.ts';
import { answering, sendingTo, silent, startStub } from './stub.ts';

const SERVFAIL = 2;
const NXDOMAIN = 3;

/** A block with a name of its own, `own.example`, beside what it forwards. */
const block = (port: number, forward: string, keys = `.:${port}`) => `${keys} {
  bind 127.0.0.1
  debug
  errors
  ready 127.0.0.1:0
  hosts {
    192.0.2.1 own.example
    fallthrough
  }
  loop
  ${forward}
}
`;

const FOUND = /^\[ERROR\] plugin\/loop: Loop \(/;
const found = ({ lines }: RunningServer) => lines.filter((line) => FOUND.test(line));
const rcodeOf = async (port: number, name: string, type = 'A') => (await ask(port, name, type)).rcode;

/** Whether there is a loop, as the metric says it; undefined before the first probe. */
async function shown({ metrics, port }: RunningServer, zone = '.'): Promise<number> {
  const series = `corvidns_loop_detected{server="dns://127.0.0.1:${port}",zone="${zone}"}`;
  return seriesValue(await metrics.exposition(), series);
}

async function expectOwnName(port: number): Promise<void> {
  expect((await ask(port, 'own.example', 'A')).answer).toEqual(['own.example. 3600 IN A 192.0.2.1']);
}

describe('a loop', () => {
  test('that is a forward to the server itself: told in one line, its names fail, others are answered', async () => {
    const port = await freePort();
    await using running = await startServer(block(port, `forward . 127.0.0.1:${port}`));
    await until('it is found', () => found(running).length > 0);
    expect(found(running)).toEqual([
      expect.stringMatching(
        new RegExp(
          String.raw`\(127\.0\.0\.1:\d+ -> 127\.0\.0\.1:${port}\) detected for zone "\.": forward \. 127\.0\.0\.1:${port} ` +
            String.raw`sends queries back here, .*127\.0\.0\.53.*/run/systemd/resolve/resolv\.conf.* Query: "HINFO \d+\.\d+\."$`,
        ),
      ),
    ]);
    await expectOwnName(port);
    expect(await rcodeOf(port, 'other.example')).toBe(SERVFAIL);
    expect(running.lines.at(-1)).toBe(
      `[ERROR] plugin/errors: 2 other.example. A: loop: forward . 127.0.0.1:${port} sends queries back here: ` +
        'name real upstreams',
    );
    expect(await shown(running)).toBe(1);
  });

  test('over a stub is looked at again, and forwarding goes on when it is gone', async () => {
    setLimits({ loopLookMs: 20 });
    const port = await freePort();
    await using stub = await startStub(sendingTo(port));
    await using running = await startServer(block(port, `forward . ${stub.to}`));
    await until('it is found', () => found(running).length > 0);
    const ready = listeningPort(running.lines);
    expect(await get(ready, '/ready')).toEqual({ status: 200, body: 'OK' });
    expect((await get(ready, '/ready?verbose')).body).toContain(
      `[!]loop: forward . ${stub.to} sends queries`,
    );

    const seen = stub.requests.length;
    await until('it is looked at again', () => stub.requests.length > seen + 4);
    await expectOwnName(port);
    expect(await rcodeOf(port, 'other.example')).toBe(SERVFAIL);

    stub.behave(answering);
    await until('forwarding goes on', async () => (await rcodeOf(port, 'other.example')) === NXDOMAIN);
    expect(found(running)).toHaveLength(1);
    expect(running.lines).toContain(
      `[INFO] plugin/loop: the loop for zone "." is gone: forward . ${stub.to} is asked again`,
    );
    expect(await shown(running)).toBe(0);
    expect((await get(ready, '/ready?verbose')).body).not.toContain('[!]');
  });

  test('is found on the wildcard address', async () => {
    const port = await freePort();
    const corefile = block(port, `forward . 127.0.0.1:${port}`).replace('bind 127.0.0.1', '');
    await using running = await startServer(corefile);
    await until('it is found', () => found(running).length > 0);
    await expectOwnName(port);
  });

  test('closes the forward that leads back, and no other', async () => {
    const port = await freePort();
    await using stub = await startStub(answering);
    const forward = `forward corp.example 127.0.0.1:${port}\n  forward . ${stub.to}`;
    await using running = await startServer(block(port, forward, `corp.example:${port} .:${port}`));
    await until('it is found', () => found(running).length > 0);
    expect(found(running)[0]).toContain('detected for zone "corp.example."');
    expect(await rcodeOf(port, 'www.corp.example')).toBe(SERVFAIL);
    expect(await rcodeOf(port, 'other.example')).toBe(NXDOMAIN);
    expect(await shown(running, 'corp.example.')).toBe(1);
  });

  test('that begins after a time without upstream is found', async () => {
    setLimits({ loopUnprovenMs: 20 });
    const [port, stubPort] = [await freePort(), await freePort()];
    await using running = await startServer(block(port, `forward . 127.0.0.1:${stubPort}`));
    const failed = () => running.lines.filter((line) => line.includes('HINFO: read udp')).length;
    await until('probes have failed', () => failed() > 1);
    await using stub = await startStub(sendingTo(port), stubPort);
    await until('it is found', () => found(running).length > 0);
    expect(stub.requests.length).toBeGreaterThan(0);
  });
});

describe('no loop', () => {
  test('one probe, and then never again: not even its name means anything', async () => {
    setLimits({ loopLookMs: 20, loopRetryMs: 20, loopUnprovenMs: 20 });
    const port = await freePort();
    await using stub = await startStub(answering);
    await using running = await startServer(block(port, `forward . ${stub.to}`));
    await until('the probe has come', () => stub.requests.length > 0);
    const [probe = ''] = stub.requests.map(({ questions }) => questions[0]?.name.toString() ?? '');
    expect(probe).toMatch(/^\d{1,19}\.\d{1,19}\.$/);
    for (let i = 0; i < 5; i++) expect(await rcodeOf(port, probe, 'HINFO')).toBe(NXDOMAIN);
    expect(stub.requests).toHaveLength(6);
    expect(found(running)).toEqual([]);
    expect(await shown(running)).toBe(0);
  });

  test('while a probe is under way, neither other names nor other types are taken for it', async () => {
    const port = await freePort();
    const held: UdpRequest[] = [];
    await using stub = await startStub((request) => {
      if (held.length === 0) held.push(request);
      else return answering(request);
    });
    await using running = await startServer(block(port, `forward . ${stub.to}`));
    await until('the probe has come', () => stub.requests.length > 0);
    const probe = stub.requests[0]?.questions[0]?.name.toString() ?? '';
    for (let i = 0; i < 5; i++) {
      expect(await rcodeOf(port, 'other.example', 'HINFO')).toBe(NXDOMAIN);
      expect(await rcodeOf(port, `x.${probe}`, 'HINFO')).toBe(NXDOMAIN);
      expect(await rcodeOf(port, probe, 'A')).toBe(NXDOMAIN);
    }
    for (const request of held) await answering(request);
    expect(await rcodeOf(port, 'other.example')).toBe(NXDOMAIN);
    expect(found(running)).toEqual([]);
  });

  test('the name of a probe that has ended is none of the names that pass', async () => {
    const port = await freePort();
    await using running = await startServer(block(port, `forward . 127.0.0.1:${port}`));
    await until('it is found', () => found(running).length > 0);
    const [, probe = ''] = /"HINFO (\S+)"$/.exec(found(running)[0] ?? '') ?? [];
    for (let i = 0; i < 5; i++) expect(await rcodeOf(port, probe, 'HINFO')).toBe(SERVFAIL);
    expect(found(running)).toHaveLength(1);
  });

  test('an upstream that is silent holds neither the start nor the end', async () => {
    await using stub = await startStub(silent);
    await using running = await startServer(block(0, `forward . ${stub.to} {\nread_timeout 200ms\n}`));
    // Sent to the port that is open, not to that of the Corefile.
    await until('the probe has come', () => stub.requests.length > 0);
    await expectOwnName(running.port);
    expect(found(running)).toEqual([]);
  });
});

test('a probe without a reply is sent again, under another name', async () => {
  setLimits({ loopReplyMs: 20, loopRetryMs: 10 });
  const drop = 'acl {\n drop type HINFO\n}\n  log . "probe {name}"\n  whoami';
  await using running = await startServer(block(0, drop));
  const probes = () => running.lines.filter((line) => line.startsWith('[INFO] probe '));
  await until('several have been sent', () => probes().length > 3);
  expect(new Set(probes()).size).toBe(probes().length);
  expect(found(running)).toEqual([]);
});

test('a zone that leaves no room for a probe is told', async () => {
  const zone = Array.from({ length: 4 }, (_, i) => String(i).repeat(55)).join('.');
  await using running = await startServer(block(0, 'forward . 127.0.0.1:1', `${zone}:0`));
  await until('it is told', () => running.lines.some((line) => line.includes('no probe can be sent')));
  expect(running.lines.at(-1)).toBe(
    '[ERROR] plugin/loop: no probe can be sent: name is longer than 255 octets',
  );
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['loop example.org', "Wrong argument count or unexpected line ending after 'example.org'"],
    ['loop {\n}', "Unexpected token '{', 'loop' takes no block"],
    ['loop\nloop', 'this plugin can only be used once per Server Block'],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => setUp(loopPlugin, corefile, makeSetup())).toThrow(message);
  });
});
