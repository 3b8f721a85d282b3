import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCorefile } from '../../src/corefile/index.ts';
import { limits } from '../../src/limits.ts';
import { blocksOf, blockText, directoryWith, errorsOf } from './support.ts';

const env = {
  ZONE: 'example.org',
  WORDS: 'x y',
  BRACE: '{',
  REFERENCE: '{$ZONE}',
  COMMAS: 'a,b',
  KEYWORD: 'import',
  DOLLAR: '$&$1',
};

describe('references', () => {
  test.each<[string, string, string]>([
    ['in a key', '{$ZONE}:53 {\n}', 'example.org:53: '],
    ['in the other form', '{%ZONE%}:53 {\n}', 'example.org:53: '],
    ['in the name of a directive', 'a {\n {$ZONE}\n}', 'a: example.org'],
    ['in arguments', 'a {\n x {$ZONE} y{$ZONE}z{%ZONE%}\n}', 'a: x example.org yexample.orgzexample.org'],
    ['in nested blocks', 'a {\n x {\n  {$ZONE} {$ZONE}\n }\n}', 'a: x { example.org example.org }'],
    ['in quotes', 'a {\n x "- {$ZONE} -"\n}', 'a: x - example.org -'],
    ['in a snippet, when it is pasted', '(s) {\n x {$ZONE}\n}\na {\n import s\n}', 'a: x example.org'],
    ['without a value', 'a {\n x y{$NOTHING}z {$NOTHING}\n}', 'a: x yz '],
    ['without a value, of names that objects have', 'a {\n x y{$constructor}{$__proto__}\n}', 'a: x y'],
    ['without a name', 'a {\n x {$} {%%} {%}\n}', 'a: x {$} {%%} {%}'],
    ['without an end', 'a {\n x {$ZONE {%ZONE} {$\n}', 'a: x {$ZONE {%ZONE} {$'],
    ['of a value with spaces', 'a {\n x {$WORDS}\n}', 'a: x x y'],
    ['of a value that is a brace', 'a {\n x {$BRACE}\n y\n}', 'a: x {; y'],
    ['of a value that is a reference', 'a {\n x {$REFERENCE}\n}', 'a: x {$ZONE}'],
    ['of a value that is a keyword', 'a {\n x {$DOLLAR}\n}', 'a: x $&$1'],
    ['of a value with commas: one key', '{$COMMAS} {\n}', 'a,b: '],
    ['of no value: no key', '{$NOTHING} a {\n}', 'a: '],
  ])('%s', (_, text, expected) => {
    expect(blocksOf(text, env)).toEqual([expected]);
  });

  test('in the argument of import', () => {
    const directory = directoryWith({ 'zone.conf': 'a {\n}\n' });
    expect(blocksOf('import {$DIR}/zone.conf\nimport {$DIR}/*.conf', { DIR: directory })).toEqual([
      'a: ',
      'a: ',
    ]);
    expect(errorsOf('import {$DIR}', join(directory, 'Corefile'))).toEqual([
      '1:8 Import requires a non-empty filepath',
    ]);
  });

  test('a block whose keys all come to nothing is left out, with a warning', () => {
    const { blocks, warnings } = parseCorefile('a {\n}\n{$NOTHING} {\n x\n}\n', 'Corefile', { env: {} });
    expect(blocks.map(blockText)).toEqual(['a: ']);
    expect(warnings).toEqual([
      {
        message: 'the server block has no zone and is ignored',
        position: { file: 'Corefile', line: 3, column: 1 },
      },
    ]);
  });

  test('values may not add without end', () => {
    const value = 'v'.repeat(1024);
    const text = (count: number) => `a {\n x ${'{$V}'.repeat(count)}\n}`;
    const most = limits.corefileBytes / value.length;
    expect(blocksOf(text(most), { V: value })).toEqual([`a: x ${value.repeat(most)}`]);
    expect(errorsOf(text(most + 1), 'Corefile', { V: value })).toEqual([
      `2:4 environment variables add more than ${limits.corefileBytes} characters`,
    ]);
  });

  test.each(['{$', '{%', '{$}', '{'])('megabytes of %s are read', (text) => {
    const word = text.repeat(1_000_000);
    expect(blocksOf(`a {\n x ${word}\n}`)).toEqual([`a: x ${word}`]);
  });
});
