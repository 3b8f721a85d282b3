/** No octets make an engine throw, and every reply is a message that the client can take. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../src/dns/errors.ts';
import type { Message } from '../../src/dns/message.ts';
import { decodeMessage } from '../../src/dns/wire/decode.ts';
import { encodeMessage } from '../../src/dns/wire/encode.ts';
import type { Handler } from '../../src/plugins/plugin.ts';
import { makeReply } from '../../src/plugins/reply.ts';
import { replyLimit } from '../../src/server/shape.ts';
import { message, resourceRecord } from '../dns/arbitraries.ts';
import { makeEngine, packetOf } from './engines.ts';

const transport = fc.constantFrom('udp' as const, 'tcp' as const);

/** Queries as clients write them: one question, often EDNS with options, some with a stray record. */
const query: fc.Arbitrary<Message> = fc
  .record({ base: message, opcode: fc.constantFrom(0, 0, 0, 4, 5), extra: fc.integer({ min: 0, max: 2 }) })
  .filter(({ base }) => base.questions.length > 0)
  .map(({ base, opcode, extra }) => ({
    ...base,
    ...{ qr: false, tc: false, opcode, rcode: 0 },
    questions: base.questions.slice(0, 1),
    answer: [],
    authority: [],
    additional: base.additional.slice(0, extra),
  }));

/** Octets written over, cut off or put in, at some places. */
const mutation = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'cut', 'insert'),
  octets: fc.uint8Array({ minLength: 1, maxLength: 4 }),
});

const mutated: fc.Arbitrary<Uint8Array> = fc
  .tuple(query, fc.array(mutation, { maxLength: 4 }))
  .map(([whole, mutations]) => {
    let octets: Uint8Array = encodeMessage(whole, { limitBytes: 65_535 });
    for (const { at: place, kind, octets: other } of mutations) {
      const at = octets.length === 0 ? 0 : place % octets.length;
      if (kind === 'cut') octets = octets.subarray(0, at);
      else if (kind === 'insert')
        octets = Buffer.concat([octets.subarray(0, at), other, octets.subarray(at)]);
      else octets = Buffer.concat([octets.subarray(0, at), other, octets.subarray(at + other.length)]);
    }
    return octets;
  });

function limitOf(octets: Uint8Array, over: 'udp' | 'tcp'): number {
  try {
    return replyLimit(decodeMessage(octets), over);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return 512;
  }
}

/** Checks one exchange with a handler that is right. */
async function check(octets: Uint8Array, over: 'udp' | 'tcp', handler: Handler): Promise<void> {
  const { engine, lines } = makeEngine({ '.': handler }, { anyClass: true });
  const reply = await engine.handle(packetOf(octets, over));
  expect(lines).toEqual([]);
  if (reply === undefined) {
    expect(octets.length < 12 || ((octets[2] ?? 0) & 0x80) !== 0).toBe(true);
    return;
  }
  expect(reply.length).toBeLessThanOrEqual(limitOf(octets, over));
  const { qr, id, questions } = decodeMessage(reply);
  expect({ qr, id }).toEqual({ qr: true, id: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0) });
  expect(questions.length).toBeLessThanOrEqual(1);
}

const records = fc.array(resourceRecord, { maxLength: 30 });
const reply = fc.record({ answer: records, authority: records, additional: records, aa: fc.boolean() });

test('arbitrary octets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), transport, (octets, over) =>
      check(octets, over, () => makeReply({})),
    ),
  );
});

test('whole queries, and replies with any records', async () => {
  await fc.assert(
    fc.asyncProperty(query, transport, reply, fc.boolean(), (asked, over, parts, isLater) => {
      const made = makeReply(parts);
      const handler: Handler = isLater ? async () => made : () => made;
      return check(encodeMessage(asked, { limitBytes: 65_535 }), over, handler);
    }),
    { numRuns: 300 },
  );
});

test('queries with octets changed', async () => {
  await fc.assert(
    fc.asyncProperty(mutated, transport, reply, (octets, over, parts) =>
      check(octets, over, () => makeReply(parts)),
    ),
    { numRuns: 500 },
  );
});

test('replies with any options of their own', async () => {
  const options = fc.array(
    fc.record({ code: fc.integer({ min: 0, max: 0xffff }), data: fc.uint8Array({ maxLength: 900 }) }),
  );
  await fc.assert(
    fc.asyncProperty(query, transport, options, (asked, over, ednsOptions) =>
      check(encodeMessage(asked, { limitBytes: 65_535 }), over, () => makeReply({ ednsOptions })),
    ),
  );
});
