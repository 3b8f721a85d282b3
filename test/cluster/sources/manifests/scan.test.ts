import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Listing, scan } from '../../../../src/cluster/sources/manifests/scan.ts';
import { limits } from '../../../../src/limits.ts';
import { Folder } from './support.ts';

function names({ paths }: Listing, folder: Folder): string[] {
  return paths.flatMap(({ files }) => files.map(({ path }) => relative(folder.path, path)));
}

function failures({ paths }: Listing): string[] {
  return paths.flatMap((path) => path.failures.map((failure) => failure.message));
}

describe('files in a folder', () => {
  it('are those that end in yaml, yml and json, at any depth, by name', async () => {
    const folder = await Folder.make();
    const all = [
      'b.yaml',
      'a.yml',
      'c.json',
      'readme.md',
      'yaml',
      'x.yaml.bak',
      'deep/er/d.yaml',
      'e.yaml/f.yaml',
    ];
    for (const name of all) await folder.write(name, '');
    expect(names(await scan([folder.path]), folder)).toEqual([
      'a.yml',
      'b.yaml',
      'c.json',
      'deep/er/d.yaml',
      'e.yaml/f.yaml',
    ]);
  });

  it('are not the hidden ones', async () => {
    const folder = await Folder.make();
    for (const name of ['.a.yaml', '.git/b.yaml', '..c/d.yaml', 'e.yaml']) await folder.write(name, '');
    expect(names(await scan([folder.path]), folder)).toEqual(['e.yaml']);
  });

  it('are those of a mounted ConfigMap once', async () => {
    const folder = await Folder.make();
    await folder.write('..2026_01/web.yaml', '');
    await folder.link('..2026_01', '..data');
    await folder.link('..data/web.yaml', 'web.yaml');
    expect(names(await scan([folder.path]), folder)).toEqual(['web.yaml']);
  });

  it('are found behind links, but not in circles', async () => {
    const folder = await Folder.make();
    await folder.write('in/a.yaml', '');
    await folder.write('out/b.yaml', '');
    await folder.link('../out', 'in/out');
    await folder.link('.', 'in/circle');
    await folder.link('a.yaml', 'in/same.yaml');
    expect(names(await scan([folder.at('in')]), folder)).toEqual(['in/a.yaml', 'in/out/b.yaml']);
  });

  it('count once, whatever paths lead to them', async () => {
    const folder = await Folder.make();
    await folder.write('a.yaml', '');
    const listing = await scan([folder.at('a.yaml'), folder.path, `${folder.path}/`]);
    expect(names(listing, folder)).toEqual(['a.yaml']);
    expect(failures(listing)).toEqual([]);
  });
});

it('a file is read by any name when it is named', async () => {
  const folder = await Folder.make();
  await folder.write('.objects', '');
  expect(names(await scan([folder.at('.objects')]), folder)).toEqual(['.objects']);
});

it('changes may happen in every folder that is looked into, and in that of a file that is named', async () => {
  const folder = await Folder.make();
  await folder.write('in/deep/a.yaml', '');
  await folder.write('named/b.yaml', '');
  const { folders } = await scan([folder.at('in'), folder.at('named/b.yaml')]);
  expect([...folders.keys()]).toEqual([folder.at('in'), folder.at('in/deep'), folder.at('named')]);
});

describe('what cannot be looked into', () => {
  it.each([
    ['a path that is missing', (folder: Folder) => folder.at('missing'), 'no such file or folder'],
    ['a link to nowhere', (folder: Folder) => folder.path, 'no such file or folder'],
    ['a link to itself', (folder: Folder) => folder.at('loop.yaml'), 'cannot be read (ELOOP)'],
  ])('%s', async (_title, path, expected) => {
    const folder = await Folder.make();
    await folder.link('nowhere', 'dangling.yaml');
    await folder.link('nowhere', 'not-a-manifest');
    if (path(folder) !== folder.path) await folder.link('loop.yaml', 'loop.yaml');
    expect(failures(await scan([path(folder)]))).toEqual([
      `${expected}: mend it, or take it out of the manifests`,
    ]);
  });

  it('what is neither a file nor a folder', async () => {
    expect(failures(await scan(['/dev/null']))).toEqual([
      'neither a file nor a folder: take it out of the manifests',
    ]);
  });

  it('more files than the bound', async () => {
    const folder = await Folder.make();
    await Promise.all(Array.from({ length: limits.manifestFiles }, (_, i) => folder.write(`${i}.yaml`, '')));
    expect(failures(await scan([folder.path]))).toEqual([]);
    await folder.write('one-more.yaml', '');
    expect(failures(await scan([folder.path]))).toEqual(['more than 4096 files: name a smaller folder']);
  });

  it('more folders than the bound', async () => {
    const folder = await Folder.make();
    for (let i = 1; i < limits.manifestFolders; i++) await folder.write(`${i}/readme.md`, '');
    expect(failures(await scan([folder.path]))).toEqual([]);
    await folder.write('one-more/readme.md', '');
    expect(failures(await scan([folder.path]))).toEqual(['more than 1024 folders: name a smaller one']);
  });
});

describe('the fingerprint', () => {
  it.each<[string, (folder: Folder) => Promise<unknown>]>([
    ['an edit', (folder) => folder.write('a.yaml', 'longer')],
    ['a new file', (folder) => folder.write('b.yaml', '')],
    ['a deleted file', (folder) => folder.remove('a.yaml')],
    ['another file of this name', (folder) => folder.rename('c', 'a.yaml')],
    [
      'a link that leads elsewhere',
      async (folder) => {
        await folder.link('c', 'new');
        await folder.rename('new', 'link.yaml');
      },
    ],
    ['a link that leads nowhere', (folder) => folder.remove('b')],
  ])('differs after %s', async (_title, change) => {
    const folder = await Folder.make();
    for (const name of ['a.yaml', 'b', 'c']) await folder.write(name, '');
    await folder.link('b', 'link.yaml');
    const before = await scan([folder.path]);
    expect((await scan([folder.path])).fingerprint).toBe(before.fingerprint);
    await change(folder);
    expect((await scan([folder.path])).fingerprint).not.toBe(before.fingerprint);
  });
});
