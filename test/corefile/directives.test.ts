import { expect, test } from 'vitest';
import { checkDirectives, parseCorefile, suggest } from '../../src/corefile/index.ts';
import { limits } from '../../src/limits.ts';

const known = new Set(['kubernetes', 'errors', 'health', 'ready', 'log', 'loop', 'forward', 'hosts', 'on']);
const planned = new Set(['cache', 'k8s_external']);

test.each([
  ['kuberntes', 'kubernetes'],
  ['kubernets', 'kubernetes'],
  ['Kubernetes', 'kubernetes'],
  ['kubrenetes', 'kubernetes'],
  ['kubrntes', 'kubernetes'],
  ['eror', undefined],
  ['error', 'errors'],
  ['heatlh', 'health'],
  ['lg', undefined],
  ['LOG', 'log'],
  ['lop', 'log'],
  ['lopo', 'loop'],
  ['fowrad', 'forward'],
  ['host', 'hosts'],
  ['no', undefined],
  ['', undefined],
  ['whatever', undefined],
  ['k'.repeat(1_000_000), undefined],
])('%.20s may have been meant for %s', (word, meant) => {
  expect(suggest(word, known)).toBe(meant);
});

test('a word that is too long is not compared', () => {
  const longest = 'k'.repeat(limits.corefileSuggestChars);
  expect(suggest(longest, [`${longest}k`])).toBe(`${longest}k`);
  expect(suggest(`${longest}k`, [longest])).toBe(undefined);
});

test('the nearest word is suggested, the first of several', () => {
  expect(suggest('readx', ['reads', 'ready'])).toBe('reads');
  expect(suggest('forwards', ['forwar', 'forward'])).toBe('forward');
});

test('directives that are not known are mistakes where they stand', () => {
  const { blocks } = parseCorefile(
    '. {\n kuberntes {\n  nonsense\n }\n errors\n cache 30\n}\na {\n cahce\n frobnicate\n}\n',
    'Corefile',
  );
  const errors = checkDirectives(blocks, { known, planned });
  expect(errors.map(({ position, length, message }) => [position.line, length, message])).toEqual([
    [2, 9, "Unknown directive 'kuberntes', did you mean 'kubernetes'?"],
    [6, 5, "directive 'cache' is a CoreDNS plugin that corvidns does not have yet"],
    [9, 5, "Unknown directive 'cahce', did you mean 'cache'?"],
    [10, 10, "Unknown directive 'frobnicate'"],
  ]);
});
