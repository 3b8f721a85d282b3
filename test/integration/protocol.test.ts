/** The server's own rules: which messages are answered, and in what shape, whatever the plugins are. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeMessage, RrType } from '../../src/dns/index.ts';
import { ask, exchange, exchangeAllTcp, framed, queryBytes, read } from '../support/ask.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const ID = '1267';
/** `example.org. A IN` */
const QUESTION = '076578616d706c65036f72670000010001';
const WORLD = new URL('world', import.meta.url).pathname;

const COREFILE = `
example.org:0 {
  bind 127.0.0.1
  whoami
}
cluster.local:0 {
  bind 127.0.0.1
  kubernetes { manifests ${WORLD} }
}
child.example.org:0 {
  bind 127.0.0.1
  hosts {
    192.0.2.1 child.example.org
  }
}
empty.example:0 {
  bind 127.0.0.1
}
`;

/** What an operator gets, and the others. */
const servers = new Map<string, RunningServer>();
let running: RunningServer;
beforeAll(async () => {
  running = await startServer(COREFILE);
  servers.set('auto', running);
  servers.set('dgram', await startServer(COREFILE, 'Corefile', 'dgram'));
  servers.set('workers', await startServer(COREFILE.replace('whoami', 'whoami\n  multisocket 2')));
});
afterAll(async () => {
  for (const server of servers.values()) await server[Symbol.asyncDispose]();
});

const WAYS = [
  { way: 'udp', transport: 'udp', server: 'auto' },
  { way: 'udp, datagram by datagram', transport: 'udp', server: 'dgram' },
  { way: 'udp, read by workers', transport: 'udp', server: 'workers' },
  { way: 'tcp', transport: 'tcp', server: 'auto' },
] as const;

const portOf = (server: string) => servers.get(server)?.port ?? 0;

function bytes(...parts: string[]): Uint8Array {
  return Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
}

const header = (flags: string, counts = '0001 0000 0000 0000') => `${ID}${flags}${counts}`;

/** Sends a datagram and then a good query: what comes first tells whether the datagram was answered. */
async function firstReplyOverUdp(port: number, datagram: Uint8Array): Promise<Uint8Array> {
  const socket = createSocket('udp4');
  try {
    socket.send(datagram, port, '127.0.0.1');
    socket.send(queryBytes('example.org', 'A'), port, '127.0.0.1');
    const [reply] = (await once(socket, 'message')) as [Uint8Array];
    return reply;
  } finally {
    socket.close();
  }
}

async function firstReplyOverTcp(port: number, message: Uint8Array): Promise<Uint8Array | undefined> {
  const [reply] = await exchangeAllTcp(port, [message, queryBytes('example.org', 'A')], 1);
  return reply;
}

const firstReply = { udp: firstReplyOverUdp, tcp: firstReplyOverTcp } as const;

