/**
 * Datagrams that nobody sends in good faith, at a server that has answers to repeat, however it reads them: each reply is what the chain
 * says of just these octets, and good queries are answered as before.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeMessage } from '../../src/dns/index.ts';
import { limits } from '../../src/limits.ts';
import type { Native } from '../../src/net/native.ts';
import { SendBatch } from '../../src/server/batched/send-batch.ts';
import { openUdpSocket } from '../../src/server/batched/udp-socket.ts';
import type { UdpMode } from '../../src/server/udp-choice.ts';
import { Random } from '../conformance/world/random.ts';
import { queryBytes } from '../support/ask.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { coldReplies, Datagrams, idOf, withId } from './datagrams.ts';
import { seriesValue } from './engines.ts';
import { addTo, type Source, sendFrom } from './raw-datagram.ts';
import { setLimits } from './set-limits.ts';
import { native } from './udp-kinds.ts';

const WORLD = new URL('../integration/world', import.meta.url).pathname;
const SEED = 20_261_127;
const LARGEST_BYTES = 65_507;
/** Enough that an answer is kept by then, and repeated. */
const TIMES = 3;
const KNOWN = 'web.prod.svc.cluster.local';
/** Asked all the while, and so known. */
const good = [queryBytes(KNOWN, 'A'), queryBytes(KNOWN, 'A', { udpSize: 1232 })];

interface Way {
  readonly way: string;
  readonly udp: UdpMode;
  readonly directive: string;
}

const batched: readonly Way[] = [
  { way: 'batched, by the main thread', udp: 'batched', directive: '' },
  { way: 'batched, by workers', udp: 'batched', directive: 'multisocket 2' },
];
const ways: readonly Way[] = [
  { way: 'dgram', udp: 'dgram', directive: '' },
  ...(native === undefined ? [] : batched),
];

function corefile(directive: string): string {
  return `.:0 {
    bind 127.0.0.1
    prometheus 127.0.0.1:0
    ${directive}
    kubernetes cluster.local {
      manifests ${WORLD}
    }
  }
`;
}

function numbered(messages: readonly Uint8Array[]): Buffer[] {
  return messages.map((message, id) => withId(message, id + 1));
}

function octetsByChance(random: Random, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.int(256)));
}

