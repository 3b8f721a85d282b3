import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ParsedCorefile, parseCorefile } from '../../src/corefile/index.ts';
import { limits } from '../../src/limits.ts';
import { blocksOf, blockText, directoryWith, errorsOf } from './support.ts';

/** Parses the file `Corefile` of a directory with these files. */
function parseIn(files: Readonly<Record<string, string>>, env = {}): ParsedCorefile & { texts: string[] } {
  const file = join(directoryWith(files), 'Corefile');
  const parsed = parseCorefile(readFileSync(file, 'utf8'), file, { env });
  return { ...parsed, texts: parsed.blocks.map(blockText) };
}

function errorsIn(files: Readonly<Record<string, string>>): string[] {
  const file = join(directoryWith(files), 'Corefile');
  return errorsOf(readFileSync(file, 'utf8'), file);
}

describe('snippets', () => {
  test.each<[string, string, string[]]>([
    ['are lines of a block', '(s) {\n x\n y {\n  z\n }\n}\na {\n import s\n w\n}\n', ['a: x; y { z }; w']],
    ['are lines of a nested block', '(s) {\n x\n}\na {\n y {\n  import s\n }\n}\n', ['a: y { x }']],
    ['are server blocks', '(s) {\n a {\n  x\n }\n}\nimport s\n', ['a: x']],
    ['are pasted as often as they are imported', '(s) {\n x\n}\na {\n import s\n import s\n}\n', ['a: x; x']],
    ['may hold snippets', '(s) {\n x\n}\n(t) {\n import s\n y\n}\na {\n import t\n}\n', ['a: x; y']],
    ['that are never used are never looked into', '(s) {\n import nothing\n}\na {\n}\n', ['a: ']],
    ['may be empty', '(s) {\n}\na {\n import s\n}\n', ['a: ']],
    ['may be an import in one line', '(s) {\n a {\n }\n}\n(t) { import s }\nimport t', ['a: ']],
    ['may stand in one line', '(s) { x }\na { import s }\n', ['a: x']],
  ])('%s', (_, text, expected) => {
    expect(blocksOf(text)).toEqual(expected);
  });

  test.each<[string, string, string[]]>([
    ['are defined once', '(s) {\n}\n(s) {\n}\n', ['3:1 redeclaration of previously declared snippet s']],
    [
      'are defined before they are imported',
      'a {\n import nowhere\n}\n(nowhere) {\n}\n',
      ['2:9 File to import not found: nowhere'],
    ],
    ['do not import themselves', '(s) {\n import s\n}\na {\n import s\n}\n', ["2:9 's' imports itself"]],
    [
      'do not import each other',
      '(s) {\n import t\n}\n(t) {\n import s\n}\na {\n import s\n}\n',
      ["5:9 's' imports itself"],
    ],
    [
      'have their own mistakes, told once',
      '(s) {\n x\n {\n }\n}\na {\n import s\n import s\n}\n',
      ["3:2 Unexpected token '{', expecting argument: it belongs at the end of a line"],
    ],
  ])('%s', (_, text, expected) => {
    expect(errorsOf(text)).toEqual(expected);
  });

  test('keep their own places', () => {
    const [block] = parseCorefile('(s) {\n x\n}\na {\n import s\n}\n', 'Corefile').blocks;
    expect(block?.directives[0]?.name.position).toEqual({ file: 'Corefile', line: 2, column: 2 });
  });

  test('are pasted so many times at most', () => {
    const imports = (count: number) => `(s) {\n}\na {\n${'import s\n'.repeat(count)}}\n`;
    expect(blocksOf(imports(limits.corefileSnippetImports))).toEqual(['a: ']);
    expect(errorsOf(imports(limits.corefileSnippetImports + 1))).toEqual([
      `${4 + limits.corefileSnippetImports}:8 maximum snippet import depth (${limits.corefileSnippetImports}) exceeded`,
    ]);
  });

  test('may not become too many words', () => {
    const doubling = Array.from({ length: 12 }, (_, i) => `(s${i + 1}) {\n import s${i}\n import s${i}\n}\n`);
    const text = `(s0) {\n ${'x '.repeat(100)}\n}\n${doubling.join('')}a {\n import s12\n}\n`;
    expect(errorsOf(text)).toEqual([
      expect.stringContaining(`the Corefile has more than ${limits.corefileTokens} words with its imports`),
    ]);
  });

  test('are nested so deep at most', () => {
    const chain = (depth: number) => {
      const links = Array.from({ length: depth }, (_, i) => `(s${i + 1}) {\n import s${i}\n}\n`);
      return `(s0) {\n x\n}\n${links.join('')}a {\n import s${depth}\n}\n`;
    };
    expect(blocksOf(chain(limits.corefileImportDepth - 1))).toEqual(['a: x']);
    expect(errorsOf(chain(limits.corefileImportDepth))).toEqual([
      `5:9 imports are nested deeper than ${limits.corefileImportDepth}`,
    ]);
  });
});

