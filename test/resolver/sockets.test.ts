/** Lookups over real sockets on loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { decodeMessage, formatRdata, type Message, Name, parseRecord, RrType } from '../../src/dns/index.ts';
import { type Libc, type Nameserver, parseResolvConf, Resolver } from '../../src/resolver/index.ts';
import { until } from '../support/until.ts';
import { bytesOf } from './script.ts';
import { scriptedServer } from './scripted.ts';

const LIBCS = ['glibc', 'musl'] as const;

function resolver(libc: Libc, ports: readonly (number | Nameserver)[], options = '') {
  const { conf } = parseResolvConf(`search a b\noptions ${options}\n`)[libc];
  const nameservers = ports.map((port) => (typeof port === 'number' ? { host: '127.0.0.1', port } : port));
  return new Resolver({ conf: { ...conf, nameservers }, libc });
}

const texts = (records: Message['answer']) => records.map(({ data }) => formatRdata(data));

describe.each(LIBCS)('as %s', (libc) => {
  test('walks the search list', async () => {
    await using server = await scriptedServer({ 'x.b.': 'A 192.0.2.1, AAAA ::2' });
    const resolution = await resolver(libc, [server.port]).resolve('x', 'A+AAAA');
    expect(resolution).toMatchObject({ outcome: 'answer', name: 'x.b.', ttl: 30 });
    expect(texts(resolution.records)).toEqual(['192.0.2.1', '::2']);
    expect(server.asked).toEqual(
      ['x.a. A', 'x.a. AAAA', 'x.b. A', 'x.b. AAAA'].map((question) => `127.0.0.1 udp ${question}`),
    );
    expect(resolution.attempts.map(({ server: text }) => text)).toEqual(
      Array(4).fill(`127.0.0.1:${server.port}`),
    );
  });

  test('asks A and AAAA from one socket, with IDs that nobody foresees', async () => {
    await using server = await scriptedServer({});
    for (let i = 0; i < 10; i++) await resolver(libc, [server.port]).resolve('x.', 'A+AAAA');
    expect(server.sources).toHaveLength(20);
    for (let i = 0; i < 20; i += 2) expect(server.sources[i]).toBe(server.sources[i + 1]);
    expect(new Set(server.sources).size).toBeGreaterThan(5);
    expect(new Set(server.messages.map(({ id }) => id)).size).toBeGreaterThan(15);
  });

  test('takes a truncated reply over TCP', async () => {
    await using server = await scriptedServer({ 'x.a.': 'tc' });
    const { records, attempts } = await resolver(libc, [server.port]).resolve('x', RrType.A);
    expect(texts(records)).toEqual(['192.0.2.99']);
    expect(attempts.map(({ transport, outcome }) => `${transport} ${outcome}`)).toEqual([
      'udp truncated',
      'tcp answer',
    ]);
  });

  test('asks over IPv6', async () => {
    await using server = await scriptedServer({ '*': 'AAAA ::2' }, { host: '::1' });
    const { outcome } = await resolver(libc, [{ host: '::1', port: server.port }]).resolve('x.', RrType.AAAA);
    expect(outcome).toBe('answer');
  });

  test('ignores what is no answer to its question', async () => {
    const right = [parseRecord('x. 30 A 192.0.2.1')];
    const wrong = [parseRecord('x. 30 A 192.0.2.66')];
    await using server = await rawServer((query) => {
      const reply = { ...query, qr: true, ra: true };
      const [question] = query.questions;
      const other = { ...question, name: Name.fromText('y.'), type: 1, class: 1 };
      return [
        new Uint8Array(0),
        new Uint8Array(600).fill(0xff),
        bytesOf({ ...reply, id: query.id ^ 1, answer: wrong }),
        bytesOf({ ...reply, qr: false, answer: wrong }),
        bytesOf({ ...reply, questions: [other], answer: wrong }),
        bytesOf({ ...reply, questions: [], answer: wrong }),
        bytesOf({ ...reply, answer: wrong }).subarray(0, -1),
        bytesOf({ ...reply, answer: right }),
      ];
    });
    const { records } = await resolver(libc, [server.port]).resolve('x.', RrType.A);
    expect(texts(records)).toEqual(['192.0.2.1']);
  });

  test('takes a refusal that is nothing but a header', async () => {
    await using server = await rawServer((query) => [
      bytesOf({ ...query, qr: true, rcode: 5, questions: [] }),
    ]);
    const { outcome } = await resolver(libc, [server.port], 'timeout:1 attempts:1').resolve('x.', RrType.A);
    expect(outcome).toBe('refused');
  });

  test('asks again in silence, with the same ID, and takes a late reply', async () => {
    const queries: Message[] = [];
    await using server = await rawServer((query) => {
      queries.push(query);
      const [first] = queries;
      // The first one is answered when the second one is there.
      return queries.length < 2 || first === undefined ? [] : [bytesOf({ ...first, qr: true, ra: true })];
    });
    const { outcome, attempts } = await resolver(libc, [server.port], 'timeout:1 attempts:2').resolve(
      'x.',
      RrType.A,
    );
    expect(outcome).toBe('nodata');
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(['timeout', 'nodata']);
    expect(queries[0]?.id).toBe(queries[1]?.id);
  });

  test('a closed port is no server', async () => {
    const resolution = await resolver(libc, [await closedPort()], 'timeout:1 attempts:1').resolve(
      'x.',
      RrType.A,
    );
    expect(resolution).toMatchObject({ outcome: 'unreachable', libcError: 'EAI_AGAIN' });
  });

  test('an abort ends it at once, and leaves nothing open', async () => {
    await using server = await scriptedServer({ '*': 'silent' });
    const controller = new AbortController();
    const looking = resolver(libc, [server.port]).resolve('x', 'A+AAAA', { signal: controller.signal });
    await until('the server is asked', () => server.asked.length > 0);
    controller.abort(new Error('enough'));
    await expect(looking).rejects.toThrow('enough');
    const again = resolver(libc, [server.port]).resolve('x', RrType.A, { signal: controller.signal });
    await expect(again).rejects.toThrow('enough');
  });
});

test('closes every socket, whatever came of it', async () => {
  const open = () =>
    process.getActiveResourcesInfo().filter((kind) => /^(UDP|TCPSocket|TCPConnect)/.test(kind)).length;
  await until('those of the tests before are closed', () => open() === 0);
  {
    await using server = await scriptedServer({ 'x.a.': 'tc', 'y.': 'servfail', 'z.': 'silent' });
    for (const libc of LIBCS) {
      const once = resolver(libc, [server.port, await closedPort()], 'timeout:1 attempts:1');
      for (const name of ['x', 'y.', 'z.']) await once.resolve(name, 'A+AAAA');
    }
  }
  await until('all sockets are closed', () => open() === 0);
});

test('as glibc: use-vc asks over TCP alone, both types on one connection', async () => {
  await using server = await scriptedServer({ 'x.': 'A 192.0.2.1' });
  const { outcome } = await resolver('glibc', [server.port], 'use-vc').resolve('x.', 'A+AAAA');
  expect(outcome).toBe('answer');
  expect(server.asked).toEqual(['127.0.0.1 tcp x. A', '127.0.0.1 tcp x. AAAA']);
});

test('as glibc: a server that hangs up over TCP is passed over', async () => {
  const hangsUp = createServer((socket) => socket.on('error', () => {}).end()).listen(0, '127.0.0.1');
  await once(hangsUp, 'listening');
  try {
    const { port } = hangsUp.address() as { port: number };
    await using server = await scriptedServer({ 'x.': 'A 192.0.2.1' });
    const { outcome, attempts } = await resolver('glibc', [port, server.port], 'use-vc').resolve(
      'x.',
      RrType.A,
    );
    expect(outcome).toBe('answer');
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(['broken', 'answer']);
  } finally {
    hangsUp.close();
  }
});

test('as glibc: edns0 and trust-ad show in the query', async () => {
  await using server = await scriptedServer({});
  await resolver('glibc', [server.port]).resolve('x.', RrType.A);
  await resolver('glibc', [server.port], 'edns0 trust-ad').resolve('x.', RrType.A);
  expect(server.messages.map(({ ad, rd, edns }) => ({ ad, rd, udpSize: edns?.udpSize }))).toEqual([
    { ad: false, rd: true, udpSize: undefined },
    { ad: true, rd: true, udpSize: 1200 },
  ]);
});

test('as musl: all servers are asked, and the first usable reply counts', async () => {
  await using silent = await scriptedServer({ '*': 'silent' });
  await using refusing = await scriptedServer({ '*': 'refused' });
  await using right = await scriptedServer({ 'x.': 'A 192.0.2.1' });
  const ports = [silent.port, refusing.port, right.port];
  const { outcome, attempts } = await resolver('musl', ports).resolve('x.', RrType.A);
  expect(outcome).toBe('answer');
  expect(new Set(attempts.map((attempt) => attempt.server))).toEqual(
    new Set(ports.map((port) => `127.0.0.1:${port}`)),
  );
  expect(attempts).toContainEqual(
    expect.objectContaining({ server: `127.0.0.1:${silent.port}`, outcome: 'closed' }),
  );
});

/** A UDP server that answers a query with any octets. */
async function rawServer(script: (query: Message) => Uint8Array[]) {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, client) => {
    for (const reply of script(decodeMessage(bytes))) socket.send(reply, client.port, client.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  await using server = await rawServer(() => []);
  return server.port;
}
