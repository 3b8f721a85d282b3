/** The ring: first in, first out, whatever the sizes; what has no room is refused and counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENVELOPE } from '../../../src/server/batched/envelope.ts';
import { Ring } from '../../../src/server/batched/ring.ts';
import { memoryOf } from '../../../src/server/memory.ts';
import { setLimits } from '../set-limits.ts';

const RING_BYTES = 4096;
const PAYLOAD_AT = ENVELOPE.bytes;

/** Both ends of one ring, as two threads have them. */
function makeEnds(): { writer: Ring; reader: Ring } {
  const writer = new Ring();
  return { writer, reader: new Ring(writer.shared) };
}

/** A datagram of so many octets, marked in its envelope and in all of its payload. */
function push(writer: Ring, length: number, mark: number): boolean {
  const source = memoryOf(new ArrayBuffer(PAYLOAD_AT + RING_BYTES));
  source.words[ENVELOPE.nameAt] = mark;
  source.words[ENVELOPE.payloadLengthAt >> 2] = length;
  source.octets.fill(mark, PAYLOAD_AT, PAYLOAD_AT + length);
  return writer.push(source, 0, PAYLOAD_AT, length);
}

interface Taken {
  readonly mark: number | undefined;
  readonly payload: readonly number[];
}

function take(reader: Ring, most: number): Taken[] {
  const taken: Taken[] = [];
  const { octets, words } = reader.memory;
  reader.take(most, (at, length) => {
    const payload = [...octets.slice(at + ENVELOPE.bytes, at + ENVELOPE.bytes + length)];
    taken.push({ mark: words[at >> 2], payload });
  });
  return taken;
}

const step = fc.oneof(
  fc.record({ push: fc.oneof(fc.nat(64), fc.nat(RING_BYTES)) }),
  fc.record({ take: fc.integer({ min: 1, max: 20 }) }),
);

test('whatever is pushed and taken, in whatever order', () => {
  setLimits({ udpRingBytes: RING_BYTES });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { writer, reader } = makeEnds();
      const model: Taken[] = [];
      let refused = 0;
      for (const [i, each] of steps.entries()) {
        if ('take' in each) {
          expect(take(reader, each.take)).toEqual(model.splice(0, each.take));
          continue;
        }
        const mark = i % 256;
        const isIn = push(writer, each.push, mark);
        writer.publish();
        if (isIn) model.push({ mark, payload: Array(each.push).fill(mark) });
        else refused++;
      }
      expect(take(reader, steps.length)).toEqual(model);
      expect(reader.isEmpty).toBe(true);
      expect(reader.takeRefused()).toBe(refused);
      expect(reader.takeRefused()).toBe(0);
    }),
  );
});

test('it holds as many as its octets allow, and again when they are taken', () => {
  setLimits({ udpRingBytes: RING_BYTES });
  const { writer, reader } = makeEnds();
  for (let round = 0; round < 3; round++) {
    let held = 0;
    while (push(writer, 48, 1)) held++;
    expect(held).toBe(RING_BYTES / (ENVELOPE.bytes + 48));
    writer.publish();
    expect(take(reader, RING_BYTES).length).toBe(held);
  }
});

test('the reader sees nothing before it is published', () => {
  const { writer, reader } = makeEnds();
  push(writer, 1, 7);
  expect([reader.isEmpty, take(reader, 1)]).toEqual([true, []]);
  writer.publish();
  expect(take(reader, 1)).toEqual([{ mark: 7, payload: [7] }]);
});

test('a writer that takes over goes on where the last one was', () => {
  setLimits({ udpRingBytes: RING_BYTES });
  const { writer, reader } = makeEnds();
  push(writer, 10, 1);
  writer.publish();
  push(writer, 10, 2);
  const heir = new Ring(writer.shared);
  push(heir, 10, 3);
  heir.publish();
  expect(take(reader, 10).map(({ mark }) => mark)).toEqual([1, 3]);
});
