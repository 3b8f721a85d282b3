import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesInJson } from '../../../../src/cluster/sources/manifests/json-text.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the first mistake in JSON text', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{', 1],
    ['{"a"', 4],
    ['{"a":1,}', 7],
    ['{"a":1 "b":2}', 7],
    ['{a:1}', 1],
    ['{"a" 1}', 5],
    ['{,}', 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['[1]]', 3],
    ['{"a":1}x', 7],
    ['nul', 0],
    ['truex', 0],
    ['01', 0],
    ['-', 0],
    ['1.', 0],
    ['"\\x"', 0],
    ['"a\nb"', 0],
    ['"abc', 0],
    ["{'a':1}", 1],
    ['// no\n{}', 0],
  ])('%j: at %i', (text, offset) => {
    expect(isJson(text)).toBe(false);
    expect(placesInJson(text).mistake).toBe(offset);
  });

  it('is there exactly where JSON.parse throws', () => {
    const punctuation = fc.constantFrom(...'{}[],:"\\ \n0-1.eE+truefalsn/u');
    fc.assert(
      fc.property(fc.json(), fc.nat(), punctuation, fc.nat(2), (text, at, other, cut) => {
        const place = at % (text.length + 1);
        const edited = text.slice(0, place) + other + text.slice(place + cut);
        expect(placesInJson(text).mistake).toBe(undefined);
        expect(placesInJson(edited).mistake === undefined).toBe(isJson(edited));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('where items begin', () => {
  it.each([
    ['{"items":[{},[1,2],3]}', [10, 13, 19]],
    ['{"items":[]}', []],
    ['{"items":{"a":[1]}}', []],
    ['{"a":{"items":[1]},"b":[2]}', []],
    ['[{"items":[1]}]', []],
    ['{"a":["items"],"items":[ "x" ],"c":[1]}', [25]],
  ])('%j: %j', (text, items) => {
    expect(isJson(text)).toBe(true);
    expect(placesInJson(text).items).toEqual(items);
  });
});

it('depth is no danger', () => {
  expect(placesInJson('['.repeat(1_000_000)).mistake).toBe(1_000_000);
});
