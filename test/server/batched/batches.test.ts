/** Datagrams of every length, from one batch's memory through the kernel into another's. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import type { Native } from '../../../src/net/native.ts';
import { copyEnvelope, ENVELOPE } from '../../../src/server/batched/envelope.ts';
import { MSG_DONTWAIT, Pointers } from '../../../src/server/batched/message-header.ts';
import { ReceiveBatch } from '../../../src/server/batched/receive-batch.ts';
import { SendBatch } from '../../../src/server/batched/send-batch.ts';
import { openUdpSocket } from '../../../src/server/batched/udp-socket.ts';
import { memoryOf } from '../../../src/server/memory.ts';
import { makeClient, native, send } from '../udp-kinds.ts';

/** Around where a slot ends, and what the batch has room for. */
const LENGTHS = [
  ...[0, 1, 12, 50, 511, 512, 559, 560, 561, 562, 640, 641, 1231, 1232, 1280, 4096],
  ...[9000, 65_506, 65_507],
];

const octetsOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);

class Sockets implements Disposable {
  readonly native: Native;
  readonly near: ReturnType<typeof openUdpSocket>;
  readonly far: ReturnType<typeof openUdpSocket>;
  readonly received: ReceiveBatch;
  readonly replies: SendBatch;

  constructor(native: Native, slots?: number) {
    const open = () =>
      openUdpSocket(native, { transport: 'dns', host: '127.0.0.1', port: 0 }, { isShared: false });
    this.native = native;
    this.near = open();
    this.far = open();
    this.received = new ReceiveBatch(native, slots);
    this.replies = new SendBatch(native, slots);
  }

  /** What the near socket has. */
  receive(): Uint8Array[] {
    const count = this.received.receive(this.near.fd, MSG_DONTWAIT);
    return Array.from({ length: Math.max(0, count) }, (_, slot) => {
      const at = this.received.payloadAt(slot);
      return this.received.memory.octets.slice(at, at + this.received.payloadLength(slot));
    });
  }

  /** From the far socket to the near one. */
  add(octets: Uint8Array, to: Uint8Array): void {
    this.replies.memory.octets.set(octets, this.replies.payloadAt);
    this.replies.add(octets.length, memoryOf(to.buffer as ArrayBuffer), 0);
  }

  send(): number {
    let lost = 0;
    this.replies.send(this.far.fd, () => lost++);
    return lost;
  }

  [Symbol.dispose](): void {
    this.native.close(this.near.fd);
    this.native.close(this.far.fd);
  }
}

/** The envelope of what comes from the far socket: the kernel has written it. */
async function envelopeOf(sockets: Sockets): Promise<Uint8Array> {
  const { socket } = makeClient();
  await send(socket, '', sockets.near.local.port);
  expect(sockets.receive()).toHaveLength(1);
  const envelope = memoryOf(new ArrayBuffer(ENVELOPE.bytes));
  copyEnvelope(sockets.received.memory, sockets.received.envelopeAt(0), envelope, 0);
  // The same family and address, but the near socket's port.
  envelope.octets.set([sockets.near.local.port >> 8, sockets.near.local.port & 255], ENVELOPE.nameAt + 2);
  return envelope.octets;
}

describe.runIf(native !== undefined)('batches', () => {
  const make = (slots?: number) => new Sockets(native as Native, slots);

  test('each length comes as it was sent, in a batch with the others', async () => {
    using sockets = make();
    const to = await envelopeOf(sockets);
    for (const length of LENGTHS) {
      if (sockets.replies.isFull) expect(sockets.send()).toBe(0);
      sockets.add(octetsOf(length), to);
    }
    expect(sockets.send()).toBe(0);
    expect(sockets.receive()).toEqual(LENGTHS.map(octetsOf));
  });

  test('a slot that held a long one holds a short one next, and the other way round', async () => {
    using sockets = make(1);
    const to = await envelopeOf(sockets);
    for (const length of [65_507, 50, 561, 0, 65_507, 560]) {
      sockets.add(octetsOf(length), to);
      expect(sockets.replies.isFull).toBe(true);
      expect(sockets.send()).toBe(0);
      expect(sockets.receive()).toEqual([octetsOf(length)]);
    }
  });

  test('is full with a whole batch of the answers that are kept, not before', async () => {
    using sockets = make();
    const to = await envelopeOf(sockets);
    for (let count = 0; count < limits.udpBatchMessages; count++) {
      expect(sockets.replies.isFull).toBe(false);
      sockets.add(octetsOf(limits.answerReplyBytes), to);
    }
    expect(sockets.replies.isFull).toBe(true);
    expect(sockets.send()).toBe(0);
    expect(sockets.receive()).toHaveLength(limits.udpBatchMessages);
  });

  test('is full while there is no room for the largest datagram', async () => {
    using sockets = make();
    const to = await envelopeOf(sockets);
    let count = 0;
    for (; !sockets.replies.isFull; count++) sockets.add(octetsOf(65_507), to);
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThan(limits.udpBatchMessages);
    expect(sockets.send()).toBe(0);
  });
});

test.each([
  ['low', 0x1000n, 16, [0x1010, 0]],
  ['above 31 bits', 0x8000_0000n, 4, [0x8000_0004 | 0, 0]],
  ['high', 0x7f12_3456_7890n, 8, [0x3456_7898, 0x7f12]],
  ['with a carry', 0x7f12_ffff_fff0n, 0x20, [0x10, 0x7f13]],
])('an address: %s', (_, address, target, expected) => {
  const words = new Int32Array(4);
  new Pointers(words, address).write(4, target);
  expect([...words]).toEqual([0, ...expected, 0]);
});
