import DNS from 'dns2';
import { afterEach, describe, expect, test } from 'vitest';
import { formatRecord, type Message, Name, parseRecord } from '../../../src/dns/index.ts';
import { Rcode, RrClass, RrType } from '../../../src/dns/types.ts';
import { forwardPlugin } from '../../../src/plugins/forward/index.ts';
import type { Handler, Plugin } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { ask, exchange, framed, queryBytes } from '../../support/ask.ts';
import { makeQuery, unreachable } from '../../support/query.ts';
import { startServer } from '../../support/server.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';
import { until } from '../../support/until.ts';
import { answerTo, deadUpstream, queriesAt, tcpUpstream, type Upstream, udpUpstream } from './upstreams.ts';

let setup: TestSetup = makeSetup();

function plugin(corefile: string): Plugin {
  setup = makeSetup({ plugin: 'forward' });
  const made = setUp(forwardPlugin, corefile, setup);
  if (made === undefined) throw new Error('no plugin');
  return made;
}

/** An upstream that answers with one address. */
function addressUpstream(address: string): Promise<Upstream> {
  const answer = [parseRecord(`example.org. 60 A ${address}`)];
  return udpUpstream(({ message, send }) => send(answerTo(message, { answer })));
}

function texts(reply: Reply): string[] {
  return reply.answer.map((record) => formatRecord(record).replaceAll('\t', ' '));
}

async function metric(line: string): Promise<number | undefined> {
  const text = await setup.context.metrics.exposition();
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

afterEach(async () => {
  await setup.shutdown();
  await setup.finalShutdown();
});

describe('which names', () => {
  const passed = makeReply({ plugin: 'next' });
  const next: Handler = () => passed;

  test('those within FROM, but for except; FROM itself always', async () => {
    await using upstream = await addressUpstream('192.0.2.1');
    const { serve } = plugin(`forward example.org ${upstream.to} {\nexcept a.example.org example.org\n}`);
    expect(serve(makeQuery({ name: 'example.net' }), next)).toBe(passed);
    expect(serve(makeQuery({ name: 'x.a.example.org' }), next)).toBe(passed);
    expect(serve(makeQuery({ name: 'b.example.org' }), next)).toBe(passed);
    expect((await serve(makeQuery({ name: 'EXAMPLE.org' }), unreachable)).plugin).toBe('forward');
  });

  test('stanzas are asked in the order of the file', async () => {
    await using one = await addressUpstream('192.0.2.1');
    await using two = await addressUpstream('192.0.2.2');
    const { serve } = plugin(
      `forward example.org ${one.to} {\nexcept b.example.org\n}\nforward org ${two.to}\n`,
    );
    const asked = async (name: string) => texts(await serve(makeQuery({ name }), next));
    expect(await asked('a.example.org')).toEqual(['example.org. 60 IN A 192.0.2.1']);
    expect(await asked('b.example.org')).toEqual(['example.org. 60 IN A 192.0.2.2']);
    expect(await asked('org')).toEqual(['example.org. 60 IN A 192.0.2.2']);
    expect(serve(makeQuery({ name: 'com' }), next)).toBe(passed);
  });

  test('any class is let through', () => {
    plugin('forward . 192.0.2.1');
    expect(setup.settings.anyClass).toBe(true);
  });
});

describe('the request', () => {
  async function requestFor(parts: Parameters<typeof makeQuery>[0]): Promise<Message | undefined> {
    await using upstream = await addressUpstream('192.0.2.1');
    await plugin(`forward . ${upstream.to}`).serve(makeQuery(parts), unreachable);
    return upstream.requests[0];
  }

  test("is the client's question with its flags, under another ID", async () => {
    const request = await requestFor({
      name: 'WwW.example.org',
      type: RrType.TXT,
      class: RrClass.CH,
      message: { rd: true, cd: true, ad: true, id: 4711 },
    });
    expect(request?.questions.map(({ name }) => name.toString())).toEqual(['WwW.example.org.']);
    expect(request?.questions[0]).toMatchObject({ type: RrType.TXT, class: RrClass.CH });
    expect(request).toMatchObject({ rd: true, cd: true, ad: true, qr: false, opcode: 0, rcode: 0 });
    expect(request?.edns).toBeUndefined();
  });

  test.each(['rd', 'cd', 'ad'] as const)('%s is not set where the client did not', async (flag) => {
    const clear = { rd: false, cd: false, ad: false };
    expect((await requestFor({ message: clear }))?.[flag]).toBe(false);
  });

  test('carries the EDNS of the client, options and all', async () => {
    const options = [{ code: 8, data: Uint8Array.of(0, 1, 24, 0, 192, 0, 2) }];
    const request = await requestFor({ edns: { udpSize: 1400, do: true, options } });
    expect(request?.edns).toEqual({ udpSize: 1400, version: 0, do: true, z: 0, options });
  });

  test('of IXFR has the SOA record of the client', async () => {
    const authority = [parseRecord('example.org. 0 SOA ns. host. 7 1 1 1 1')];
    const request = await requestFor({ type: RrType.IXFR, transport: 'udp', message: { authority } });
    expect(request?.authority).toEqual(authority);
  });

  test('is for the question that a plugin before has made of it', async () => {
    await using upstream = await addressUpstream('192.0.2.1');
    const query = makeQuery({ name: 'old.example' }).withQuestion(Name.fromText('new.example'), RrType.AAAA);
    await plugin(`forward . ${upstream.to}`).serve(query, unreachable);
    expect(upstream.requests[0]?.questions.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'new.example. 28',
    ]);
  });
});

