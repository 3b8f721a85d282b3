import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Body } from '../../../../src/cluster/sources/api/body.ts';

const pieces = fc.array(fc.uint8Array({ maxLength: 70_000, size: 'max' }).map(Buffer.from), {
  maxLength: 8,
});

test('holds what came, each time it is filled anew', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(pieces, fc.boolean()), { maxLength: 4 }), (fillings) => {
      const body = new Body();
      for (const [filling, release] of fillings) {
        if (release) body.release();
        else body.clear();
        expect(body.length).toBe(0);
        for (const piece of filling) body.add(piece);
        expect(body.octets.equals(Buffer.concat(filling))).toBe(true);
      }
    }),
    { numRuns: 10 },
  );
});
