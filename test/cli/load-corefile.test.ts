import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadCorefile, OperatorError } from '../../src/cli/load-corefile.ts';
import { CorefileError, CorefileErrors } from '../../src/corefile/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'corvidns-'));
const files: Readonly<Record<string, string>> = {
  good: '.:53 {\n    whoami\n}\nexample.org {\n    log\n}\n',
  empty: '',
  comment: '# nothing yet\n',
  snippet: '(common) {\n    errors\n}\n',
  environment: '{$CORVIDNS_TEST_ZONE}:53 {\n    whoami\n}\n',
  'pattern-of-nothing': 'import none/*.conf\n',
  'not-closed': '.:53 {\n    whoami\n',
  'bad-import': 'import snippets/bad\n',
  'snippets/bad': 'example.org {\n    log {\n',
};

beforeAll(() => {
  mkdirSync(join(folder, 'snippets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = (name: string) => loadCorefile({ conf: join(folder, name) });
const keysOf = (name: string) => load(name).blocks.map(({ keys }) => keys.map(({ text }) => text));
const directivesOf = (name: string) =>
  load(name).blocks.map(({ directives }) => directives.map((directive) => directive.name.text));

test('the blocks of a file', () => {
  expect(keysOf('good')).toEqual([['.:53'], ['example.org']]);
  expect(load('good').isDefault).toBe(false);
  expect(load('good').blocks[1]?.keys[0]?.position).toEqual({
    file: join(folder, 'good'),
    line: 4,
    column: 1,
  });
});

test('the environment is the process’s', () => {
  vi.stubEnv('CORVIDNS_TEST_ZONE', 'corp.example');
  try {
    expect(keysOf('environment')).toEqual([['corp.example:53']]);
  } finally {
    vi.unstubAllEnvs();
  }
});

test.each(['empty', 'comment', 'snippet', 'pattern-of-nothing'])('without a block: %s', (name) => {
  expect(load(name).isDefault).toBe(true);
  expect(keysOf(name)).toEqual([['.']]);
  expect(directivesOf(name)).toEqual([['whoami', 'log']]);
});

test('a warning of a file without a block is kept', () => {
  expect(load('pattern-of-nothing').warnings).toHaveLength(1);
});

describe('mistakes', () => {
  const messageOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof OperatorError) return error.message;
      throw error;
    }
    return 'no error';
  };

  test('a file that cannot be read', () => {
    expect(messageOf(() => load('nothere'))).toBe(
      `loading Corefile: open ${folder}/nothere: no such file: correct -conf`,
    );
    expect(messageOf(() => load('snippets'))).toBe(
      `loading Corefile: open ${folder}/snippets: is a directory: name the file in -conf`,
    );
    expect(messageOf(() => load('good/below'))).toMatch(/^loading Corefile: open \S+: .*ENOTDIR.*$/);
  });

  test('one in the file is shown with its line', () => {
    const lines = messageOf(() => load('not-closed')).split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${folder}/not-closed:\\d+:\\d+ - .*Unexpected EOF`));
    expect(lines[1]).toMatch(/^ \d+ \| /);
  });

  test('one in an imported file is shown with the line of that file', () => {
    const message = messageOf(() => load('bad-import'));
    expect(message).toContain(`${folder}/snippets/bad:2:`);
    expect(message).toContain(' 2 |     log {');
  });

  test('those that set-up finds are shown one after another', () => {
    const corefile = load('good');
    const at = (line: number) => ({ file: join(folder, 'good'), line, column: 5 });
    const explained = corefile.explain(
      new CorefileErrors([
        new CorefileError('first', at(2), 6).inPlugin('whoami'),
        new CorefileError('second', at(5), 3).inPlugin('log'),
      ]),
    );
    expect(explained.split('\n')).toEqual([
      `${folder}/good:2:5 - plugin/whoami: first`,
      ' 2 |     whoami',
      '   |     ^^^^^^',
      `${folder}/good:5:5 - plugin/log: second`,
      ' 5 |     log',
      '   |     ^^^',
    ]);
  });
});