describe('the reply', () => {
  const RECORDS = [
    'example.org. 1 A 192.0.2.1',
    'example.org. 2 AAAA 2001:db8::1',
    'example.org. 3 NS ns1.Example.org.',
    'www.example.org. 4 CNAME example.org.',
    'example.org. 5 SOA ns1.example.org. host.example.org. 1 2 3 4 5',
    '1.2.0.192.in-addr.arpa. 6 PTR example.org.',
    'example.org. 7 MX 10 mail.example.org.',
    'example.org. 8 TXT "one" "two"',
    '_x._tcp.example.org. 9 SRV 1 2 3 example.org.',
    'example.org. 10 NAPTR 1 2 "S" "SIP+D2U" "" _sip._udp.example.org.',
    'example.org. 11 CAA 0 issue "ca.example"',
    'example.org. 12 DS 1 8 2 0011223344',
    'example.org. 13 HTTPS 1 . alpn=h2',
    'example.org. 14 TYPE65280 \\# 4 DEADBEEF',
    'example.org. 15 DNAME example.net.',
  ].map((line) => parseRecord(line));

  test('is passed on as it came: sections, flags, rcode, types known and unknown', async () => {
    const sections = { answer: RECORDS, authority: RECORDS.slice(2, 5), additional: RECORDS.slice(0, 2) };
    const header = { aa: true, ra: true, ad: true, rcode: Rcode.NXDOMAIN };
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { ...sections, ...header })),
    );
    const reply = await plugin(`forward . ${upstream.to}`).serve(makeQuery(), unreachable);
    expect(reply).toMatchObject({ ...header, tc: false, plugin: 'forward', validity: { kind: 'never' } });
    for (const name of ['answer', 'authority', 'additional'] as const) {
      expect(reply[name].map(formatRecord)).toEqual(sections[name].map(formatRecord));
    }
  });

  test('keeps the EDNS options of the upstream', async () => {
    const options = [{ code: 15, data: Uint8Array.of(0, 22) }];
    const edns = { udpSize: 512, version: 0, do: false, z: 0, options };
    await using upstream = await udpUpstream(({ message, send }) => send(answerTo(message, { edns })));
    const reply = await plugin(`forward . ${upstream.to}`).serve(makeQuery({ edns: {} }), unreachable);
    expect(reply.ednsOptions).toEqual(options);
  });

  test('an rcode that needs EDNS is SERVFAIL to a client without', async () => {
    const edns = { udpSize: 512, version: 0, do: false, z: 0, options: [] };
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { edns, rcode: Rcode.BADCOOKIE })),
    );
    const { serve } = plugin(`forward . ${upstream.to}`);
    expect((await serve(makeQuery({ edns: {} }), unreachable)).rcode).toBe(Rcode.BADCOOKIE);
    expect((await serve(makeQuery(), unreachable)).rcode).toBe(Rcode.SERVFAIL);
  });

  test('is what dns2 says over UDP and TCP, where dns2 is the upstream', async () => {
    const server = DNS.createServer({
      udp: true,
      tcp: true,
      handle: (request, send) => {
        const response = DNS.Packet.createResponseFromRequest(request);
        const [question] = request.questions;
        const address = question?.name.length === 11 ? '192.0.2.53' : '192.0.2.54';
        const { A } = DNS.Packet.TYPE;
        response.answers.push({
          ...{ name: question?.name ?? '', type: A, class: DNS.Packet.CLASS.IN, ttl: 77, address },
        } as never);
        send(response);
      },
    });
    const addresses = await server.listen({
      udp: { port: 0, address: '127.0.0.1' },
      tcp: { port: 0, address: '127.0.0.1' },
    } as never);
    try {
      for (const transport of ['udp', 'tcp'] as const) {
        const { port } = (addresses as unknown as Record<string, { port: number }>)[transport] ?? { port: 0 };
        const { serve } = plugin(`forward . 127.0.0.1:${port}`);
        const reply = await serve(makeQuery({ name: 'example.org', transport }), unreachable);
        expect(texts(reply)).toEqual(['example.org. 77 IN A 192.0.2.53']);
        await setup.shutdown();
      }
    } finally {
      await server.close();
    }
  });
});

