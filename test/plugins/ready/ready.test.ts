import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readyPlugin } from '../../../src/plugins/ready/index.ts';
import { ask, freePort, isRefused, listeningPort } from '../../support/http.ts';
import { makeReadiness, makeSetup, setUp, type TestSetup } from '../../support/setup.ts';

const started: TestSetup[] = [];

async function start(corefile: string, readiness = makeReadiness()): Promise<TestSetup> {
  const setup = makeSetup({ plugin: 'ready', readiness });
  expect(setUp(readyPlugin, corefile, setup)).toBeUndefined();
  await setup.start();
  started.push(setup);
  return setup;
}

afterEach(async () => {
  for (const setup of started.splice(0)) await setup.shutdown();
});

/** A plugin that says what `ready` holds, and counts how often it is asked. */
function fakePlugin(readiness: ReturnType<typeof makeReadiness>, name: string) {
  const plugin = { ready: false, asked: 0 };
  readiness.register(name, () => {
    plugin.asked++;
    return plugin.ready;
  });
  return plugin;
}

test('with nobody to ask it is ready', async () => {
  const { lines } = await start('ready 127.0.0.1:0');
  expect(await ask(listeningPort(lines), '/ready')).toEqual({ status: 200, body: 'OK' });
  expect((await ask(listeningPort(lines), '/')).status).toBe(404);
});

test('it names those that are not ready, sorted, each once, and logs them', async () => {
  const readiness = makeReadiness();
  const [late, other, second] = ['kubernetes', 'erratic', 'kubernetes'].map((name) =>
    fakePlugin(readiness, name),
  );
  const { lines } = await start('ready 127.0.0.1:0', readiness);
  const port = listeningPort(lines);
  expect(await ask(port, '/ready')).toEqual({ status: 503, body: 'erratic,kubernetes' });
  expect(lines.at(-1)).toBe('[INFO] plugin/ready: Plugins not ready: "erratic,kubernetes"');
  for (const plugin of [late, other]) if (plugin) plugin.ready = true;
  expect(await ask(port, '/ready')).toEqual({ status: 503, body: 'kubernetes' });
  if (second) second.ready = true;
  expect(await ask(port, '/ready')).toEqual({ status: 200, body: 'OK' });
});

describe('verbose', () => {
  test.each(['/ready?verbose', '/ready?verbose=1', '/ready?x=y&verbose'])('%s', async (path) => {
    const readiness = makeReadiness();
    const plugins = ['kubernetes', 'erratic', 'kubernetes'].map((name) => fakePlugin(readiness, name));
    let note: string | undefined = 'the way out leads back';
    readiness.registerNote('loop', () => note);
    const port = listeningPort((await start('ready 127.0.0.1:0', readiness)).lines);
    const [first, second] = plugins;
    if (first && second) first.ready = second.ready = true;
    expect(await ask(port, path)).toEqual({
      status: 503,
      body: '[+]erratic ok\n[-]kubernetes failed: not ready\n[!]loop: the way out leads back\nready check failed\n',
    });
    for (const plugin of plugins) plugin.ready = true;
    // A note is no reason not to be ready.
    expect(await ask(port, path)).toEqual({
      status: 200,
      body: '[+]erratic ok\n[+]kubernetes ok\n[!]loop: the way out leads back\nready check passed\n',
    });
    note = undefined;
    expect((await ask(port, path)).body).toBe('[+]erratic ok\n[+]kubernetes ok\nready check passed\n');
    expect(await ask(port, '/ready')).toEqual({ status: 200, body: 'OK' });
  });

  test.each(['/ready?', '/ready?verbosely', '/ready?not=verbose'])('%s is not', async (path) => {
    const port = listeningPort((await start('ready 127.0.0.1:0')).lines);
    expect(await ask(port, path)).toEqual({ status: 200, body: 'OK' });
  });
});

describe('monitor', () => {
  test('until-ready: who was ready once is not asked again', async () => {
    const readiness = makeReadiness();
    const plugin = fakePlugin(readiness, 'kubernetes');
    const port = listeningPort((await start('ready 127.0.0.1:0', readiness)).lines);
    plugin.ready = true;
    expect((await ask(port, '/ready')).status).toBe(200);
    plugin.ready = false;
    expect((await ask(port, '/ready')).status).toBe(200);
    expect(plugin.asked).toBe(1);
  });

  test('continuously: each request asks', async () => {
    const readiness = makeReadiness();
    const plugin = fakePlugin(readiness, 'kubernetes');
    const { lines } = await start('ready 127.0.0.1:0 {\nmonitor continuously\n}', readiness);
    const port = listeningPort(lines);
    plugin.ready = true;
    expect((await ask(port, '/ready')).status).toBe(200);
    plugin.ready = false;
    expect(await ask(port, '/ready')).toEqual({ status: 503, body: 'kubernetes' });
  });
});

describe('leaving', () => {
  test('it refuses connections as soon as the shutdown begins', async () => {
    const setup = await start('ready 127.0.0.1:0');
    await setup.shutdown(false);
    expect(await isRefused(listeningPort(setup.lines))).toBe(true);
  });

  test('who is connected still hears that it shuts down', async () => {
    const setup = await start('ready 127.0.0.1:0');
    const socket = connect(listeningPort(setup.lines), '127.0.0.1');
    let replies = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      replies += text;
    });
    // The second request is read up to its middle before the shutdown, and ends after it.
    const head = 'GET /ready HTTP/1.1\r\nHost: x\r\n';
    socket.write(`${head}\r\n${head}`);
    await vi.waitFor(() => expect(replies).toMatch(/^HTTP\/1\.1 200 [\s\S]*OK$/));
    const closed = setup.shutdown(false);
    socket.write('Connection: close\r\n\r\n');
    await Promise.all([once(socket, 'close'), closed]);
    expect(replies).toMatch(/OKHTTP\/1\.1 503 [\s\S]*Shutting down$/);
  });

  test('during a reload the old instance answers until it leaves', async () => {
    const [port, syncing] = [await freePort(), makeReadiness()];
    fakePlugin(syncing, 'kubernetes');
    const old = await start(`ready 127.0.0.1:${port}`);
    await start(`ready 127.0.0.1:${port}`, syncing);
    expect((await ask(port, '/ready')).status).toBe(200);
    await old.shutdown(true);
    expect(await ask(port, '/ready')).toEqual({ status: 503, body: 'kubernetes' });
  });
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['ready localhost', 'address localhost: missing port in address'],
    ['ready :1 :2', "Wrong argument count or unexpected line ending after ':2'"],
    ['ready\nready', 'this plugin can only be used once per Server Block'],
    ['ready {\nmonitor\n}', "Wrong argument count or unexpected line ending after 'monitor'"],
    ['ready {\nmonitor always\n}', "monitor type 'always' not supported"],
    ['ready {\nlameduck 5s\n}', "unknown property 'lameduck'"],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => setUp(readyPlugin, corefile, makeSetup())).toThrow(message);
  });
});
