import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import { Rcode, typeNumber } from '../../../src/dns/types.ts';
import { aclPlugin } from '../../../src/plugins/acl/index.ts';
import type { Plugin } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { whoamiPlugin } from '../../../src/plugins/whoami/index.ts';
import { PromMetrics } from '../../../src/telemetry/prom-metrics.ts';
import { exchangeAllTcp } from '../../support/ask.ts';
import { askChain, queryOctets, readReply, startChain } from '../../support/chain.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const EXTENDED_ERROR = 15;
const until = { kind: 'until', ms: 7 } as const;
const passed = makeReply({ plugin: 'next', validity: until });

function plugin(corefile: string, metrics = new PromMetrics(), zones = ['.']): Plugin {
  const made = setUp(aclPlugin, corefile, makeSetup({ metrics, zones }));
  if (made === undefined) throw new Error('no plugin');
  return made;
}

type Asked = readonly [client: string, question: string];

function serve(acl: Plugin, [address, question]: Asked): Reply {
  const [name = '', type = ''] = question.split(' ');
  const query = makeQuery({ name, type: typeNumber(type) ?? 0, client: { address } });
  const reply = acl.serve(query, () => passed);
  if (reply instanceof Promise) throw new Error('acl answers at once');
  return reply;
}

function outcome(reply: Reply): string {
  if (reply.plugin === 'next') return 'allow';
  if (reply.dropped) return 'drop';
  return reply.rcode === Rcode.REFUSED ? 'block' : 'filter';
}

const POD = '10.0.0.7';
const NODE = '192.168.0.1';

describe('who may ask for what', () => {
  const cases: [corefile: string, asked: Asked, expected: string][] = [
    ['acl', [POD, 'a.example A'], 'allow'],
    ['acl {\n}', [POD, 'a.example A'], 'allow'],
    ['acl {\nblock\n}', [POD, 'a.example A'], 'block'],
    ['acl {\nfilter\n}', [POD, 'a.example A'], 'filter'],
    ['acl {\ndrop\n}', [POD, 'a.example A'], 'drop'],
    ['acl {\nallow\n}', [POD, 'a.example A'], 'allow'],
    ['acl {\nBlock NET 10.0.0.0/8\n}', [POD, 'a.example A'], 'block'],
    ['acl {\nblock net 10.0.0.0/8\n}', [NODE, 'a.example A'], 'allow'],
    ['acl {\nblock net 10.0.0.7\n}', [POD, 'a.example A'], 'block'],
    ['acl {\nblock net fd00::/8 10.0.0.0/8\n}', ['fd00::1', 'a.example A'], 'block'],
    ['acl {\nblock net *\n}', ['fd00::1', 'a.example A'], 'block'],
    ['acl {\nblock net 192.0.2.1 *\n}', [POD, 'a.example A'], 'block'],
    ['acl {\nfilter type AAAA\n}', [POD, 'a.example AAAA'], 'filter'],
    ['acl {\nfilter type AAAA\n}', [POD, 'a.example A'], 'allow'],
    ['acl {\nfilter type aaaa HTTPS TYPE999\n}', [POD, 'a.example TYPE999'], 'filter'],
    ['acl {\nfilter type *\n}', [POD, 'a.example MX'], 'filter'],
    ['acl {\nblock type ANY\n}', [POD, 'a.example ANY'], 'block'],
    ['acl {\nblock type ANY\n}', [POD, 'a.example A'], 'allow'],
    // Both must fit.
    ['acl {\nblock type A net 10.0.0.0/8\n}', [POD, 'a.example A'], 'block'],
    ['acl {\nblock type A net 10.0.0.0/8\n}', [POD, 'a.example MX'], 'allow'],
    ['acl {\nblock net 10.0.0.0/8 type A\n}', [NODE, 'a.example A'], 'allow'],
    // A word that is repeated adds up.
    ['acl {\nblock type A type MX net 10.0.0.0/8 net 192.168.0.0/16\n}', [NODE, 'a.example MX'], 'block'],
    // The first policy that fits decides.
    ['acl {\nallow net 10.0.0.0/8\nblock\n}', [POD, 'a.example A'], 'allow'],
    ['acl {\nallow net 10.0.0.0/8\nblock\n}', [NODE, 'a.example A'], 'block'],
    ['acl {\nblock\nallow net 10.0.0.0/8\n}', [POD, 'a.example A'], 'block'],
    // `allow` ends all rules; without a policy that fits the next rule has its turn.
    ['acl {\nallow net 10.0.0.0/8\n}\nacl {\nblock\n}', [POD, 'a.example A'], 'allow'],
    ['acl {\nallow net 10.0.0.0/8\n}\nacl {\nblock\n}', [NODE, 'a.example A'], 'block'],
    // Zones.
    ['acl a.example {\nblock\n}', [POD, 'x.A.example A'], 'block'],
    ['acl A.EXAMPLE b.example {\nblock\n}', [POD, 'b.example A'], 'block'],
    ['acl a.example {\nblock\n}', [POD, 'xa.example A'], 'allow'],
    ['acl a.example {\nblock\n}\nacl {\nfilter\n}', [POD, 'b.example A'], 'filter'],
    ['acl 10.0.0.0/24 {\nblock\n}', [POD, '1.0.0.10.in-addr.arpa PTR'], 'block'],
    // Whoever cannot be told apart gets nothing.
    ['acl {\nallow net 10.0.0.0/8\n}', ['nobody', 'a.example A'], 'block'],
    ['acl {\nblock net 10.0.0.0/8\n}', ['nobody', 'a.example A'], 'block'],
  ];
  test.each(cases)('%j for %j: %s', (corefile, asked, expected) => {
    expect(outcome(serve(plugin(corefile), asked))).toBe(expected);
  });

  test('without zones of its own a rule is for those of the block', () => {
    const acl = plugin('acl {\nblock\n}', new PromMetrics(), ['a.example.', 'b.example.']);
    expect(outcome(serve(acl, [POD, 'x.b.example A']))).toBe('block');
    expect(outcome(serve(acl, [POD, 'c.example A']))).toBe('allow');
  });
});

