import { describe, expect, test } from 'vitest';
import { CorefileError } from '../../src/corefile/error.ts';
import { tokenize } from '../../src/corefile/lexer.ts';
import { limits } from '../../src/limits.ts';
import { errorOf } from './support.ts';

const words = (text: string) => tokenize(text, 'Corefile').map((token) => token.text);

describe('words', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['only space and comments', ' \t\n# nothing\n', []],
    ['space of every kind separates', 'a b\tc\vd\fe\u00a0f\u0085g\u3000h', [...'abcdefgh']],
    ['a byte order mark is dropped', '\ufeffa', ['a']],
    ['a byte order mark elsewhere is text', 'a \ufeffb', ['a', '\ufeffb']],
    ['carriage returns are as if they were not there', 'a\r\nb\rc\r\n', ['a', 'bc']],
    ['a comment begins inside a word too', 'a#b c\nd', ['a', 'd']],
    ['braces are words', '.:53 { }', ['.:53', '{', '}']],
    ['a brace inside a word is text', 'a{b {$C}', ['a{b', '{$C}']],
    ['single quotes are text', "'a b'", ["'a", "b'"]],
    ['a backslash outside quotes is text', 'a\\ b\\\nc', ['a\\', 'b\\', 'c']],
    ['quotes keep spaces and #', '"a b # c" d', ['a b # c', 'd']],
    ['quotes inside a word are text', 'a"b c"', ['a"b', 'c"']],
    ['quotes may be empty', 'a "" b', ['a', '', 'b']],
    ['quotes may span lines', '"a\nb"', ['a\nb']],
    ['only the quote is escaped', String.raw`"a\"b\n\d"`, [String.raw`a"b\n\d`]],
    ['a backslash is not escaped, nor does it escape twice', String.raw`"a\\" b`, [String.raw`a\\`, 'b']],
    ['a word may follow a closing quote at once', '"a"b', ['a', 'b']],
  ])('%s', (_, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test('only quoted ones are marked', () => {
    expect(tokenize('a "a"', 'f').map(({ quoted }) => quoted)).toEqual([false, true]);
  });
});

describe('places', () => {
  test.each<[string, string, string[]]>([
    ['lines and columns are counted from 1', 'a b\n\n  c', ['1:1+1', '1:3+1', '3:3+1']],
    ['a byte order mark takes no column', '\ufeffa', ['1:1+1']],
    ['a tab is one character', '\ta', ['1:2+1']],
    ['a character outside the basic plane is one', '😀😀 a', ['1:1+2', '1:4+1']],
    ['quotes and escapes count as written', String.raw`"a\"b" c`, ['1:1+6', '1:8+1']],
    ['a quoted word stands where it begins', 'a "b\nc" d', ['1:1+1', '1:3+5', '2:4+1']],
  ])('%s', (_, text, expected) => {
    const places = tokenize(text, 'f').map(
      ({ position, length }) => `${position.line}:${position.column}+${length}`,
    );
    expect(places).toEqual(expected);
  });

  test.each<[string, string, string[]]>([
    ['the first word of a line', 'a b\nc d', ['a', 'c']],
    ['a word behind a quoted one of several lines goes on with its line', 'a "b\nc" d\ne', ['a', 'e']],
    ['a comment ends with its line', 'a # x\nb', ['a', 'b']],
  ])('starts a line: %s', (_, text, expected) => {
    const starting = tokenize(text, 'f').filter(({ startsLine }) => startsLine);
    expect(starting.map((token) => token.text)).toEqual(expected);
  });
});

test('a quote that is never closed is a mistake where it opens', () => {
  const error = errorOf(() => tokenize('a\n  "b c\n', 'Corefile'));
  expect(error).toBeInstanceOf(CorefileError);
  expect(error.message).toBe('Unexpected EOF: this quote is never closed');
  expect(error.position).toEqual({ file: 'Corefile', line: 2, column: 3 });
});

test.each([String.raw`"a\"`, '"', String.raw`"\ `])('%s is never closed', (text) => {
  expect(errorOf(() => tokenize(text, 'f')).message).toContain('never closed');
});

test('words are bounded', () => {
  expect(words('a '.repeat(limits.corefileTokens))).toHaveLength(limits.corefileTokens);
  const error = errorOf(() => words('a '.repeat(limits.corefileTokens + 1)));
  expect(error.message).toBe(`the Corefile has more than ${limits.corefileTokens} words`);
});

test('megabytes of one thing are read', () => {
  const size = limits.corefileBytes;
  expect(words(' '.repeat(size))).toEqual([]);
  expect(words('#\n'.repeat(size / 2))).toEqual([]);
  expect(words('a'.repeat(size))).toEqual(['a'.repeat(size)]);
  expect(words(`"${' '.repeat(size - 2)}"`)).toEqual([' '.repeat(size - 2)]);
});
