import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTextFile, underRoot } from '../../src/plugins/text-file.ts';

let folder = '';
let path = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'text-file-'));
  path = join(folder, 'file');
});

afterAll(() => rm(folder, { recursive: true }));

describe('readTextFile', () => {
  test('gives the whole file, and nothing where it is known', async () => {
    await writeFile(path, 'grün\n');
    const file = await readTextFile(path, 100);
    expect(file).toMatchObject({ text: 'grün\n', size: 6 });
    expect(await readTextFile(path, 100, file)).toBeUndefined();
  });

  test('another time or another size is a change', async () => {
    await writeFile(path, 'one');
    const file = await readTextFile(path, 100);
    await utimes(path, 1, 1);
    const touched = await readTextFile(path, 100, file);
    expect(touched).toMatchObject({ text: 'one', mtimeNs: 1_000_000_000n });
    await writeFile(path, 'four');
    await utimes(path, 1, 1);
    expect((await readTextFile(path, 100, touched))?.text).toBe('four');
  });

  test('an empty file has no text', async () => {
    await writeFile(path, '');
    expect((await readTextFile(path, 0))?.text).toBe('');
  });

  test.each([
    ['a file that is too long', () => path, 2, /file has 3 bytes: at most 2 are read$/],
    ['a folder', () => folder, 100, /is not a regular file$/],
    ['a device without an end', () => '/dev/zero', 100, /is not a regular file$/],
    ['nothing', () => join(folder, 'none'), 100, /ENOENT/],
  ])('refuses %s', async (_, where, limit, message) => {
    await writeFile(path, 'abc');
    await expect(readTextFile(where(), limit)).rejects.toThrow(message);
  });
});

test.each([
  ['/etc/hosts', '/root', '/etc/hosts'],
  ['hosts', '/root', '/root/hosts'],
  ['../hosts', '/root/sub', '/root/hosts'],
  ['hosts', '', 'hosts'],
])('underRoot: %s under %j is %s', (file, root, whole) => {
  expect(underRoot(file, root)).toBe(whole);
});