describe('replies', () => {
  test.each([
    ['block', Rcode.REFUSED, 15, 'acl-blocked'],
    ['filter', Rcode.NOERROR, 17, 'acl-filtered'],
  ])('%s', (action, rcode, ede, reason) => {
    const reply = serve(plugin(`acl {\n${action}\n}`), [POD, 'a.example A']);
    expect(reply).toMatchObject({
      rcode,
      aa: false,
      answer: [],
      authority: [],
      reason: { code: reason, ede },
    });
    expect(reply).toMatchObject({ plugin: 'acl', dropped: false, error: undefined });
    expect(reply.ednsOptions).toEqual([{ code: EXTENDED_ERROR, data: Uint8Array.of(0, ede) }]);
  });

  const validities: [corefile: string, client: string, kind: string][] = [
    ['acl {\nblock\n}', POD, 'while'],
    ['acl {\nfilter type A\n}', POD, 'while'],
    ['acl {\nblock net 10.0.0.0/8\n}', POD, 'never'],
    ['acl {\nallow net 10.0.0.0/8\nblock\n}', NODE, 'never'],
    ['acl {\nallow net 10.0.0.0/8\n}\nacl {\nblock\n}', NODE, 'never'],
    ['acl {\ndrop\n}', POD, 'never'],
    // What is allowed may be repeated where no client could be told otherwise.
    ['acl {\nblock type MX\n}', POD, 'until'],
    ['acl {\nblock type MX net 10.0.0.0/8\n}', POD, 'until'],
    ['acl other.example {\nblock net 10.0.0.0/8\n}', POD, 'until'],
    ['acl {\nallow net 10.0.0.0/8\nblock\n}', POD, 'never'],
    ['acl {\nblock net 10.0.0.0/8\n}', NODE, 'never'],
  ];
  test.each(validities)('%j for %s: %s', (corefile, client, kind) => {
    const reply = serve(plugin(corefile), [client, 'a.example A']);
    expect(reply.validity.kind).toBe(kind);
  });

  test('a reply that is waited for is narrowed too', async () => {
    const acl = plugin('acl {\nblock net 192.0.2.0/24\n}');
    const reply = await acl.serve(makeQuery(), async () => passed);
    expect(reply).toEqual({ ...passed, validity: { kind: 'never' } });
  });
});