describe.each(WAYS)('message acceptance over $way', ({ transport, server }) => {
  const ignored: [what: string, message: Uint8Array][] = [
    ['no octets', bytes()],
    ['eleven octets', bytes(header('0100').slice(0, 22))],
    ['a response', bytes(header('8100'), QUESTION)],
    ['a response with an unknown opcode', bytes(header('f900'), QUESTION)],
  ];
  test.each(ignored)('%s is not answered', async (_what, message) => {
    const reply = await firstReply[transport](portOf(server), message);
    // 4711 is the ID of the good query behind it.
    expect(Buffer.from(reply ?? []).readUInt16BE(0)).toBe(4711);
  });

  const rejected: [what: string, message: Uint8Array, reply: string][] = [
    ['opcode IQUERY', bytes(header('0900'), QUESTION), `${ID} 8904 0000 0000 0000 0000`],
    ['opcode STATUS', bytes(header('1100'), QUESTION), `${ID} 9104 0000 0000 0000 0000`],
    ['opcode UPDATE', bytes(header('2900'), QUESTION), `${ID} a904 0000 0000 0000 0000`],
    ['opcode 15', bytes(header('7900'), QUESTION), `${ID} f904 0000 0000 0000 0000`],
    ['no question', bytes(header('0100', '0000 0000 0000 0000')), `${ID} 8101 0000 0000 0000 0000`],
    [
      'two questions',
      bytes(header('0100', '0002 0000 0000 0000'), QUESTION, QUESTION),
      `${ID} 8101 0000 0000 0000 0000`,
    ],
    ['two answers', bytes(header('0100', '0001 0002 0000 0000'), QUESTION), `${ID} 8101 0000 0000 0000 0000`],
    [
      'two authorities',
      bytes(header('0100', '0001 0000 0002 0000'), QUESTION),
      `${ID} 8101 0000 0000 0000 0000`,
    ],
    [
      'three additionals',
      bytes(header('0100', '0001 0000 0000 0003'), QUESTION),
      `${ID} 8101 0000 0000 0000 0000`,
    ],
    // What was read of it is echoed.
    [
      'a record that is cut short',
      bytes(header('0100', '0001 0000 0000 0001'), QUESTION, '0000290200'),
      `${ID} 8101 0001 0000 0000 0000 ${QUESTION}`,
    ],
    [
      'two OPT records',
      bytes(
        header('0100', '0001 0000 0000 0002'),
        QUESTION,
        '0000290200000000000000',
        '0000290200000000000000',
      ),
      `${ID} 8101 0001 0000 0000 0000 ${QUESTION}`,
    ],
    [
      'a label that is too long',
      bytes(header('0100'), '40', '61'.repeat(64), '0000010001'),
      `${ID} 8101 0000 0000 0000 0000`,
    ],
    ['a name that points forward', bytes(header('0100'), 'c010 0001 0001'), `${ID} 8101 0000 0000 0000 0000`],
    [
      'a name that points to itself',
      bytes(header('0100'), 'c00c 0001 0001'),
      `${ID} 8101 0000 0000 0000 0000`,
    ],
    ['CD is kept, Z is not', bytes(header('0150', '0000 0000 0000 0000')), `${ID} 8111 0000 0000 0000 0000`],
  ];
  test.each(rejected)('%s', async (_what, message, reply) => {
    const got = await firstReply[transport](portOf(server), message);
    expect(Buffer.from(got ?? []).toString('hex')).toBe(reply.replaceAll(' ', ''));
  });

  test('NOTIFY goes to the plugins', async () => {
    const reply = await firstReply[transport](portOf(server), bytes(header('2000'), QUESTION));
    // QR, opcode 4, AA of whoami; neither RD nor CD.
    expect(Buffer.from(reply ?? []).toString('hex', 0, 4)).toBe(`${ID}a400`);
  });

  test('octets behind the message do not matter', async () => {
    const reply = await exchange(
      portOf(server),
      Buffer.concat([queryBytes('example.org', 'A'), Buffer.from('x')]),
      transport,
    );
    expect(read(reply ?? new Uint8Array()).rcode).toBe(0);
  });

  test('another class is refused, the question echoed', async () => {
    const reply = await exchange(
      portOf(server),
      bytes(header('0100'), QUESTION.replace(/0001$/, '0003')),
      transport,
    );
    expect(Buffer.from(reply ?? []).toString('hex')).toBe(
      `${ID}81050001000000000000${QUESTION.replace(/0001$/, '0003')}`,
    );
  });

  test('EDNS version 1 is BADVERS with a bare OPT', async () => {
    const opt = '0000291000000180000000';
    const reply = await exchange(
      portOf(server),
      bytes(header('0100', '0001 0000 0000 0001'), QUESTION, opt),
      transport,
    );
    expect(Buffer.from(reply ?? []).toString('hex')).toBe(
      `${ID}81000001000000000001${QUESTION}0000290000010000000000`,
    );
  });

  test('OPT answers OPT: own size, DO, version 0, no unknown flags and options', async () => {
    const cookie = '000a00080102030405060708';
    const unknown = '006400021234';
    const opt = `00002904d0 0000 c000 ${'0012'} ${cookie}${unknown}`;
    const reply = await exchange(
      portOf(server),
      bytes(header('0100', '0001 0000 0000 0001'), QUESTION, opt),
      transport,
    );
    const { edns } = decodeMessage(reply ?? new Uint8Array());
    expect(edns).toMatchObject({ udpSize: 0x4d0, version: 0, do: true, z: 0 });
    expect(edns?.options.map(({ code }) => code)).toEqual([10]);
  });

  test('options that leave no room for the reply are not echoed', async () => {
    const padding = `000c01f4${'00'.repeat(500)}`;
    const opt = `0000290200 0000 0000 01f8 ${padding}`;
    const reply = await exchange(
      portOf(server),
      bytes(header('0100', '0001 0000 0000 0001'), QUESTION, opt),
      transport,
    );
    const { rcode, edns } = decodeMessage(reply ?? new Uint8Array());
    expect({ rcode, options: edns?.options }).toEqual({ rcode: 0, options: [] });
  });

  test('no OPT where none was asked for', async () => {
    const reply = await exchange(portOf(server), queryBytes('example.org', 'A'), transport);
    expect(decodeMessage(reply ?? new Uint8Array()).edns).toBeUndefined();
  });

  test('a query of more than 512 octets is answered', async () => {
    const padding = `000c0300${'00'.repeat(768)}`;
    const opt = `00002904d0 0000 0000 0304 ${padding}`;
    const reply = await exchange(
      portOf(server),
      bytes(header('0100', '0001 0000 0000 0001'), QUESTION, opt),
      transport,
    );
    expect(decodeMessage(reply ?? new Uint8Array()).rcode).toBe(0);
  });
});

