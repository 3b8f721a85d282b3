/** Names are what strangers make of them: no expression of a Corefile takes long for any. */
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { compileGoRegexp } from '../../src/plugins/go-regexp.ts';

/** Backtracking takes longer than the sun will shine; the time only ends the test if it is tried. */
const PATIENCE_MS = 20_000;
const WORST = `${'a'.repeat(250)}!`;

describe('ends', () => {
  const expressions = [
    '(a+)+$',
    '^(a|aa)+$',
    '^(?P<name>a+)+\\z',
    '\\A(a*)*b',
    '(?i)^(A+)+$',
    '(?i)^([A-F]+)+$',
    '^(?:a+){2,30}$',
    '^(a{1,63})+$',
    '^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$',
    '(?i)(.*)(.*)(.*)(.*)(.*)(.*)x',
  ];
  test.each(expressions)('%s', (expression) => {
    const regexp = compileGoRegexp(expression);
    expect(runInNewContext('regexp.test(text)', { regexp, text: WORST }, { timeout: PATIENCE_MS })).toBe(
      false,
    );
  });
});

describe('matches as before, written otherwise', () => {
  const cases: [expression: string, text: string, match: readonly (string | undefined)[] | null][] = [
    ['a{2,40}', 'baaac', ['aaa']],
    ['a{2,40}?', 'baaac', ['aa']],
    ['^a{17}$', 'a'.repeat(17), ['a'.repeat(17)]],
    ['^a{17}$', 'a'.repeat(18), null],
    ['(a{0,20})(a?)', 'aaa', ['aaa', 'aaa', '']],
    ['(?:ab){1,20}(.)', 'ababc', ['ababc', 'c']],
    ['(a){20}', 'a'.repeat(20), ['a'.repeat(20), 'a']],
    ['[{]{18,}', '{'.repeat(19), ['{'.repeat(19)]],
    ['\\d{3,99}', 'x1234', ['1234']],
    ['(?i)^([a-c]x\\.)d$', 'BX.D', ['BX.D', 'BX.']],
    ['(?i)[^a]', 'Ab', ['b']],
  ];
  test.each(cases)('%s on %s', (expression, text, match) => {
    const found = compileGoRegexp(expression).exec(text);
    expect(found === null ? null : [...found]).toEqual(match);
  });
});

describe('refuses what has no bound', () => {
  test.each(['^(?:(a+)+){2,100}b$', '(?i:(a+)+)b', '(?m)(a|aa)+\\z'])('%s', (expression) => {
    expect(() => compileGoRegexp(expression)).toThrow('a repetition within a repetition may take too long');
  });

  test.each(['(?i:a)+', '(?m)(a)+\\z', '(?:ab?)(?i:c){0,1}'])('but not %s', (expression) => {
    expect(() => compileGoRegexp(expression)).not.toThrow();
  });
});
