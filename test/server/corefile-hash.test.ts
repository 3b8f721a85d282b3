import { describe, expect, test } from 'vitest';
import { parseCorefile } from '../../src/corefile/index.ts';
import { corefileHash } from '../../src/server/corefile-hash.ts';

const hashOf = (text: string, file = 'Corefile', env = {}) =>
  corefileHash(parseCorefile(text, file, { env }).blocks);

const TEXT = 'example.org {\n  hosts {\n    192.0.2.1 a\n  }\n  whoami\n}\n';
const HASH = hashOf(TEXT);

test('it is a SHA-512', () => {
  expect(HASH).toMatch(/^[0-9a-f]{128}$/);
});

describe('what says the same has the same', () => {
  const cases: [what: string, text: string][] = [
    ['comments', `# mine\n${TEXT.replace('whoami', 'whoami # who else')}`],
    ['spacing and empty lines', TEXT.replaceAll('\n', '\n\n').replaceAll('  ', '\t')],
    ['line ends', TEXT.replaceAll('\n', '\r\n')],
    ['quotes', TEXT.replace('192.0.2.1', '"192.0.2.1"')],
    ['a snippet', `(me) {\n  whoami\n}\n${TEXT.replace('whoami', 'import me')}`],
    ['the environment', TEXT.replace('example.org', '{$ZONE}')],
  ];
  test.each(cases)('%s', (_what, text) => {
    expect(hashOf(text, 'other/Corefile', { ZONE: 'example.org' })).toBe(HASH);
  });
});

describe('what says something else has another', () => {
  const cases: [what: string, text: string][] = [
    ['a key', TEXT.replace('org', 'net')],
    ['a directive', TEXT.replace('whoami', 'any')],
    ['an argument', TEXT.replace('hosts', 'hosts /etc/hosts')],
    ['a property', TEXT.replace('192.0.2.1 a', '192.0.2.2 a')],
    ['words that are joined', TEXT.replace('192.0.2.1 a', '"192.0.2.1 a"')],
    ['a block that is empty, not absent', TEXT.replace('whoami', 'whoami {\n}')],
    ['the order of lines', 'example.org {\n  whoami\n  hosts {\n    192.0.2.1 a\n  }\n}\n'],
    ['one block more', `${TEXT}example.net {\n  whoami\n}\n`],
  ];
  test.each(cases)('%s', (_what, text) => {
    expect(hashOf(text)).not.toBe(HASH);
  });
});