describe('the transport', () => {
  /** The same port over UDP, truncated, and over TCP, whole. */
  async function both(): Promise<{ udp: Upstream; tcp: Upstream }> {
    const whole = [parseRecord('example.org. 60 A 192.0.2.2')];
    const tcp = await tcpUpstream((message, socket) => {
      const bytes = answerTo(message, { answer: whole });
      socket.write(Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]));
    });
    const udp = await udpUpstream(({ message, send }) => send(answerTo(message, { tc: true })), {
      port: tcp.port,
    });
    return { udp, tcp };
  }

  test.each([
    ['', 'udp', { udp: 1, tcp: 0 }, true],
    ['', 'tcp', { udp: 0, tcp: 1 }, false],
    ['force_tcp', 'udp', { udp: 0, tcp: 1 }, false],
    ['prefer_udp', 'udp', { udp: 1, tcp: 1 }, false],
    ['prefer_udp', 'tcp', { udp: 1, tcp: 1 }, false],
    ['prefer_udp\nforce_tcp', 'tcp', { udp: 0, tcp: 1 }, false],
  ] as const)('%j, client over %s', async (property, transport, asked, tc) => {
    const { udp, tcp } = await both();
    await using _udp = udp;
    await using _tcp = tcp;
    const { serve } = plugin(`forward . ${udp.to} {\n${property}\n}`);
    const reply = await serve(makeQuery({ transport }), unreachable);
    expect(reply.tc).toBe(tc);
    expect(texts(reply)).toEqual(tc ? [] : ['example.org. 60 IN A 192.0.2.2']);
    expect({ udp: udp.requests.length, tcp: tcp.requests.length }).toEqual(asked);
  });
});