test('metrics', async () => {
  const metrics = new PromMetrics();
  const lines = ['block type A', 'filter type AAAA', 'drop type MX'].join('\n');
  const acl = plugin(`acl Example a.example {\n${lines}\n}`, metrics);
  for (const question of ['x.a.example A', 'a.EXAMPLE A', 'b.example A', 'b.example AAAA', 'b.example MX']) {
    serve(acl, [POD, question]);
  }
  for (const question of ['b.example TXT', 'other A', 'other AAAA']) serve(acl, [POD, question]);
  const text = await metrics.exposition();
  for (const sample of [
    'coredns_acl_blocked_requests_total{server="dns://:53",zone="a.example.",view=""} 2',
    'coredns_acl_blocked_requests_total{server="dns://:53",zone="example.",view=""} 1',
    'coredns_acl_filtered_requests_total{server="dns://:53",zone="example.",view=""} 1',
    'coredns_acl_dropped_requests_total{server="dns://:53",zone="example.",view=""} 1',
    'coredns_acl_allowed_requests_total{server="dns://:53",view=""} 3',
  ]) {
    expect(text.split('\n')).toContain(sample);
  }
});

describe('on the wire', () => {
  const corefile = 'acl {\nblock type A\nfilter type AAAA\ndrop type MX\n}\nwhoami';
  const factories = [aclPlugin, whoamiPlugin];

  test.each([
    ['A', 5, 15],
    ['AAAA', 0, 17],
  ])('%s: rcode %i with extended error %i', async (type, rcode, ede) => {
    await using running = await startChain(factories, corefile);
    const parts = { name: 'a.example', type: typeNumber(type) ?? 0 };
    const { packet, rcode: got, opt } = await askChain(running, { ...parts, edns: { udpSize: 1400 } });
    expect([got, packet.answers, packet.authorities]).toEqual([rcode, [], []]);
    expect(opt).toMatchObject({ udpPayloadSize: 1400, flags: 0 });
    expect(opt?.options).toMatchObject([{ code: EXTENDED_ERROR, data: Buffer.from([0, ede]) }]);
  });

  test('clients without EDNS get none', async () => {
    await using running = await startChain(factories, corefile);
    const { rcode, opt, packet } = await askChain(running, { name: 'a.example' });
    expect([rcode, opt, packet.additionals]).toEqual([5, undefined, []]);
  });

  const dropped = queryOctets({ name: 'a.example', type: typeNumber('MX') ?? 0, message: { id: 1 } });
  const answered = queryOctets({ name: 'a.example', type: typeNumber('TXT') ?? 0, message: { id: 2 } });

  test('what is dropped over UDP gets no reply: the next query has the first one', async () => {
    await using running = await startChain(factories, corefile);
    const socket = createSocket('udp4');
    try {
      const { promise, resolve } = Promise.withResolvers<Uint8Array>();
      socket.on('message', resolve);
      socket.send(dropped, running.port, '127.0.0.1');
      socket.send(answered, running.port, '127.0.0.1');
      expect(readReply(await promise).packet.id).toBe(2);
    } finally {
      socket.close();
    }
  });

  test('the same over TCP, where the connection goes on', async () => {
    await using running = await startChain(factories, corefile);
    const [reply] = await exchangeAllTcp(running.port, [dropped, answered], 1);
    expect(readReply(reply).packet.id).toBe(2);
  });
});

describe('mistakes', () => {
  test.each([
    ['acl {\ndeny\n}', `unexpected token "deny"; expect 'allow', 'block', 'filter' or 'drop'`],
    ['acl {\nblock A\n}', `unexpected token "A"; expect 'type | net'`],
    ['acl {\nblock type\n}', 'no token specified in "type" section'],
    ['acl {\nblock type net 10.0.0.0/8\n}', 'no token specified in "type" section'],
    ['acl {\nblock type A NET\n}', 'no token specified in "net" section'],
    ['acl {\nblock type A XX\n}', 'unexpected token "XX"; expect legal QTYPE'],
    ['acl {\nblock net 10.0.0.0/33\n}', 'illegal CIDR notation "10.0.0.0/33"'],
    ['acl {\nblock net * example.org\n}', 'illegal CIDR notation "example.org"'],
    ['acl {\nblock type * XX\n}', 'unexpected token "XX"; expect legal QTYPE'],
    ['acl {\nblock {\n}\n}', "Unexpected token '{', 'block' takes no block"],
    ['acl a..b {\nblock\n}', 'zone is not a valid domain name: a..b'],
  ])('%j', (corefile, message) => {
    expect(() => plugin(corefile)).toThrow(message);
  });
});