describe('files', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['as lines of a block', { Corefile: 'a {\n import x\n}\n', x: 'y\nz' }, ['a: y; z']],
    [
      'as server blocks',
      { Corefile: 'import x\nc {\n}\n', x: 'a {\n}\nb {\n y\n}\n' },
      ['a: ', 'b: y', 'c: '],
    ],
    ['as a block without braces', { Corefile: 'import x', x: 'a\ny' }, ['a: y']],
    ['with snippets', { Corefile: 'import x\na {\n import s\n}\n', x: '(s) {\n y\n}\n' }, ['a: y']],
    [
      'relative to the importing file',
      { Corefile: 'import d/x', 'd/x': 'import y', 'd/y': 'a {\n}\n' },
      ['a: '],
    ],
    [
      'by a pattern, in order',
      { Corefile: 'import *.conf', '2.conf': 'b {\n}', '1.conf': 'a {\n}', x: 'c {\n}' },
      ['a: ', 'b: '],
    ],
    [
      'by a pattern for directories',
      { Corefile: 'import */zone', 'q/zone': 'b {\n}', 'p/zone': 'a {\n}', 'p/x': 'c {\n}' },
      ['a: ', 'b: '],
    ],
    [
      'by a pattern for directories, in the order of their names',
      { Corefile: 'import a*/x', 'a-b/x': 'b {\n}', 'a/x': 'a {\n}' },
      ['a: ', 'b: '],
    ],
    ['by a question mark', { Corefile: 'import x?', x1: 'a {\n}', x22: 'b {\n}', x: 'c {\n}' }, ['a: ']],
    ['names with a leading dot match', { Corefile: 'import d/*', 'd/.x': 'a {\n}' }, ['a: ']],
    [
      'signs of regular expressions are text',
      { Corefile: 'import a.c+*', 'a.c+1': 'a {\n}', abcc1: 'b {\n}' },
      ['a: '],
    ],
    [
      'a snippet comes before a file of its name',
      { Corefile: '(x) {\n a {\n }\n}\nimport x', x: 'b {\n}' },
      ['a: '],
    ],
    ['an empty file', { Corefile: 'a {\n import x\n}\n', x: '' }, ['a: ']],
  ])('%s', (_, files, expected) => {
    expect(parseIn(files).texts).toEqual(expected);
  });

  test('by an absolute path', () => {
    const directory = directoryWith({ x: 'a {\n}\n' });
    expect(blocksOf(`import ${directory}/x\nimport ${directory}/?\n`)).toEqual(['a: ', 'a: ']);
  });

  test('relative to a relative Corefile', () => {
    const directory = relative(process.cwd(), directoryWith({ 'd/x': 'a {\n}\n' }));
    const parsed = parseCorefile('import d/x\nimport d/*\n', join(directory, 'Corefile'));
    expect(parsed.files).toEqual([join(directory, 'Corefile'), join(directory, 'd/x')]);
    expect(parsed.blocks[1]?.keys[0]?.position.file).toBe(join(directory, 'd/x'));
  });

  test('a pattern passes over directories, as those that a mounted ConfigMap has', () => {
    const directory = directoryWith({ Corefile: '', 'd/..2026/a.server': 'a {\n}\n' });
    symlinkSync('..2026', join(directory, 'd/..data'));
    symlinkSync('..data/a.server', join(directory, 'd/a.server'));
    mkdirSync(join(directory, 'd/b.server'));
    expect(blocksOf(`import ${directory}/d/*`)).toEqual(['a: ']);
  });

  test('a pattern that matches nothing is a warning', () => {
    const { texts, warnings } = parseIn({ Corefile: 'a {\n import custom/*.override\n}\n' });
    expect(texts).toEqual(['a: ']);
    expect(warnings).toMatchObject([
      {
        message: 'No files matching import glob pattern: custom/*.override',
        position: { line: 2, column: 9 },
      },
    ]);
  });

  test('every file is named once, the Corefile first', () => {
    const { files } = parseIn({ Corefile: 'import x\nimport x\nimport *z\n', x: '', yz: '', z: 'import x' });
    expect(files.map((file) => file.slice(file.lastIndexOf('/') + 1))).toEqual(['Corefile', 'x', 'yz', 'z']);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['missing', { Corefile: 'a {\n import x\n}\n' }, ['2:9 File to import not found: x']],
    ['itself', { Corefile: 'import Corefile' }, ["1:8 'Corefile' imports itself"]],
    ['itself by a pattern', { Corefile: 'import Core*' }, ["1:8 'Core*' imports itself"]],
    [
      'itself by way of another',
      { Corefile: 'import x', x: '\nimport Corefile' },
      ["2:8 'Corefile' imports itself"],
    ],
    [
      'a directory',
      { Corefile: 'import d', 'd/x': '' },
      [expect.stringMatching(/^1:8 Could not import .*\/d: is a directory$/)],
    ],
    [
      'two stars',
      { Corefile: 'import */*' },
      [
        expect.stringMatching(
          /^1:8 Glob pattern may only contain one wildcard \(\*\), but has others: .*\*\/\*$/,
        ),
      ],
    ],
    [
      'two question marks',
      { Corefile: 'import a??' },
      [expect.stringContaining('may only contain one wildcard')],
    ],
    [
      'a class of characters',
      { Corefile: 'import [ab]' },
      [expect.stringContaining('may only contain one wildcard')],
    ],
    [
      'no argument',
      { Corefile: 'a {\n import\n}\n' },
      ["2:2 Wrong argument count or unexpected line ending after 'import'"],
    ],
    [
      'two arguments',
      { Corefile: 'import a b' },
      ['1:10 Import takes only one argument (glob pattern or file)'],
    ],
    [
      'a block',
      { Corefile: 'import a {\n}\n' },
      ['1:1 Import takes only one argument (glob pattern or file)'],
    ],
    [
      'a block and no argument',
      { Corefile: 'import {\n}\n' },
      ["1:1 Unexpected token '{', expecting argument"],
    ],
    ['below a file', { Corefile: 'import x/y', x: '' }, ['1:8 File to import not found: x/y']],
    ['an empty argument', { Corefile: 'import ""' }, ['1:8 Import requires a non-empty filepath']],
    [
      'server blocks where lines belong have a closing brace too many',
      { Corefile: 'a {\n import x\n}', x: 'y\n}\n' },
      ["2:1 Unexpected '}' because no matching opening brace"],
    ],
  ])('mistakes: %s', (_, files, expected) => {
    expect(errorsIn(files)).toEqual(expected);
  });

  test('a mistake in an imported file names that file', () => {
    const directory = directoryWith({ x: 'y "' });
    expect(() => parseCorefile('a {\n import x\n}\n', join(directory, 'Corefile'))).toThrow(
      expect.objectContaining({
        errors: [expect.objectContaining({ position: { file: join(directory, 'x'), line: 1, column: 3 } })],
      }),
    );
  });

  test('a pipe is not waited for', () => {
    const directory = directoryWith({});
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    expect(errorsOf(`import ${directory}/pipe`)).toEqual([
      `1:8 Could not import ${directory}/pipe: is not a regular file`,
    ]);
  });

  test('are as large as the Corefile together at most', () => {
    const half = `#${' '.repeat(limits.corefileBytes / 2)}`;
    expect(parseIn({ Corefile: 'import x', x: half }).blocks).toEqual([]);
    expect(errorsIn({ Corefile: 'import x\nimport y', x: half, y: half })).toEqual([
      `2:8 the Corefile has more than ${limits.corefileBytes} octets with its imports`,
    ]);
    const directory = directoryWith({});
    writeFileSync(join(directory, 'large'), ' '.repeat(limits.corefileBytes + 1));
    expect(errorsOf(`import ${directory}/large`)).toEqual([
      `1:8 Could not import ${directory}/large: is larger than ${limits.corefileBytes} octets`,
    ]);
  });

  test('are pasted so many times at most', () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`d/${i}`, '']));
    const lines = limits.corefileFileImports / 100;
    expect(parseIn({ ...files, Corefile: 'import d/*\n'.repeat(lines) }).files).toHaveLength(101);
    expect(errorsIn({ ...files, Corefile: 'import d/*\n'.repeat(lines + 1) })).toEqual([
      `${lines + 1}:8 maximum file import depth (${limits.corefileFileImports}) exceeded`,
    ]);
  });
});
