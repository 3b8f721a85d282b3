import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  decodeQuestion,
  encodeMessage,
  type Message,
  WireError,
} from '../../../src/dns/index.ts';
import { message as anyMessage } from '../arbitraries.ts';
import { COMPRESSED, WHOLE } from '../messages.ts';

const runs = { numRuns: 1000 };
const octets = fc.uint8Array({ maxLength: 600 });

/** Decodes octets that may be anything: the result, or undefined for a WireError; all else goes on. */
function tryDecode(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return undefined;
  }
}

function tryEncode(message: Message, limitBytes: number): Uint8Array | undefined {
  try {
    return encodeMessage(message, { limitBytes });
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return undefined;
  }
}

describe('any message', () => {
  it('comes back from its octets, compressed or not', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(encodeMessage(message, WHOLE))).toEqual(message);
        expect(decodeMessage(encodeMessage(message, COMPRESSED))).toEqual(message);
      }),
      runs,
    );
  });

  it('is never longer compressed, nor over its limit', () => {
    fc.assert(
      fc.property(anyMessage, fc.integer({ min: 0, max: 3000 }), (message, limit) => {
        const plain = encodeMessage(message, WHOLE);
        expect(encodeMessage(message, COMPRESSED).length).toBeLessThanOrEqual(plain.length);
        expect(tryEncode(message, limit)?.length ?? 0).toBeLessThanOrEqual(limit);
      }),
      runs,
    );
  });

  it('is truncated between records, as late as the limit allows', () => {
    fc.assert(
      fc.property(anyMessage, fc.integer({ min: 300, max: 3000 }), (message, limit) => {
        const bytes = tryEncode(message, limit);
        if (bytes === undefined) return;
        const cut = decodeMessage(bytes);
        const all = [...message.answer, ...message.authority, ...message.additional];
        const kept = [...cut.answer, ...cut.authority, ...cut.additional];
        expect(kept).toEqual(all.slice(0, kept.length));
        expect(cut.edns).toEqual(message.edns);
        expect(cut.tc).toBe(message.tc || kept.length < all.length);
        if (kept.length === all.length) return;
        const onlyAnswers = {
          ...message,
          answer: all.slice(0, kept.length + 1),
          authority: [],
          additional: [],
        };
        expect(encodeMessage(onlyAnswers, COMPRESSED).length).toBeGreaterThan(limit);
      }),
      runs,
    );
  });
});

describe('any octets', () => {
  it('are a message or a WireError', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        tryDecode(bytes);
        decodeQuestion(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('behind a header that promises little are a message or a WireError', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(counts, octets, (promised, body) => {
        tryDecode(Uint8Array.from([0, 0, 0, 0, ...promised.flatMap((count) => [0, count]), ...body]));
      }),
      { numRuns: 3000 },
    );
  });

  it('that were a message before some changed are one that can be written again, or a WireError', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xc0, 0, 0xff, 0x0c)),
    );
    fc.assert(
      fc.property(
        anyMessage,
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (message, changes, end) => {
          const bytes = encodeMessage(message, COMPRESSED);
          for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
          const cut = end % 4 === 0 ? bytes.subarray(0, end % bytes.length) : bytes;
          decodeQuestion(cut);
          const decoded = tryDecode(cut);
          if (decoded === undefined) return;
          const again = tryEncode(decoded, 65_535);
          if (again !== undefined && !decodeMessage(again).tc) expect(decodeMessage(again)).toEqual(decoded);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('end soon even where every name is the longest chain there can be', () => {
    // 16 KiB of pointers, each to the one before, then records whose owner is the last of them.
    const chain = Array.from({ length: 8000 }, (_, i) => [
      0xc0 | ((12 + 2 * i) >> 8),
      (12 + 2 * i) & 0xff,
    ]).flat();
    const opaque = [0, 255, 255, 0, 1, 0, 0, 0, 0, chain.length >> 8, chain.length & 0xff, ...chain];
    const owner = Array.from({ length: 4000 }, () => [0xfe, 0x80, 255, 255, 0, 1, 0, 0, 0, 0, 0, 0]).flat();
    const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, ...opaque, ...owner]);
    expect(tryDecode(bytes)).toBeUndefined();
  });
});
