import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiFailure } from '../../../../src/cluster/sources/api/failure.ts';
import { LineSplitter } from '../../../../src/cluster/sources/api/lines.ts';

function linesOf(pieces: readonly Buffer[], maxBytes = 1_000_000): string[] {
  const splitter = new LineSplitter(maxBytes);
  return pieces.flatMap((piece) => [...splitter.push(piece)]);
}

test('lines come out whole wherever the stream is cut, inside a character too', () => {
  const line = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `x${text.replaceAll('\n', '')}`);
  const cuts = fc.array(fc.nat(200), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(line), cuts, (lines, cutsAt) => {
      const octets = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      const edges = [0, ...cutsAt.filter((cut) => cut < octets.length).sort((a, b) => a - b), octets.length];
      const pieces = edges.slice(1).map((end, index) => octets.subarray(edges[index], end));
      expect(linesOf(pieces)).toEqual(lines.map((each) => Buffer.from(each).toString()));
    }),
  );
});

test('what has no end is not a line', () => {
  expect(linesOf([Buffer.from('one\ntw')])).toEqual(['one']);
});

test('empty lines are passed over', () => {
  expect(linesOf([Buffer.from('\n\none\n\n')])).toEqual(['one']);
});

test.each([
  { pieces: ['12345678\n'], fits: true },
  { pieces: ['1234', '5678', '\n'], fits: true },
  { pieces: ['123456789\n'], fits: false },
  { pieces: ['12345', '6789'], fits: false },
])('a bound of 8 octets on $pieces', ({ pieces, fits }) => {
  const cut = () =>
    linesOf(
      pieces.map((piece) => Buffer.from(piece)),
      8,
    );
  if (fits) expect(cut()).toEqual(['12345678']);
  else expect(cut).toThrow(ApiFailure);
});
