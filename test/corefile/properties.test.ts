import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CorefileError,
  CorefileErrors,
  formatError,
  normalizeZones,
  parseCorefile,
  parseDuration,
  parseHostPort,
  parseInteger,
  parseKey,
  type ServerBlock,
} from '../../src/corefile/index.ts';
import { tokenize } from '../../src/corefile/lexer.ts';
import { blockText } from './support.ts';
import { token } from './tokens.ts';

/** Pieces that mean something to the reader, in any order. */
const piece = fc.constantFrom(
  ...[
    '{',
    '}',
    '"',
    '\\',
    '#',
    '\n',
    ' ',
    '\r',
    ',',
    '(a)',
    '(b)',
    'import',
    'a',
    'b',
    '/',
    '*',
    '?',
    '[',
    ']',
  ],
  ...[
    '{$A}',
    '{%B%}',
    '{$',
    '%}',
    '.',
    ':53',
    'tls://',
    '\ufeff',
    '😀',
    '\ud800',
    ' import a\n',
    '(a) {\n',
    '}\n',
  ],
);
const corefile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(piece, { maxLength: 80 }).map((pieces) => pieces.join('')),
);
const word = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef:./[]-+smhuµn% \\') }),
);

/** The blocks, or the mistakes, each of which can be shown. */
function readOrExplain(text: string): readonly ServerBlock[] {
  try {
    // The directory does not exist, so that patterns find no files.
    return parseCorefile(text, '/nonexistent/Corefile', { env: { A: '{', B: 'a b' } }).blocks;
  } catch (error) {
    if (!(error instanceof CorefileErrors)) throw error;
    expect(error.errors.length).toBeGreaterThan(0);
    for (const each of error.errors) {
      expect(each.position.line).toBeGreaterThan(0);
      expect(each.position.column).toBeGreaterThan(0);
      expect(formatError(each, () => text).split('\n').length).toBeLessThanOrEqual(3);
    }
    return [];
  }
}

test('any text becomes blocks that have keys, or mistakes that can be shown', () => {
  fc.assert(
    fc.property(corefile, (text) => {
      for (const { keys } of readOrExplain(text)) expect(keys.length).toBeGreaterThan(0);
    }),
    { numRuns: 3000 },
  );
});

test('a token stands where it says', () => {
  fc.assert(
    fc.property(corefile, (text) => {
      const lines = text
        .replace(/^\ufeff/, '')
        .split('\n')
        .map((line) => [...line]);
      let tokens: ReturnType<typeof tokenize>;
      try {
        tokens = tokenize(text, 'f');
      } catch (error) {
        expect(error).toBeInstanceOf(CorefileError);
        return;
      }
      for (const { quoted, position, text: word } of tokens) {
        const first = lines[position.line - 1]?.[position.column - 1];
        expect(first).toBe(quoted ? '"' : [...word][0]);
      }
    }),
    { numRuns: 2000 },
  );
});

test('what was written in quotes is read as it was', () => {
  // A backslash before a quote cannot be written.
  const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\\') && !text.includes('{'));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), (values) => {
      const words = values.map((text) => `"${text.replaceAll('"', '\\"')}"`).join(' ');
      const [block] = parseCorefile(`a {\n x ${words}\n}`, 'f').blocks;
      expect(block?.directives[0]?.args.map(({ text }) => text)).toEqual(values);
    }),
  );
});

test('where lines and words are separated does not matter', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abc.:/-'), minLength: 1, maxLength: 5 });
  const gap = fc.constantFrom(' ', '\t', '   ', ' \r');
  const lineEnd = fc.constantFrom('\n', '\r\n', ' # comment\n', '\n\n\t');
  fc.assert(
    fc.property(
      fc.array(fc.array(name, { minLength: 1, maxLength: 4 })),
      gap,
      lineEnd,
      (lines, space, end) => {
        const text = ['a {', ...lines.map((words) => words.join(space)), '}', ''].join(end);
        const expected = `a: ${lines.map((words) => words.join(' ')).join('; ')}`;
        expect(parseCorefile(text, 'f').blocks.map(blockText)).toEqual([expected]);
      },
    ),
  );
});

test.each([
  ['keys', (text: string) => parseKey(token(text), { dnsPort: 53 })],
  ['zones', (text: string) => normalizeZones(token(text))],
  ['durations', (text: string) => parseDuration(token(text))],
  ['addresses', (text: string) => parseHostPort(token(text))],
  ['numbers', (text: string) => parseInteger(token(text))],
])('any word is read or refused with its place: %s', (_, read) => {
  fc.assert(
    fc.property(word, (text) => {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(CorefileError);
      }
    }),
    { numRuns: 2000 },
  );
});
