import { describe, expect, test } from 'vitest';
import { CorefileError, formatError } from '../../src/corefile/index.ts';
import { limits } from '../../src/limits.ts';

const at = (line: number, column: number) => ({ file: 'Corefile', line, column });
const text = '\ufeff.:53 {\r\n\tkuberntes cluster.local\r\n    log "a\nb" c\r\n}\r\n';

describe('a mistake is shown with its line', () => {
  test.each<[string, CorefileError, string[]]>([
    [
      'in the first line',
      new CorefileError('no', at(1, 1), 4),
      ['Corefile:1:1 - Error during parsing: no', ' 1 | .:53 {', '   | ^^^^'],
    ],
    [
      'behind a tab',
      new CorefileError("Unknown directive 'kuberntes'", at(2, 2), 9),
      [
        "Corefile:2:2 - Error during parsing: Unknown directive 'kuberntes'",
        ' 2 | \tkuberntes cluster.local',
        '   | \t^^^^^^^^^',
      ],
    ],
    [
      'of a word that goes on in the next line',
      new CorefileError('no', at(3, 9), 5),
      ['Corefile:3:9 - Error during parsing: no', ' 3 |     log "a', '   |         ^^'],
    ],
    [
      'behind the end of a line',
      new CorefileError('no', at(4, 9), 5),
      ['Corefile:4:9 - Error during parsing: no', ' 4 | b" c', '   |     ^'],
    ],
    [
      'of a syntax error, which says so itself',
      new CorefileError("Syntax error: Unexpected token 'x', expecting '{'", at(1, 6), 1, ''),
      ["Corefile:1:6 - Syntax error: Unexpected token 'x', expecting '{'", ' 1 | .:53 {', '   |      ^'],
    ],
    [
      'of the set-up of a plugin',
      new CorefileError('unknown property', at(3, 5), 3).inPlugin('hosts'),
      ['Corefile:3:5 - plugin/hosts: unknown property', ' 3 |     log "a', '   |     ^^^'],
    ],
    [
      'of a line that is not there',
      new CorefileError('no', at(9, 1)),
      ['Corefile:9:1 - Error during parsing: no'],
    ],
  ])('%s', (_, error, lines) => {
    expect(formatError(error, () => text)).toBe(lines.join('\n'));
  });

  test('the margin is as wide as the number', () => {
    const frame = formatError(new CorefileError('no', at(10, 2)), () => `${'\n'.repeat(9)} x`);
    expect(frame.split('\n').slice(1)).toEqual([' 10 |  x', '    |  ^']);
  });

  test('characters outside the basic plane are one each', () => {
    const frame = formatError(new CorefileError('no', at(1, 3), 2), () => '😀 😀😀 x');
    expect(frame.split('\n').slice(1)).toEqual([' 1 | 😀 😀😀 x', '   |   ^^']);
  });

  test('of the file that it is in', () => {
    const error = new CorefileError('no', { file: '/etc/zones', line: 1, column: 1 });
    const source = (file: string) => (file === '/etc/zones' ? 'x' : 'y');
    expect(formatError(error, source)).toBe('/etc/zones:1:1 - Error during parsing: no\n 1 | x\n   | ^');
  });

  test('or in one line, where the text is not known', () => {
    const error = new CorefileError('no', at(1, 1));
    expect(formatError(error)).toBe('Corefile:1:1 - Error during parsing: no');
    expect(formatError(error, () => undefined)).toBe('Corefile:1:1 - Error during parsing: no');
  });
});

describe('what is shown does no harm', () => {
  test('control characters are not', () => {
    const error = new CorefileError("Unknown directive 'a\nb\u001b[2J'", at(1, 1));
    const lines = formatError(error, () => '\u001b[2Jx\ty').split('\n');
    expect(lines).toEqual([
      "Corefile:1:1 - Error during parsing: Unknown directive 'a\ufffdb\ufffd[2J'",
      ' 1 | \ufffd[2Jx\ty',
      '   | ^',
    ]);
  });

  test('a long line is shown from shortly before the place on', () => {
    const error = new CorefileError('no', at(1, 5001), 4);
    const [, shown = '', carets = ''] = formatError(
      error,
      () => `${'a'.repeat(5000)}here${'b'.repeat(5000)}`,
    ).split('\n');
    expect([...shown].length).toBeLessThanOrEqual(limits.corefileExcerptChars + ' 1 | …'.length);
    expect(shown.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('here');
  });

  test('carets do not go beyond what is shown, and a long message ends', () => {
    const error = new CorefileError('m'.repeat(10_000), at(1, 1), 100_000);
    const [headline = '', shown = '', carets = ''] = formatError(error, () => 'a'.repeat(10_000)).split('\n');
    expect(headline).toBe(`Corefile:1:1 - Error during parsing: ${'m'.repeat(limits.corefileExcerptChars)}…`);
    expect(shown).toBe(` 1 | ${'a'.repeat(limits.corefileExcerptChars)}…`);
    expect(carets).toBe(`   | ${'^'.repeat(limits.corefileExcerptChars)}`);
  });
});
