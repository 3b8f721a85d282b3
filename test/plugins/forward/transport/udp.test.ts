import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formatRecord, type Message, Name, parseRecord } from '../../../../src/dns/index.ts';
import { Rcode, RrClass, RrType } from '../../../../src/dns/types.ts';
import { limits } from '../../../../src/limits.ts';
import { makeQuery } from '../../../support/query.ts';
import { until } from '../../../support/until.ts';
import { answerTo, deadUpstream, type UdpRequest, udpUpstream } from '../upstreams.ts';
import { transportTo } from './transport-to.ts';
import { udpWays } from './udp-ways.ts';

const right = [parseRecord('example.org. 60 A 192.0.2.1')];
const wrong = [parseRecord('example.org. 60 A 192.0.2.66')];
const request = makeQuery({ name: 'example.org' }).message;

interface Exchange {
  readonly timeoutMs?: number;
  readonly request?: Message;
  readonly host?: string;
  readonly sourceAddress?: string;
}

/** A header alone. */
function bare(request: Message, rcode: number): Uint8Array {
  return answerTo(request, { rcode, questions: [] });
}

describe.each(udpWays)('over UDP, $way', ({ way, sockets }) => {
  async function exchange(port: number, options: Exchange = {}): Promise<Message> {
    const { host = '127.0.0.1', timeoutMs = 20_000, sourceAddress } = options;
    await using asker = transportTo({ protocol: 'udp', port, host, sourceAddress, sockets });
    return await asker.exchange(options.request ?? request, timeoutMs);
  }

  test.each(['FORMERR', 'SERVFAIL', 'NOTIMP', 'REFUSED'] as const)(
    '%s without a question is an answer',
    async (name) => {
      await using upstream = await udpUpstream(({ message, send }) => send(bare(message, Rcode[name])));
      expect(await exchange(upstream.port)).toMatchObject({ rcode: Rcode[name], answer: [] });
    },
  );

  test('gives the answer, from a fresh port and with a fresh ID each time', async () => {
    const ports = new Set<number>();
    await using upstream = await udpUpstream(({ message, client, send }) => {
      ports.add(client.port);
      send(answerTo(message, { answer: right }));
    });
    for (let i = 0; i < 20; i++) expect((await exchange(upstream.port)).answer).toEqual(right);
    expect(ports.size).toBeGreaterThan(15);
    expect(new Set(upstream.requests.map(({ id }) => id)).size).toBeGreaterThan(15);
  });

  test('asks over IPv6', async () => {
    await using upstream = await udpUpstream(({ message, send }) => send(answerTo(message)), { host: '::1' });
    expect((await exchange(upstream.port, { host: '::1' })).ra).toBe(true);
  });

  const lies: [string, (request: UdpRequest) => void][] = [
    [
      'another ID',
      ({ message, send }) => send(answerTo({ ...message, id: message.id ^ 1 }, { answer: wrong })),
    ],
    [
      'another name',
      ({ message, send }) =>
        send(
          answerTo(message, {
            questions: [{ name: Name.fromText('example.net'), type: RrType.A, class: RrClass.IN }],
            answer: wrong,
          }),
        ),
    ],
    ['another type', ({ message, send }) => send(answerTo(withQuestion(message, { type: RrType.AAAA })))],
    ['another class', ({ message, send }) => send(answerTo(withQuestion(message, { class: RrClass.CH })))],
    ['NXDOMAIN without a question', ({ message, send }) => send(bare(message, Rcode.NXDOMAIN))],
    ['NOERROR without a question', ({ message, send }) => send(bare(message, Rcode.NOERROR))],
    ['no question', ({ message, send }) => send(answerTo(message, { questions: [], answer: wrong }))],
    [
      'two questions',
      ({ message, send }) =>
        send(answerTo(message, { questions: [...message.questions, ...message.questions], answer: wrong })),
    ],
    ['a query, no reply', ({ message, send }) => send(answerTo(message, { qr: false }))],
    ['nothing', ({ send }) => send(new Uint8Array(0))],
    ['eleven octets', ({ message, send }) => send(answerTo(message).subarray(0, 11))],
    [
      'a record that is cut off',
      ({ message, send }) => {
        const bytes = answerTo(message, { answer: wrong });
        send(bytes.subarray(0, bytes.length - 1));
      },
    ],
    [
      'another question, and is cut within a record',
      ({ message, send }) => {
        const other = withQuestion(message, { type: RrType.AAAA });
        const bytes = answerTo(other, { tc: true });
        send(bytes.subarray(0, bytes.length - 1));
      },
    ],
    ['noise', ({ send }) => send(new Uint8Array(600).fill(0xff))],
  ];

  test.each(lies)('what has %s is ignored, and the right answer that follows counts', async (_, lie) => {
    await using upstream = await udpUpstream((asked) => {
      lie(asked);
      asked.send(answerTo(asked.message, { answer: right }));
    });
    expect((await exchange(upstream.port)).answer).toEqual(right);
  });

  test.each(lies)('what has %s does not end the wait either', async (_, lie) => {
    await using upstream = await udpUpstream(lie);
    await expect(exchange(upstream.port, { timeoutMs: 150 })).rejects.toThrow('i/o timeout');
  });

  test('what comes from another port is ignored', async () => {
    const liar = createSocket('udp4').bind(0, '127.0.0.1');
    await once(liar, 'listening');
    try {
      await using upstream = await udpUpstream(({ message, client, send }) => {
        liar.send(answerTo(message, { answer: wrong }), client.port, client.address, () =>
          send(answerTo(message, { answer: right })),
        );
      });
      expect((await exchange(upstream.port)).answer).toEqual(right);
    } finally {
      liar.close();
    }
  });

  test('what comes from another address is ignored', async () => {
    await using upstream = await udpUpstream(({ message, client, send }) => {
      const liar = createSocket('udp4');
      liar.bind(upstream.port, '127.0.0.2', () => {
        liar.send(answerTo(message, { answer: wrong }), client.port, client.address, () => {
          liar.close();
          send(answerTo(message, { answer: right }));
        });
      });
    });
    expect((await exchange(upstream.port)).answer).toEqual(right);
  });

  test('the letter case of the question does not matter', async () => {
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(withQuestion(message, { name: Name.fromText('EXAMPLE.org') }), { answer: right })),
    );
    expect((await exchange(upstream.port)).answer).toEqual(right);
  });

  test('a truncated answer is one', async () => {
    await using upstream = await udpUpstream(({ message, send }) => send(answerTo(message, { tc: true })));
    expect((await exchange(upstream.port)).tc).toBe(true);
  });

  test('so is one that an old server has cut within a record: its header and question', async () => {
    await using upstream = await udpUpstream(({ message, send }) => {
      const bytes = answerTo(message, { tc: true, aa: true, answer: wrong });
      send(bytes.subarray(0, bytes.length - 1));
    });
    expect(await exchange(upstream.port)).toMatchObject({ tc: true, aa: true, answer: [], rcode: 0 });
  });

  test('an answer may have as many octets as a datagram', async () => {
    const strings = Array.from({ length: 200 }, () => new Uint8Array(250).fill(0x61));
    const data = { kind: 'TXT', strings } as const;
    const long = { owner: Name.fromText('example.org'), type: RrType.TXT, class: 1, ttl: 5, data };
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { answer: [long] })),
    );
    const reply = await exchange(upstream.port);
    expect(reply.answer.map(formatRecord)).toEqual([formatRecord(long)]);
  });

  test('silence ends with the time-out, in the words of Go', async () => {
    await using upstream = await udpUpstream(() => {});
    const error = await exchange(upstream.port, { timeoutMs: 50 }).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ExchangeError', timedOut: true });
    expect(error.message).toMatch(
      new RegExp(`^read udp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${upstream.port}: i/o timeout$`),
    );
  });

  test('a closed port fails at once', async () => {
    const [host = '', port] = (await deadUpstream()).split(':');
    const error = await exchange(Number(port), { host }).catch((reason) => reason);
    expect(error).toMatchObject({ timedOut: false });
    expect(error.message).toMatch(/^read udp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection refused$/);
  });

  test('asks from the source address', async () => {
    const clients: string[] = [];
    await using upstream = await udpUpstream(({ message, client, send }) => {
      clients.push(client.address);
      send(answerTo(message));
    });
    await exchange(upstream.port, { sourceAddress: '127.0.0.3' });
    expect(clients).toEqual(['127.0.0.3']);
  });

  test.each([
    ['a source address that is not of this machine', '127.0.0.1', '192.0.2.1'],
    ['a source address of the other family', '127.0.0.1', '::1'],
  ])('%s fails at once', async (_, host, sourceAddress) => {
    const error = await exchange(53, { host, sourceAddress }).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ExchangeError', timedOut: false });
  });

  test('an upstream that no socket may speak to fails at once', async () => {
    // The kernel refuses to connect to it: nothing is sent.
    const error = await exchange(53, { host: '255.255.255.255' }).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ExchangeError', timedOut: false });
    expect(error.message).toMatch(/^dial udp .*255\.255\.255\.255:53: connect: permission denied$/);
  });

  test('many at once, each with its own answer', async () => {
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { answer: [{ ...first(right), owner: first(message.questions).name }] })),
    );
    await using asker = transportTo({ protocol: 'udp', port: upstream.port, sockets });
    // More than one look of the kernel names, and no more than the buffer of any socket holds.
    const names = Array.from({ length: limits.udpReadableSockets + 20 }, (_, i) => `n${i}.example.org.`);
    for (let round = 0; round < 2; round++) {
      const replies = await Promise.all(
        names.map((name) => asker.exchange(makeQuery({ name }).message, 20_000)),
      );
      expect(replies.map(({ answer }) => first(answer).owner.toString())).toEqual(names);
    }
  });

  test('an answer that comes too late is nobody else’s', async () => {
    const late: (() => void)[] = [];
    await using upstream = await udpUpstream(({ message, send }) => {
      late.push(() => send(answerTo(message, { answer: wrong })));
      if (late.length > 1) for (const reply of late.splice(0, 1)) reply();
      if (first(message.questions).name.toString() !== 'example.org.')
        send(answerTo(message, { answer: right }));
    });
    await using asker = transportTo({ protocol: 'udp', port: upstream.port, sockets });
    await expect(asker.exchange(request, 50)).rejects.toThrow('i/o timeout');
    const reply = await asker.exchange(makeQuery({ name: 'example.net' }).message, 20_000);
    expect(reply.answer).toEqual(right);
  });

  test('a question that ends when its transport does: it is answered, and its socket goes', async () => {
    const before = descriptors();
    const asked = Promise.withResolvers<() => void>();
    await using upstream = await udpUpstream(({ message, send }) =>
      asked.resolve(() => send(answerTo(message, { answer: right }))),
    );
    const asker = transportTo({ protocol: 'udp', port: upstream.port, sockets });
    const answered = asker.exchange(request, 20_000);
    const reply = await asked.promise;
    asker.close();
    reply();
    expect((await answered).answer).toEqual(right);
    await until('all is closed', () => descriptors() <= before + 1);
  });

  describe('a process that has nothing else to do', () => {
    const script = fileURLToPath(new URL('ask-and-end.ts', import.meta.url));
    const run = async (port: number, timeoutMs: number) => {
      const args = [script, port, way, timeoutMs, 100].map(String);
      return (await promisify(execFile)(process.execPath, args, { timeout: 20_000 })).stdout;
    };

    test('lives until it is answered, and ends when its socket was idle for long enough', async () => {
      await using upstream = await udpUpstream(({ message, send }) => {
        setTimeout(() => send(answerTo(message)), 300);
      });
      expect(await run(upstream.port, 20_000)).toBe('answered\n');
    });

    test('and until its question runs out', async () => {
      await using upstream = await udpUpstream(() => {});
      expect(await run(upstream.port, 300)).toMatch(/^read udp .*: i\/o timeout\n$/);
    });
  });

  test('any rcode is an answer', async () => {
    await using upstream = await udpUpstream(({ message, send }) =>
      send(answerTo(message, { rcode: Rcode.REFUSED })),
    );
    expect((await exchange(upstream.port)).rcode).toBe(Rcode.REFUSED);
  });
});

function first<T>([item]: readonly T[]): T {
  if (item === undefined) throw new Error('there is none');
  return item;
}

/** Open ones of this process. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function withQuestion(message: Message, parts: Partial<Message['questions'][number]>): Message {
  return { ...message, answer: wrong, questions: message.questions.map((asked) => ({ ...asked, ...parts })) };
}