describe('upstreams that fail', () => {
  test('the next one is asked', async () => {
    await using upstream = await addressUpstream('192.0.2.1');
    const { serve } = plugin(`forward . ${await deadUpstream()} ${upstream.to} {\npolicy sequential\n}`);
    expect(texts(await serve(makeQuery(), unreachable))).toEqual(['example.org. 60 IN A 192.0.2.1']);
  });

  test('also after silence, and the silent one is asked with its own time-out', async () => {
    await using silent = await udpUpstream(() => {});
    await using upstream = await addressUpstream('192.0.2.1');
    const { serve } = plugin(
      `forward . ${silent.to} ${upstream.to} {\npolicy sequential\nread_timeout 50ms\n}`,
    );
    expect(texts(await serve(makeQuery(), unreachable))).toEqual(['example.org. 60 IN A 192.0.2.1']);
    expect(queriesAt(silent)).toHaveLength(1);
  });

  test('SERVFAIL of an upstream is an answer: nobody else is asked', async () => {
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { rcode: Rcode.SERVFAIL })),
    );
    await using other = await addressUpstream('192.0.2.1');
    const { serve } = plugin(`forward . ${upstream.to} ${other.to} {\npolicy sequential\n}`);
    const reply = await serve(makeQuery(), unreachable);
    expect(reply).toMatchObject({ rcode: Rcode.SERVFAIL, error: undefined });
    expect(other.requests).toHaveLength(0);
  });

  test('if all fail: SERVFAIL with the last error', async () => {
    const [one, two] = [await deadUpstream(), await deadUpstream()];
    const { serve } = plugin(`forward . ${one} ${two} {\npolicy sequential\n}`);
    const reply = await serve(makeQuery(), unreachable);
    expect(reply).toMatchObject({ rcode: Rcode.SERVFAIL, reason: reasons.upstreamError, plugin: '' });
    expect(reply.error).toMatch(
      new RegExp(`^read udp 127\\.0\\.0\\.1:\\d+->${two}: read: connection refused$`),
    );
  });

  test('silence of all: the time-out is the reason', async () => {
    await using silent = await udpUpstream(() => {});
    const { serve } = plugin(`forward . ${silent.to} {\nread_timeout 20ms\n}`);
    const reply = await serve(makeQuery(), unreachable);
    expect(reply).toMatchObject({ rcode: Rcode.SERVFAIL, reason: reasons.upstreamTimeout });
    expect(reply.error).toMatch(/: i\/o timeout$/);
  });

  test.each([
    ['', 2],
    ['max_connect_attempts 5', 5],
    ['max_connect_attempts 1', 1],
  ])('%j: %i attempts', async (property, attempts) => {
    await using silent = await udpUpstream(() => {});
    const { serve } = plugin(`forward . ${silent.to} {\nread_timeout 20ms\n${property}\n}`);
    await serve(makeQuery(), unreachable);
    expect(queriesAt(silent)).toHaveLength(attempts);
  });

  test('without a limit of attempts there is one all the same', async () => {
    await using rude = await tcpUpstream((_, socket) => socket.end());
    const { serve } = plugin(`forward . ${rude.to} {\nforce_tcp\nmax_connect_attempts 0\n}`);
    const reply = await serve(makeQuery(), unreachable);
    expect(reply.error).toMatch(/^read tcp .*: EOF$/);
    expect(queriesAt(rude)).toHaveLength(100);
  });

  test('no attempt begins behind the deadline of five seconds', async () => {
    await using silent = await udpUpstream(() => {});
    const { serve } = plugin(`forward . ${silent.to} {\nread_timeout 1h\nmax_connect_attempts 0\n}`);
    const reply = await serve(makeQuery(), unreachable);
    expect(reply.reason).toBe(reasons.upstreamTimeout);
    expect(queriesAt(silent)).toHaveLength(1);
  });
});

describe('too many queries', () => {
  test('beyond max_concurrent are refused at once, and counted; answers make room', async () => {
    const held: (() => void)[] = [];
    await using upstream = await udpUpstream(({ message, send }) => {
      held.push(() => send(answerTo(message)));
    });
    const { serve } = plugin(`forward . ${upstream.to} {\nmax_concurrent 2\nread_timeout 20s\n}`);
    const waiting = ['a', 'b'].map((name) => serve(makeQuery({ name }), unreachable));
    expect(serve(makeQuery(), unreachable)).toMatchObject({
      rcode: Rcode.REFUSED,
      reason: reasons.tooManyForwards,
      error: 'concurrent queries exceeded maximum 2',
    });
    expect(await metric('coredns_forward_max_concurrent_rejects_total')).toBe(1);
    await until('both queries are at the upstream', () => held.length === 2);
    for (const answer of held.splice(0)) answer();
    expect((await Promise.all(waiting)).map(({ rcode }) => rcode)).toEqual([0, 0]);
    const late = serve(makeQuery(), unreachable);
    await until('the late query is at the upstream', () => held.length === 1);
    held[0]?.();
    expect((await late).rcode).toBe(0);
  });

  test('there is a limit without max_concurrent, over all stanzas', async () => {
    const silent = await deadUpstream();
    const { serve } = plugin(`forward a ${silent}\nforward . ${silent} {\nmax_connect_attempts 1\n}`);
    const replies = Array.from({ length: 4_097 }, (_, i) =>
      serve(makeQuery({ name: i % 2 === 0 ? 'a' : 'b' }), unreachable),
    );
    expect(replies[4_096]).toMatchObject({
      rcode: Rcode.REFUSED,
      reason: reasons.tooManyForwards,
      error: 'concurrent queries exceeded maximum 4096',
    });
    expect(await metric('coredns_forward_max_concurrent_rejects_total')).toBe(1);
    await Promise.all(replies);
    const reply = await serve(makeQuery({ name: 'b' }), unreachable);
    expect(reply.rcode).toBe(Rcode.SERVFAIL);
  });
});

