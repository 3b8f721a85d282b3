import { describe, expect, test } from 'vitest';
import { compileGoRegexp } from '../../src/plugins/go-regexp.ts';

describe('means what it means in Go', () => {
  const cases: [expression: string, text: string, matches: boolean][] = [
    ['^read udp .* i/o timeout$', 'read udp 10.0.0.1:53: i/o timeout', true],
    ['(?i)TIMEOUT', 'i/o timeout', true],
    ['TIMEOUT', 'i/o timeout', false],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['(?P<verb>read|write) udp', 'write udp', true],
    ['\\Ab', 'a\nb', false],
    ['(?m)^b', 'a\nb', true],
    ['(?m)\\Ab', 'a\nb', false],
    ['a\\z', 'a\n', false],
    ['\\Q1.2.3.4\\E:53', '1.2.3.4:53', true],
    ['\\Q1.2.3.4\\E:53', '1x2x3x4:53', false],
    ['^[[:digit:][:space:]]+$', '12 34', true],
    ['^[[:alpha:]]+$', 'a1', false],
    ['\\\\A', 'C:\\A', true],
  ];
  test.each(cases)('%s on %j', (expression, text, matches) => {
    expect(compileGoRegexp(expression).test(text)).toBe(matches);
  });
});

describe('refuses what it can not', () => {
  const cases: [expression: string, message: string][] = [
    ['(', 'Invalid regular expression'],
    ['(?U)a+', "the flag 'U' of Go's regexp is not supported"],
    ['\\pL', "'\\p' of Go's regexp is not supported"],
    ['[[:greek:]]', "'[:greek:]' of Go's regexp is not supported"],
  ];
  test.each(cases)('%s', (expression, message) => {
    expect(() => compileGoRegexp(expression)).toThrow(message);
  });
});