describe.each(ways)('$way', ({ udp, directive }) => {
  let running: RunningServer;
  beforeAll(async () => {
    running = await startServer(corefile(directive), 'Corefile', udp);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  /** Every message of them, asked several times, is answered as the chain answers it over TCP, or not at all. */
  async function expectAsCold(messages: readonly Buffer[]): Promise<void> {
    const client = await Datagrams.open(running.port);
    await expectGood(client);
    const cold = await coldReplies(running.port, messages);
    for (let time = 0; time < TIMES; time++) {
      const replies = await client.exchange(messages);
      for (const message of messages) {
        const id = idOf(message);
        const expected = cold.get(id);
        expect(replies.get(id) ?? [], message.toString('hex')).toEqual(
          expected === undefined ? [] : [Buffer.from(expected)],
        );
      }
      expect(replies.get(undefined)).toBeUndefined();
    }
    await expectGood(client);
  }

  async function expectGood(client: Datagrams): Promise<void> {
    const messages = numbered([...good, ...good, ...good]);
    const [cold, replies] = [await coldReplies(running.port, messages), await client.exchange(messages)];
    for (const message of messages) {
      const [reply, ...others] = replies.get(idOf(message)) ?? [];
      expect(others).toEqual([]);
      expect(reply).toEqual(Buffer.from(cold.get(idOf(message)) ?? []));
      expect(decodeMessage(reply ?? Buffer.alloc(0)).answer).toHaveLength(1);
    }
  }

  test.each([
    ['without OPT', 0],
    ['with OPT', 1],
  ])('a query that differs from a known one in one bit, %s', async (_what, which) => {
    const known = good[which] ?? Buffer.alloc(0);
    const changed = Array.from({ length: (known.length - 2) * 8 }, (_, bit) => {
      const octets = Buffer.from(known);
      octets[2 + (bit >> 3)] = (octets[2 + (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
      return octets;
    });
    await expectAsCold(numbered(changed));
  });

  test.each([
    ['without OPT', 0],
    ['with OPT', 1],
  ])('the first octets of a known one, %s', async (_what, which) => {
    const known = good[which] ?? Buffer.alloc(0);
    const parts = numbered([...known].map(() => known)).map((whole, length) => whole.subarray(0, length));
    // Of less than two octets there is no ID to tell a reply by.
    await expectAsCold(parts.slice(2));
  });

  test('a known one with more behind it, up to the largest datagram', async () => {
    const random = new Random(SEED);
    const lengths = [1, 2, 3, 4, 11, 100, 1000, 4000, LARGEST_BYTES - (good[0]?.length ?? 0)];
    const longer = lengths.map((length) =>
      Buffer.concat([good[0] ?? Buffer.alloc(0), octetsByChance(random, length)]),
    );
    await expectAsCold(numbered(longer));
  });

  test('a short answer after long ones has nothing of them, and a long one nothing of others', async () => {
    const long = `${'y'.repeat(63)}.${'z'.repeat(63)}.prod.svc.cluster.local`;
    const short = ['.', 'cluster.local', 'a.', KNOWN];
    const names = Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? long : (short[(i >> 1) % 4] ?? '')));
    const types = ['A', 'SOA', 'NS', 'TXT', 'SRV'];
    await expectAsCold(numbered(names.map((name, i) => queryBytes(name, types[i % 5] ?? 'A'))));
  });

  test('octets by chance: a reply has the ID, and is no longer than without EDNS', async () => {
    const random = new Random(SEED);
    const client = await Datagrams.open(running.port);
    const lengths = [0, 1, 11, 12, LARGEST_BYTES, ...Array.from({ length: 1500 }, () => random.int(600))];
    const messages = lengths.map((length, i) => {
      const octets = octetsByChance(random, length);
      // Half of them have a header of a query with one question.
      if (length >= 12 && i % 2 === 0) octets.set([1, 0, 0, 1, 0, 0, 0, 0, 0, 0], 2);
      return length < 2 ? octets : withId(octets, i);
    });
    const replies = await client.exchange(messages);
    expect(replies.get(undefined)).toBeUndefined();
    for (const of of replies.values()) {
      expect(of).toHaveLength(1);
      const [reply = Buffer.alloc(0)] = of;
      expect({ qr: decodeMessage(reply).qr, isShort: reply.length <= 512 }).toEqual({
        qr: true,
        isShort: true,
      });
    }
    expect(replies.size).toBeGreaterThan(500);
    await expectGood(client);
  });

  /** How many queries the server has answered so far. */
  async function requests(): Promise<number> {
    const exposition = await running.metrics.exposition();
    const labels = 'server="dns://127.0.0.1:0",zone=".",view="",proto="udp",family="1",type="A"';
    return seriesValue(exposition, `coredns_dns_requests_total{${labels}}`);
  }

  const sources: [what: string, source: (serverPort: number) => Source, answers: number][] = [
    ['port 0', () => ({ host: 1, port: 0 }), 0],
    ['another host, that does not know of it', () => ({ host: 2, port: 9 }), 1],
    // RFC 1035 §4.1.1: what comes back to it is a response, and no response is answered.
    ['the server itself', (port) => ({ host: 1, port }), 1],
  ];
  test.each(sources)('a known query that claims to be from %s', async (_what, source, answers) => {
    const client = await Datagrams.open(running.port);
    await expectGood(client);
    const before = await requests();
    if (!sendFrom(source(running.port), good[0] ?? Buffer.alloc(0), running.port)) return;
    await until('it is answered', async () => (await requests()) >= before + answers);
    // Of as many ports that the socket is among theirs which has got it.
    for (let i = 0; i < 16; i++) await (await Datagrams.open(running.port)).exchange([]);
    expect(await requests()).toBe(before + answers);
    await expectGood(client);
  });

  test.runIf(native !== undefined)('a client that takes no reply', async () => {
    const client = await Datagrams.open(running.port);
    await expectGood(client);
    using deaf = new DeafClient(running.port);
    const before = await requests();
    for (let answered = 0; answered < 20 * deaf.atATime; ) {
      deaf.ask(good[0] ?? Buffer.alloc(0));
      answered += deaf.atATime;
      await until('all are answered', async () => (await requests()) === before + answered);
    }
    await expectGood(client);
  });
});

describe.each(ways)('$way, with next to no room in the kernel', ({ udp, directive }) => {
  test('queries that are more than it holds: what is answered is answered once, and right', async () => {
    setLimits({ udpReceiveBufferBytes: 4096 });
    await using running = await startServer(corefile(directive), 'Corefile', udp);
    const client = await Datagrams.open(running.port);
    const [first = Buffer.alloc(0)] = good;
    const messages = numbered(Array.from({ length: 1000 }, () => first));
    const [right] = (await client.exchange(messages.slice(0, 1))).get(1) ?? [];
    const replies = await client.exchange(messages, messages.length);
    expect(replies.size).toBeGreaterThan(0);
    // Workers may be as fast as the client.
    if (directive === '') expect(replies.size).toBeLessThan(messages.length);
    for (const [id = 0, of] of replies) expect(of).toEqual([withId(right ?? Buffer.alloc(0), id)]);
  });
});

/** A socket of ours that nobody reads. */
class DeafClient implements Disposable {
  readonly #native: Native;
  readonly #fd: number;
  readonly #batch: SendBatch;
  readonly #port: number;

  constructor(port: number) {
    if (native === undefined) throw new Error('there are no native calls here');
    setLimits({ udpReceiveBufferBytes: 1 });
    this.#native = native;
    this.#fd = openUdpSocket(
      native,
      { transport: 'dns', host: '127.0.0.1', port: 0 },
      { isShared: false },
    ).fd;
    this.#batch = new SendBatch(native);
    this.#port = port;
  }

  get atATime(): number {
    return limits.udpBatchMessages;
  }

  ask(query: Uint8Array): void {
    while (!this.#batch.isFull) addTo(this.#port, query, this.#batch);
    this.#batch.send(this.#fd, () => {
      throw new Error('the kernel does not take it');
    });
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }
}
