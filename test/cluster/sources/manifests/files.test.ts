import { expect, it } from 'vitest';
import { ManifestFiles } from '../../../../src/cluster/sources/manifests/files.ts';
import { scan } from '../../../../src/cluster/sources/manifests/scan.ts';
import { limits } from '../../../../src/limits.ts';
import { Folder, service } from './support.ts';

it('content that did not change is not parsed again', async () => {
  const folder = await Folder.make();
  await folder.write('a.json', service('a'));
  await folder.write('b.json', service('b'));
  const files = new ManifestFiles();
  const before = await files.read(await scan([folder.path]));
  await folder.write('a.json', service('a'));
  await folder.write('b.json', service('c'));
  const after = await files.read(await scan([folder.path]));
  expect(after.files[0]?.parsed).toBe(before.files[0]?.parsed);
  expect(after.files[1]?.parsed).not.toBe(before.files[1]?.parsed);
});

it('a file that cannot be reached keeps its place among the others', async () => {
  const folder = await Folder.make();
  for (const name of ['a', 'b', 'c']) await folder.write(`${name}.json`, service(name));
  const files = new ManifestFiles();
  await files.read(await scan([folder.path]));
  await folder.remove('b.json');
  await folder.link('nowhere', 'b.json');
  const { files: read, remarks } = await files.read(await scan([folder.path]));
  expect(read.map(({ parsed }) => parsed.manifests[0]?.name)).toEqual(['a', 'b', 'c']);
  expect(remarks.map(({ line }) => line)).toEqual([
    `${folder.at('b.json')}: no such file or folder: mend it, or take it out of the manifests`,
  ]);
});

it('a file that grew beyond the bound since the scan is not parsed, one that went away is forgotten', async () => {
  const folder = await Folder.make();
  await folder.write('a.yaml', '#');
  await folder.write('b.yaml', '#');
  const listing = await scan([folder.path]);
  await folder.write('a.yaml', '#'.repeat(limits.manifestYamlBytes + 1));
  await folder.remove('b.yaml');
  const { files, remarks } = await new ManifestFiles().read(listing);
  expect(files).toEqual([]);
  expect(remarks.map(({ line }) => line)).toEqual([
    `${folder.at('a.yaml')}: larger than 4194304 octets: split it, or dump it with -o json`,
  ]);
});
