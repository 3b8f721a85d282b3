import { describe, expect, test } from 'vitest';
import { parseCorefile } from '../../src/corefile/index.ts';
import { limits } from '../../src/limits.ts';
import { blocksOf, errorsOf } from './support.ts';

describe('what a Corefile becomes', () => {
  test.each<[string, string, string[]]>([
    ['empty', '', []],
    ['only a comment', '# nothing\n', []],
    ['a block', '.:53 {\n errors\n forward . 8.8.8.8\n}\n', ['.:53: errors; forward . 8.8.8.8']],
    ['a block without directives', 'a {\n}\n', ['a: ']],
    ['several blocks', 'a {\n x\n}\nb {\n y\n}\n', ['a: x', 'b: y']],
    ['several keys', 'a b {\n}\n', ['a b: ']],
    ['keys with commas', 'a,b, c {\n}\n', ['a b c: ']],
    ['keys on several lines behind a comma', 'a,\nb,\nc {\n}\n', ['a b c: ']],
    ['a quoted comma is text', '"a,b" {\n}\n', ['a,b: ']],
    ['the brace of a block may stand on the next line', 'a\n{\n x\n}\n', ['a: x']],
    ['the only block needs no braces', 'a b\nx\ny z', ['a b: x; y z']],
    ['a key and nothing else', 'a', ['a: ']],
    ['snippets may stand before the block without braces', '(s) {\n x\n}\na\nimport s', ['a: x']],
    ['nested blocks', 'a {\n x y {\n  z {\n   w\n  }\n }\n}\n', ['a: x y { z { w } }']],
    ['an empty nested block', 'a {\n x {\n }\n}\n', ['a: x {  }']],
    ['one line', 'a { x { y z } }', ['a: x { y z }']],
    ['several blocks in one line', 'a { x } b { y }', ['a: x', 'b: y']],
    ['a closing brace at the end of a line', 'a {\n x {\n  y }\n z }\n', ['a: x { y }; z']],
    ['repeated directives keep their order', 'a {\n x 1\n y\n x 2\n}\n', ['a: x 1; y; x 2']],
    ['quoted braces are words', 'a {\n x "{" "}"\n "}"\n}\n', ['a: x { }; }']],
    ['braces inside words are words', 'a {\n x {b} c{ }d\n}\n', ['a: x {b} c{ }d']],
    ['an empty word is an argument', 'a {\n x ""\n}\n', ['a: x ']],
    ['empty keys are left out', '"" a {\n}\n', ['a: ']],
    ['a line goes on behind a word of several lines', 'a {\n x "1\n2" 3\n}\n', ['a: x 1\n2 3']],
  ])('%s', (_, text, expected) => {
    expect(blocksOf(text)).toEqual(expected);
  });
});

describe('mistakes', () => {
  test.each<[string, string, string[]]>([
    ['a block is not closed', 'a {\n x\n', ["1:3 Unexpected EOF, expecting '}' for this '{'"]],
    [
      'two blocks are not closed',
      'a {\n x {\n y\n',
      ["1:3 Unexpected EOF, expecting '}' for this '{'", "2:4 Unexpected EOF, expecting '}' for this '{'"],
    ],
    ['a closing brace too many', 'a {\n}\n}\n', ["3:1 Unexpected '}' because no matching opening brace"]],
    ['the same without braces', 'a\nx\n}\ny', ["3:1 Unexpected '}' because no matching opening brace"]],
    ['the same among keys', 'a } {\n}\n', ["1:3 Unexpected '}' because no matching opening brace"]],
    ['nothing behind a comma', 'a,\n', ['1:1 Unexpected EOF']],
    [
      'a brace behind a comma',
      'a, {\n}\n',
      ["1:4 Expected another address but had '{' - check for extra comma"],
    ],
    ['no key', '{\n x\n}\n', ["1:1 Unexpected token '{', expecting a zone"]],
    [
      'a brace at the beginning of a line',
      'a {\n x\n {\n  y\n }\n}\n',
      ["3:2 Unexpected token '{', expecting argument: it belongs at the end of a line"],
    ],
    [
      'a word behind a nested block',
      'a {\n x {\n } y {\n z\n }\n w\n}\n',
      ["3:4 Syntax error: Unexpected token 'y', expecting a new line"],
    ],
    [
      'a second block without braces',
      'a {\n}\nb\nx\n',
      ["4:1 Syntax error: Unexpected token 'x', expecting '{'"],
    ],
    ['the same at the end', 'a {\n}\nb\n', ['3:1 Unexpected EOF']],
    [
      'a brace sticks to a key',
      'a{\n x\n}\n',
      ["1:1 Syntax error: Unexpected token 'a{', expecting a space before '{'"],
    ],
    [
      'a word behind a nested block, in one line',
      'a { x { } y }',
      ["1:11 Syntax error: Unexpected token 'y', expecting a new line"],
    ],
    ['a quote is not closed', 'a {\n x "y\n}\n', ['2:4 Unexpected EOF: this quote is never closed']],
    ['a snippet without braces', '(s)\nx\n', ["2:1 Syntax error: Unexpected token 'x', expecting '{'"]],
    ['a snippet and nothing else', '(s)', ['1:1 Unexpected EOF']],
    ['a snippet is not closed', '(s) {\n x\n', ["1:5 Unexpected EOF, expecting '}' for this '{'"]],
  ])('%s', (_, text, expected) => {
    expect(errorsOf(text)).toEqual(expected);
  });

  test('all of them are told, in the order of the text', () => {
    const text = 'a, {\n x {\n } y\n}\n}\nb {\n import\n}\n';
    expect(errorsOf(text)).toEqual([
      "1:4 Expected another address but had '{' - check for extra comma",
      "3:4 Syntax error: Unexpected token 'y', expecting a new line",
      "5:1 Unexpected '}' because no matching opening brace",
      "7:2 Wrong argument count or unexpected line ending after 'import'",
    ]);
  });

  test('but not without end', () => {
    expect(errorsOf('}\n'.repeat(limits.corefileErrors * 2))).toHaveLength(limits.corefileErrors);
  });
});

describe('bounds', () => {
  const nested = (depth: number) => `a ${'{\nx '.repeat(depth)}${'\n}'.repeat(depth)}`;

  test('braces in braces', () => {
    expect(blocksOf(nested(limits.corefileBlockDepth))).toHaveLength(1);
    expect(errorsOf(nested(limits.corefileBlockDepth + 1))).toEqual([
      `${limits.corefileBlockDepth + 1}:3 blocks are nested deeper than ${limits.corefileBlockDepth}`,
    ]);
    expect(errorsOf(nested(50_000))).toHaveLength(1);
  });

  test('octets', () => {
    expect(blocksOf(`#${' '.repeat(limits.corefileBytes - 1)}`)).toEqual([]);
    expect(errorsOf(`#${' '.repeat(limits.corefileBytes)}`)).toEqual([
      `1:1 the Corefile has more than ${limits.corefileBytes} octets with its imports`,
    ]);
  });
});

test('tokens say where they stand and how long they are', () => {
  const [block] = parseCorefile('a, bc {\n  x "y"\n}\n', 'dir/Corefile').blocks;
  const [directive] = block?.directives ?? [];
  expect(block?.keys[1]).toMatchObject({ position: { file: 'dir/Corefile', line: 1, column: 4 } });
  expect(directive?.name).toMatchObject({ text: 'x', position: { line: 2, column: 3 } });
  expect(directive?.args).toMatchObject([
    { text: 'y', quoted: true, length: 3, position: { line: 2, column: 5 } },
  ]);
});
