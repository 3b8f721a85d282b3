import { describe, expect, it, onTestFinished } from 'vitest';
import { FolderWatch } from '../../../../src/cluster/sources/manifests/watch.ts';
import { Folder, until } from './support.ts';

function makeWatch(): { watch: FolderWatch; changes: Set<string>; failures: string[] } {
  const changes = new Set<string>();
  const failures: string[] = [];
  const watch = new FolderWatch(
    (path) => changes.add(path),
    (line) => failures.push(line),
  );
  onTestFinished(() => watch.close());
  return { watch, changes, failures };
}

describe('a watch on folders', () => {
  it('tells the path of what changed, in all of them', async () => {
    const folder = await Folder.make();
    await folder.write('a/old.yaml', '');
    await folder.write('b/old.yaml', '');
    const { watch, changes } = makeWatch();
    watch.follow(new Map(['a', 'b'].map((name) => [folder.at(name), '1'])));
    await folder.write('a/old.yaml', 'new');
    await folder.write('b/new.yaml', '');
    await until('a is told', () => changes.has(folder.at('a/old.yaml')));
    await until('b is told', () => changes.has(folder.at('b/new.yaml')));
  });

  it('leaves those that are no longer among them', async () => {
    const folder = await Folder.make();
    await folder.write('a/x', '');
    await folder.write('b/x', '');
    const { watch, changes } = makeWatch();
    watch.follow(new Map([[folder.at('a'), '1']]));
    watch.follow(new Map([[folder.at('b'), '2']]));
    await folder.write('a/x', 'new');
    await folder.write('b/x', 'new');
    await until('b is told', () => changes.has(folder.at('b/x')));
    expect(changes.has(folder.at('a/x'))).toBe(false);
  });

  it('follows a folder that took the place of another', async () => {
    const folder = await Folder.make();
    await folder.write('a/x', '');
    const { watch, changes } = makeWatch();
    watch.follow(new Map([[folder.at('a'), '1']]));
    await folder.rename('a', 'old');
    await folder.write('a/x', '');
    watch.follow(new Map([[folder.at('a'), '2']]));
    await folder.write('a/y', '');
    await until('told', () => changes.has(folder.at('a/y')));
  });

  it('tells once what it cannot watch, and nothing of a folder that went away', async () => {
    const folder = await Folder.make();
    const impossible = folder.at('x'.repeat(300));
    const { watch, failures } = makeWatch();
    const folders = new Map([
      [impossible, '1'],
      [folder.at('missing'), '2'],
    ]);
    watch.follow(folders);
    watch.follow(folders);
    expect(failures).toEqual([expect.stringContaining('ENAMETOOLONG')]);
  });
});
