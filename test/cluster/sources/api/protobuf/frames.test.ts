import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiFailure } from '../../../../../src/cluster/sources/api/failure.ts';
import { FrameSplitter } from '../../../../../src/cluster/sources/api/protobuf/frames.ts';

function framed(octets: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(octets.length);
  return Buffer.concat([length, octets]);
}

function framesOf(pieces: readonly Buffer[], maxBytes = 1_000_000): Buffer[] {
  const splitter = new FrameSplitter(maxBytes);
  return pieces.flatMap((piece) => [...splitter.push(piece)].map((frame) => Buffer.from(frame)));
}

test('frames come out whole wherever the stream is cut', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(frames, fc.array(fc.nat(400), { maxLength: 20 }), (sent, cutsAt) => {
      const octets = Buffer.concat(sent.map(framed));
      const edges = [0, ...cutsAt.filter((cut) => cut < octets.length).sort((a, b) => a - b), octets.length];
      const pieces = edges.slice(1).map((end, index) => octets.subarray(edges[index], end));
      expect(framesOf(pieces)).toEqual(sent.map((each) => Buffer.from(each)));
    }),
  );
});

test('what has no end is no frame', () => {
  const octets = Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two'))]);
  expect(framesOf([octets.subarray(0, octets.length - 1)]).map(String)).toEqual(['one']);
});

test.each([
  { bytes: 8, fits: true },
  { bytes: 9, fits: false },
  { bytes: 2 ** 32 - 1, fits: false },
])('a bound of 8 octets on $bytes, told at the length', ({ bytes, fits }) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  const cut = () => framesOf([length.subarray(0, 3), length.subarray(3)], 8);
  if (fits) expect(cut()).toEqual([]);
  else expect(cut).toThrow(ApiFailure);
});