describe('metrics', () => {
  test('durations by upstream and rcode; the counters are there from the start', async () => {
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { rcode: Rcode.NXDOMAIN })),
    );
    const { serve } = plugin(`forward . ${upstream.to}`);
    expect(await metric('coredns_forward_max_concurrent_rejects_total')).toBe(0);
    expect(await metric('coredns_forward_healthcheck_broken_total')).toBe(0);
    await serve(makeQuery(), unreachable);
    await serve(makeQuery(), unreachable);
    const labels = `proxy_name="forward",to="${upstream.to}",rcode="NXDOMAIN"`;
    expect(await metric(`coredns_proxy_request_duration_seconds_count{${labels}}`)).toBe(2);
    expect(await metric(`coredns_proxy_request_duration_seconds_bucket{le="8.192",${labels}}`)).toBe(2);
  });
});

describe('in a server', () => {
  test('answers over UDP and TCP, and in classes other than IN', async () => {
    const answer = Array.from({ length: 60 }, (_, i) => parseRecord(`example.org. 60 A 192.0.2.${i}`));
    await using upstream = await tcpUpstream((message, socket) =>
      socket.write(framed(answerTo(message, { answer }))),
    );
    await using server = await startServer(
      `.:0 {\nbind 127.0.0.1\nloadbalance\nforward . ${upstream.to} {\nforce_tcp\n}\n}\n`,
    );
    const whole = await ask(server.port, 'example.org', 'A', { transport: 'tcp' });
    expect(whole.answer.toSorted()).toEqual(
      answer.map((rr) => formatRecord(rr).replaceAll('\t', ' ')).toSorted(),
    );
    // QR, RD and RA; a reply that is cut to 512 octets has TC too.
    expect(whole.flags).toBe(0x8180);
    expect((await ask(server.port, 'example.org', 'A')).flags).toBe(0x8380);
    expect((await ask(server.port, 'example.org', 'A', { udpSize: 4096 })).answer).toHaveLength(60);
    const chaos = queryBytes('version.bind', 'TXT');
    chaos[chaos.length - 1] = RrClass.CH;
    await exchange(server.port, chaos, 'udp');
    expect(upstream.requests.at(-1)?.questions[0]?.class).toBe(RrClass.CH);
  });

  test('a query that cannot be answered is SERVFAIL', async () => {
    await using server = await startServer(
      `.:0 {\nbind 127.0.0.1\nerrors\nforward . ${await deadUpstream()}\n}\n`,
    );
    expect((await ask(server.port, 'example.org', 'A')).rcode).toBe(Rcode.SERVFAIL);
    expect(server.lines.join('\n')).toMatch(
      /\[ERROR\] plugin\/errors: 2 example\.org\. A: read udp .*: read: connection refused/,
    );
  });
});

test('a closed gate is SERVFAIL with its error and asks nobody, but for the names it excepts; open, it forwards again', async () => {
  await using upstream = await addressUpstream('192.0.2.1');
  const forward = plugin(`forward . ${upstream.to}`);
  const [gate] = setup.context.offers.upstreamGates;
  expect(gate?.description).toBe(`forward . ${upstream.to}`);
  gate?.close('leads back here', (name) => name.toString() === 'probe.example.org.');
  const refused = await forward.serve(makeQuery({ name: 'example.org' }), unreachable);
  expect(refused).toMatchObject({
    rcode: Rcode.SERVFAIL,
    reason: reasons.forwardLoop,
    error: 'leads back here',
  });
  await forward.serve(makeQuery({ name: 'probe.example.org' }), unreachable);
  expect(upstream.requests.map(({ questions: [question] }) => question?.name.toString())).toEqual([
    'probe.example.org.',
  ]);
  gate?.open();
  expect(texts(await forward.serve(makeQuery({ name: 'example.org' }), unreachable))).toEqual([
    'example.org. 60 IN A 192.0.2.1',
  ]);
});
