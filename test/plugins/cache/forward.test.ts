/** A cache before `forward`, and an upstream on loopback that a test scripts. */
import { expect, test } from 'vitest';
import { type Message, parseRecord } from '../../../src/dns/index.ts';
import { makeCachePlugin } from '../../../src/plugins/cache/index.ts';
import { forwardPlugin } from '../../../src/plugins/forward/index.ts';
import type { PluginFactory } from '../../../src/plugins/plugin.ts';
import { chain } from '../../../src/server/chain.ts';
import { makeEngine } from '../../server/engines.ts';
import { type Asked, type AskOptions, framed, queryBytes, read } from '../../support/ask.ts';
import { makeSetup, setUp } from '../../support/setup.ts';
import { until } from '../../support/until.ts';
import { answerTo, deadUpstream, tcpUpstream, udpUpstream } from '../forward/upstreams.ts';
import { TestClock } from './harness.ts';

const addressed = (message: Message, ttl = 300) =>
  answerTo(message, { answer: [parseRecord(`example.org. ${ttl} A 192.0.2.1`)] });

interface Server {
  readonly clock: TestClock;
  ask(options?: AskOptions): Promise<Asked>;
}

/** The engine of a server with these directives: octets in, octets out. */
function serve(cache: string, forward: string): Server {
  const clock = new TestClock();
  const setup = makeSetup();
  const make = (factory: PluginFactory, text: string) => {
    const plugin = setUp(factory, text, setup);
    if (plugin === undefined) throw new Error('no plugin');
    return plugin;
  };
  const handler = chain([make(makeCachePlugin(clock), cache), make(forwardPlugin, forward)]);
  const { engine } = makeEngine({ '.': handler });
  const client = { address: '127.0.0.1', port: 4711, family: 4 } as const;
  return {
    clock,
    ask: async (options = {}) => {
      const bytes = queryBytes('example.org', 'A', options);
      const sent = await engine.handle({ bytes, client, local: { ...client, port: 53 }, transport: 'udp' });
      if (sent === undefined) throw new Error('no reply');
      return read(sent);
    },
  };
}

test('the second client does not reach the upstream', async () => {
  await using upstream = await udpUpstream(({ message, send }) => send(addressed(message)));
  const { ask, clock } = serve('cache 30', `forward . ${upstream.to}`);
  const first = await ask();
  expect(first).toMatchObject({ flags: 0x8180, answer: ['example.org. 30 IN A 192.0.2.1'] });
  clock.advance(12);
  const second = await ask();
  // AA on what comes from the cache.
  expect(second).toMatchObject({ flags: 0x8580, answer: ['example.org. 18 IN A 192.0.2.1'] });
  expect(upstream.requests).toHaveLength(1);
  expect(upstream.requests[0]).toMatchObject({ rd: true, ad: true });
  clock.advance(18);
  expect(await ask()).toMatchObject({ flags: 0x8180 });
  expect(upstream.requests).toHaveLength(2);
});

test('OPT is for those who sent one, with what they sent', async () => {
  await using upstream = await udpUpstream(({ message, send }) =>
    send(
      answerTo(message, {
        edns: {
          udpSize: 512,
          version: 0,
          do: false,
          z: 0,
          options: [{ code: 15, data: Uint8Array.of(0, 9) }],
        },
      }),
    ),
  );
  const { ask } = serve('cache', `forward . ${upstream.to}`);
  const opt = (size: number) => Buffer.from([0, 0, 41, size >> 8, size & 0xff, 0, 0, 0, 0, 0, 0]);
  for (let i = 0; i < 2; i++) {
    const { bytes } = await ask({ udpSize: 1400 });
    expect(Buffer.from(bytes).subarray(-11)).toEqual(opt(1400));
  }
  expect((await ask()).bytes).toHaveLength(12 + 17);
  expect(upstream.requests).toHaveLength(1);
});

test('a popular name is refreshed over TCP', async () => {
  await using udp = await udpUpstream(({ message, send }) => send(addressed(message, 60)));
  await using tcp = await tcpUpstream((message, socket) => socket.write(framed(addressed(message, 42))), udp);
  const { ask, clock } = serve('cache {\n prefetch 1\n}', `forward . ${udp.to}`);
  await ask();
  clock.advance(57);
  expect((await ask()).answer).toEqual(['example.org. 3 IN A 192.0.2.1']);
  await until(
    'the refreshed answer',
    async () => (await ask()).answer[0] === 'example.org. 42 IN A 192.0.2.1',
  );
  expect([udp.requests.length, tcp.requests.length]).toEqual([1, 1]);
});

test('an upstream that is gone: its last answer is served on, its absence not kept', async () => {
  const dead = await deadUpstream();
  const port = Number(dead.split(':').at(-1));
  const { ask, clock } = serve('cache {\n serve_stale 1h verify 0 30s\n}', `forward . ${dead}`);
  expect(await ask()).toMatchObject({ rcode: 2 });
  {
    await using upstream = await udpUpstream(({ message, send }) => send(addressed(message)), { port });
    // SERVFAIL for want of an upstream was not kept.
    expect(await ask()).toMatchObject({ rcode: 0 });
    expect(upstream.requests).toHaveLength(1);
  }
  clock.advance(301);
  expect(await ask()).toMatchObject({ flags: 0x8580, answer: ['example.org. 30 IN A 192.0.2.1'] });
});
