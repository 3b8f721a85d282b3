import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rootPlugin } from '../../../src/plugins/root/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

test('is a setting of the block, no part of the chain', () => {
  const setup = makeSetup({ plugin: 'root' });
  expect(setUp(rootPlugin, `root "${tmpdir()}"`, setup)).toBeUndefined();
  expect(setup.settings.root).toBe(tmpdir());
  expect(setup.lines).toEqual([]);
});

test('a directory that is not there yet is warned of', () => {
  const setup = makeSetup({ plugin: 'root' });
  setUp(rootPlugin, 'root /\nroot /no/such/folder', setup);
  expect(setup.settings.root).toBe('/no/such/folder');
  expect(setup.lines).toEqual(['[WARNING] plugin/root: Root path does not exist: /no/such/folder']);
});

test('a path that leads through a file is a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corvidns-root-'));
  writeFileSync(join(folder, 'file'), '');
  const path = join(folder, 'file', 'below');
  expect(() => setUp(rootPlugin, `root ${path}`, makeSetup())).toThrow(
    `unable to access root path '${path}': `,
  );
  rmSync(folder, { recursive: true });
});

test.each([
  ['root', "Wrong argument count or unexpected line ending after 'root'"],
  ['root /a /b', "Wrong argument count or unexpected line ending after '/b'"],
])('%s', (corefile, message) => {
  expect(() => setUp(rootPlugin, corefile, makeSetup())).toThrow(message);
});
