import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../../src/dns/index.ts';
import { bufsizePlugin } from '../../../src/plugins/bufsize/index.ts';
import { forwardPlugin } from '../../../src/plugins/forward/index.ts';
import { hostsPlugin } from '../../../src/plugins/hosts/index.ts';
import { logPlugin } from '../../../src/plugins/log/index.ts';
import type { Plugin, Query } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { askChain, startChain } from '../../support/chain.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';
import { until } from '../../support/until.ts';

function plugin(corefile: string): Plugin {
  const made = setUp(bufsizePlugin, corefile, makeSetup());
  if (made === undefined) throw new Error('no plugin');
  return made;
}

/** What the next plugin gets, and what becomes of its reply. */
async function serve(corefile: string, parts: QueryParts, given: Partial<Reply> = {}) {
  let seen: Query | undefined;
  const reply = await plugin(corefile).serve(makeQuery(parts), (query) => {
    seen = query;
    return makeReply(given);
  });
  return { reply, seen };
}

test.each<[corefile: string, asked: number, bound: number]>([
  ['bufsize', 4096, 1232],
  ['bufsize', 1233, 1232],
  ['bufsize 512', 1232, 512],
  ['bufsize 4096', 65_535, 4096],
  ['bufsize 600\nbufsize 700', 1232, 600],
])('%j bounds %i to %i', async (corefile, asked, bound) => {
  const { reply, seen } = await serve(corefile, { edns: { udpSize: asked, do: true } });
  expect(reply.udpSize).toBe(bound);
  expect(seen?.message.edns).toMatchObject({ udpSize: bound, do: true });
});

test.each<[corefile: string, parts: QueryParts]>([
  ['bufsize', { edns: { udpSize: 1232 } }],
  ['bufsize 4096', { edns: { udpSize: 1232 } }],
  ['bufsize', { edns: { udpSize: 100 } }],
  ['bufsize', {}],
])('%j leaves %j alone', (corefile, parts) => {
  const query = makeQuery(parts);
  const given = makeReply({});
  const reply = plugin(corefile).serve(query, (seen) => {
    expect(seen).toBe(query);
    return given;
  });
  expect(reply).toBe(given);
});

test('a smaller bound of another plugin stands', async () => {
  const { reply } = await serve('bufsize', { edns: { udpSize: 4096 } }, { udpSize: 700 });
  expect(reply.udpSize).toBe(700);
});

describe('on the wire', () => {
  const addresses = Array.from({ length: 120 }, (_, i) => `10.0.0.${i} big.example`).join('\n');
  const corefile = `bufsize 700\nlog\nhosts /nonexistent {\n${addresses}\n}`;
  const factories = [bufsizePlugin, logPlugin, hostsPlugin];

  test.each<[asked: number | undefined, limit: number, size: number | undefined]>([
    [4096, 700, 700],
    [600, 600, 600],
    [100, 512, 100],
    [undefined, 512, undefined],
  ])('EDNS size %s: at most %i octets, OPT says %s', async (udpSize, limit, size) => {
    await using running = await startChain(factories, corefile);
    const edns = udpSize === undefined ? {} : { edns: { udpSize } };
    const { bytes, packet, opt } = await askChain(running, { name: 'big.example', ...edns });
    expect(packet.flag_tc).toBe(true);
    expect(bytes.length).toBeLessThanOrEqual(limit);
    // No further record would have fitted.
    expect(bytes.length).toBeGreaterThan(limit - 16);
    expect(opt?.udpPayloadSize).toBe(size);
  });

  test('TCP is whole', async () => {
    await using running = await startChain(factories, corefile);
    const parts = { name: 'big.example', edns: { udpSize: 4096 }, transport: 'tcp' } as const;
    const { packet, opt } = await askChain(running, parts);
    expect(packet.flag_tc).toBe(false);
    expect(packet.answers).toHaveLength(120);
    expect(opt?.udpPayloadSize).toBe(700);
  });

  test('the log has the bound', async () => {
    await using running = await startChain(factories, corefile);
    await askChain(running, { name: 'big.example', edns: { udpSize: 4096 } });
    const line = () => running.lines.find((candidate) => candidate.includes('big.example'));
    await until('the line is written', () => line() !== undefined);
    expect(line()).toContain(' false 700" NOERROR');
  });

  test('upstreams are asked with it', async () => {
    const upstream = createSocket('udp4');
    try {
      upstream.bind(0, '127.0.0.1');
      await once(upstream, 'listening');
      const asked = once(upstream, 'message').then(([bytes, from]) => {
        const reply = Buffer.from(bytes);
        // QR: the question comes back as an empty answer.
        reply.writeUInt8(reply.readUInt8(2) | 0x80, 2);
        upstream.send(reply, from.port, from.address);
        return decodeMessage(bytes);
      });
      const lines = `bufsize 700\nforward . 127.0.0.1:${upstream.address().port}`;
      await using running = await startChain([bufsizePlugin, forwardPlugin], lines);
      const reply = await askChain(running, { name: 'x.example', edns: { udpSize: 4096 } });
      expect(reply.opt?.udpPayloadSize).toBe(700);
      expect((await asked).edns?.udpSize).toBe(700);
    } finally {
      upstream.close();
    }
  });
});

describe('mistakes', () => {
  test.each([
    ['bufsize 511', '511 is too small: the least is 512'],
    ['bufsize 4097', '4097 is too large: the most is 4096'],
    ['bufsize x', "'x' is not a whole number"],
    ['bufsize 600 700', "Wrong argument count or unexpected line ending after '700'"],
    ['bufsize {\n}', "Unexpected token '{', 'bufsize' takes no block"],
    ['bufsize 600\nbufsize x', "'x' is not a whole number"],
  ])('%j', (corefile, message) => {
    expect(() => setUp(bufsizePlugin, corefile, makeSetup())).toThrow(message);
  });
});