describe.each(WAYS)('routing over $way', ({ transport, server }) => {
  const routes: [name: string, type: string, flags: string, who: string][] = [
    ['example.org', 'A', '8500', 'whoami'],
    ['a.b.EXAMPLE.org', 'A', '8500', 'whoami'],
    ['child.example.org', 'A', '8500', 'hosts'],
    // DS is the parent's to answer.
    ['child.example.org', 'DS', '8500', 'whoami'],
    ['notexample.org', 'A', '8105', 'nobody'],
    ['org', 'A', '8105', 'nobody'],
    ['empty.example', 'A', '8105', 'nobody'],
  ];
  test.each(routes)('%s %s', async (name, type, flags, who) => {
    const asked = await ask(portOf(server), name, type, { transport });
    expect(asked.flags.toString(16)).toBe(flags);
    expect(asked.answer.length > 0 ? 'hosts' : asked.additional.length > 0 ? 'whoami' : 'nobody').toBe(who);
  });
});

describe('reply size', () => {
  const wide = Array.from(
    { length: 120 },
    (_, i) => `    - { addresses: [10.9.${i >> 6}.${i & 63}], conditions: { ready: true } }`,
  );
  let large: RunningServer;
  beforeAll(async () => {
    const { mkdtemp, writeFile } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/corvidns-`);
    const lines = [
      'apiVersion: v1',
      'kind: Namespace',
      'metadata: { name: big }',
      '---',
      'apiVersion: v1',
      'kind: Service',
      'metadata: { name: wide, namespace: big }',
      'spec: { clusterIP: None, ports: [{ name: p, port: 1 }] }',
      '---',
      'apiVersion: discovery.k8s.io/v1',
      'kind: EndpointSlice',
      'metadata: { name: wide-a, namespace: big, labels: { kubernetes.io/service-name: wide } }',
      'addressType: IPv4',
      'ports: [{ name: p, port: 1, protocol: TCP }]',
      'endpoints:',
      ...wide,
    ];
    await writeFile(`${folder}/big.yaml`, lines.join('\n'));
    large = await startServer(`.:0 {
      bind 127.0.0.1
      kubernetes cluster.local { manifests ${folder} }
    }`);
    await (await import('node:fs/promises')).rm(folder, { recursive: true });
  });
  afterAll(async () => {
    await large[Symbol.asyncDispose]();
  });

  const NAME = 'wide.big.svc.cluster.local';

  test('over UDP without EDNS whole records up to 512 octets, and TC', async () => {
    const asked = await ask(large.port, NAME, 'A');
    expect(asked.flags.toString(16)).toBe('8700');
    expect(asked.bytes.length).toBeLessThanOrEqual(512);
    // 12 header, 32 question, 16 a compressed record.
    expect(asked.answer.length).toBe(Math.floor((512 - 12 - 32) / 16));
  });

  test('over UDP with EDNS up to the size that the client takes', async () => {
    const asked = await ask(large.port, NAME, 'A', { udpSize: 1232 });
    expect(asked.flags.toString(16)).toBe('8700');
    expect(asked.bytes.length).toBeLessThanOrEqual(1232);
    const whole = await ask(large.port, NAME, 'A', { udpSize: 4096 });
    expect(whole.flags.toString(16)).toBe('8500');
    expect(whole.answer).toHaveLength(120);
  });

  test('a size below 512 counts as 512', async () => {
    const asked = await ask(large.port, NAME, 'A', { udpSize: 100 });
    expect(asked.answer.length).toBe(Math.floor((512 - 12 - 32 - 11) / 16));
  });

  test('over TCP everything', async () => {
    const asked = await ask(large.port, NAME, 'SRV', { transport: 'tcp' });
    expect(asked.flags.toString(16)).toBe('8500');
    expect(asked.answer).toHaveLength(120);
    expect(asked.additional).toHaveLength(120);
  });

  test('additional records go first', async () => {
    const asked = await ask(large.port, NAME, 'SRV', { udpSize: 8192 });
    expect(asked.flags & 0x0200).toBe(0x0200);
    expect(asked.answer.length).toBe(120);
    expect(asked.additional.length).toBeLessThan(120);
  });
});

describe('TCP connections', () => {
  test('pipelined queries are all answered, also when the client has closed its side', async () => {
    const queries = Array.from({ length: 300 }, () => queryBytes('example.org', 'A'));
    expect(await exchangeAllTcp(running.port, queries, 300)).toHaveLength(300);

    const socket = connect({ host: '127.0.0.1', port: running.port, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.end(Buffer.concat(queries.map(framed)));
    await once(socket, 'end');
    const replies = Buffer.concat(chunks);
    expect(replies.length).toBe(300 * (2 + replies.readUInt16BE(0)));
  });

  test('a message that comes octet by octet is answered', async () => {
    const socket = connect({ host: '127.0.0.1', port: running.port });
    socket.setNoDelay(true);
    await once(socket, 'connect');
    for (const octet of framed(queryBytes('example.org', 'A'))) {
      socket.write(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(decodeMessage(reply.subarray(2)).questions[0]?.type).toBe(RrType.A);
    socket.destroy();
  });

  test('a reset in the middle of a message harms nobody', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect({ host: '127.0.0.1', port: running.port });
      await once(socket, 'connect');
      socket.write(framed(queryBytes('example.org', 'A')).subarray(0, 5 + i));
      socket.resetAndDestroy();
    }
    expect((await ask(running.port, 'example.org', 'A', { transport: 'tcp' })).rcode).toBe(0);
  });
});

describe('what is counted', () => {
  test('queries that the core turns away are in zone "dropped"', async () => {
    await ask(running.port, 'nobody.example', 'A');
    await until('the rejection is counted', async () => {
      const text = await running.metrics.exposition();
      return /coredns_dns_responses_total\{[^}]*zone="dropped"[^}]*rcode="REFUSED"[^}]*\} [1-9]/.test(text);
    });
  });
});
