import { truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../../../src/cluster/source.ts';
import { limits } from '../../../../src/limits.ts';
import {
  Folder,
  kubernetesList,
  makeSource,
  pod,
  RecordingSink,
  type Started,
  service,
  started,
  until,
} from './support.ts';

const web = service('web', { clusterIP: '10.96.0.1' });
const movedWeb = service('web', { clusterIP: '10.96.0.2' });
const db = service('db', { clusterIP: '10.96.0.9' });
const BROKEN = 'kind: Service\nmetadata: {name: web}\n bad: 1\n';

/** Started, and past the look for changes that belongs to the start: a file in `folder` was seen to change. */
async function watching(paths: readonly string[], folder: Folder): Promise<Started> {
  await folder.write('warm-up.json', kubernetesList());
  const running = await started(paths);
  await folder.write('warm-up.json', { kind: 'Namespace', metadata: { name: 'warm' } });
  await until('watching', () => running.sink.has('Namespace warm'));
  running.sink.changes = [];
  return running;
}

async function startError(paths: readonly string[]): Promise<unknown> {
  return makeSource(paths)
    .source.start(new RecordingSink())
    .then(
      () => 'started',
      (error: unknown) => error,
    );
}

describe('start', () => {
  it('lists every kind that is asked for, and no other', async () => {
    const folder = await Folder.make();
    await folder.write('all.json', kubernetesList(web, pod('web-0', '10.0.0.1')));
    const all = await started([folder.path]);
    expect([...all.sink.synced]).toEqual(['Namespace', 'Service', 'EndpointSlice', 'Pod', 'ServiceImport']);
    expect(all.sink.keys('Pod')).toEqual(['Pod shop/web-0']);
    expect(all.log.lines).toEqual(['[INFO] 7 objects from 1 manifest files']);
    const few = await started([folder.path], { pods: false, multicluster: false, endpoints: false });
    expect([...few.sink.synced]).toEqual(['Namespace', 'Service']);
    expect(few.sink.keys('Pod')).toEqual([]);
  });

  it('applies the selectors, and refuses bad ones', async () => {
    const folder = await Folder.make();
    await folder.write('all.json', kubernetesList(web, db));
    const { sink } = await started([folder.path], { labels: 'team=a', namespaceLabels: 'team=a' });
    expect(sink.keys()).toEqual([]);
    expect(() => makeSource([folder.path], { labels: 'a b' })).toThrow('expected one of');
    expect(() => makeSource([folder.path], { namespaceLabels: 'a b' })).toThrow('expected one of');
  });

  it('the later path wins over the earlier, with a warning', async () => {
    const folder = await Folder.make();
    const first = await folder.write('z.json', web);
    const second = await folder.write('a.json', movedWeb);
    const { sink, log } = await started([first, second]);
    expect(sink.objects.get('Service shop/web')).toMatchObject({ clusterIPs: [{ text: '10.96.0.2' }] });
    expect(log.lines).toContain(
      `[WARNING] ${second}:1: Service shop/web is at ${first}:1 too: the later one is used`,
    );
  });

  it('says where nothing was found', async () => {
    const folder = await Folder.make();
    const { log } = await started([folder.path]);
    expect(log.lines).toContain(`[WARNING] no manifest files (*.yaml, *.yml, *.json) in ${folder.path}`);
  });

  it('says what it passes over', async () => {
    const folder = await Folder.make();
    const path = await folder.write(
      'a.yaml',
      'kind: ConfigMap\n---\nkind: ConfigMap\n---\na: 1\n---\nkind: Pod\n',
    );
    const { log } = await started([folder.path]);
    expect(log.lines).toEqual([
      `[WARNING] ${path}:7: Pod without metadata.name (as text): passed over`,
      `[DEBUG] ${path}: objects of kinds that are not read: ConfigMap 2, no kind 1`,
      '[INFO] 4 objects from 1 manifest files',
    ]);
  });
});

describe('start fails with one line for', () => {
  it.each<[string, (folder: Folder) => Promise<string>, string]>([
    [
      'a path that is missing',
      async (folder) => folder.at('x.yaml'),
      ': no such file or folder: mend it, or take it out of the manifests',
    ],
    [
      'bad YAML',
      (folder) => folder.write('x.yaml', BROKEN),
      ':3: bad YAML: All mapping items must start at the same column: mend the file, or take it out of the manifests',
    ],
    [
      'bad JSON',
      (folder) => folder.write('x.json', '{"a":\n1,}'),
      ":2: bad JSON: unexpected '}': mend the file, or take it out of the manifests",
    ],
    [
      'too much YAML',
      (folder) => folder.write('x.yaml', '#'.repeat(limits.manifestYamlBytes + 1)),
      ': larger than 4194304 octets: split it, or dump it with -o json',
    ],
    [
      'too much JSON',
      async (folder) => {
        const path = await folder.write('x.json', '');
        await truncate(path, limits.manifestJsonBytes + 1);
        return path;
      },
      ': larger than 67108864 octets: split it',
    ],
  ])('%s', async (_title, make, expected) => {
    const path = await make(await Folder.make());
    expect(await startError([path])).toEqual(new SourceError(`${path}${expected}`));
  });

  it('and not for a file of just the bound', async () => {
    const folder = await Folder.make();
    await folder.write('x.yaml', '#'.repeat(limits.manifestYamlBytes));
    expect(await startError([folder.path])).toBe('started');
  });
});

describe('changes are told as differences', () => {
  it.each<[string, (folder: Folder) => Promise<unknown>, string[]]>([
    ['an edit', (folder) => folder.write('web.json', movedWeb), ['+ Service shop/web']],
    [
      'an atomic rename over the file',
      async (folder) => {
        await folder.write('.web.json.tmp', movedWeb);
        await folder.rename('.web.json.tmp', 'web.json');
      },
      ['+ Service shop/web'],
    ],
    ['a delete', (folder) => folder.remove('web.json'), ['- Namespace shop', '- Service shop/web']],
    ['a new file', (folder) => folder.write('db.json', db), ['+ Service shop/db']],
    ['a file in a new folder', (folder) => folder.write('new/er/db.json', db), ['+ Service shop/db']],
    ['a folder moved in', (folder) => folder.rename('../outside', 'inside'), ['+ Service shop/db']],
    [
      'a pod for the Service',
      (folder) => folder.write('pod.json', pod('web-0', '10.0.0.1')),
      ['+ EndpointSlice shop/web:IPv4:', '+ Pod shop/web-0'],
    ],
  ])('%s', async (_title, change, expected) => {
    const folder = await Folder.make();
    await folder.write('in/web.json', { ...web, spec: { ...web.spec, selector: { app: 'web' } } });
    await folder.write('outside/db.json', db);
    const { sink } = await watching([folder.at('in')], folder.below('in'));
    await change(folder.below('in'));
    await until(`told of ${expected}`, () => sink.changes.length >= expected.length);
    expect(sink.changes.toSorted()).toEqual(expected);
  });

  it('a file that is named, replaced by rename', async () => {
    const folder = await Folder.make();
    const path = await folder.write('web.yaml', JSON.stringify(web));
    const { sink } = await watching([path, folder.at('warm-up')], folder.below('warm-up'));
    await folder.write('other', movedWeb);
    await folder.rename('other', 'web.yaml');
    await until('told', () => sink.changes.length > 0);
    expect(sink.changes).toEqual(['+ Service shop/web']);
  });

  it('the update of a mounted ConfigMap', async () => {
    const folder = await Folder.make();
    await folder.write('..1/web.json', web);
    await folder.link('..1', '..data');
    await folder.link('..data/web.json', 'web.json');
    const { sink, log } = await watching([folder.path], folder);
    await folder.write('..2/web.json', movedWeb);
    await folder.write('..2/db.json', db);
    await folder.link('..2', '..data_tmp');
    await folder.rename('..data_tmp', '..data');
    await folder.link('..data/db.json', 'db.json');
    await folder.remove('..1');
    await until('told of both', () => sink.changes.length === 2);
    expect(sink.changes.toSorted()).toEqual(['+ Service shop/db', '+ Service shop/web']);
    expect(log.lines.filter((line) => !line.startsWith('[INFO]'))).toEqual([]);
  });

  it('a change that gives no sign, by the poll', async () => {
    const folder = await Folder.make();
    await folder.write('elsewhere/web.json', web);
    await folder.write('in/readme.md', '');
    await folder.link('../elsewhere/web.json', 'in/web.json');
    const { sink } = await watching([folder.at('in')], folder.below('in'));
    await folder.write('elsewhere/web.json', movedWeb);
    await until('told', () => sink.changes.length > 0);
    expect(sink.changes).toEqual(['+ Service shop/web']);
  });

  it('an edit that changes no answer changes nothing', async () => {
    const folder = await Folder.make();
    await folder.write('web.json', web);
    const { sink, log } = await started([folder.path]);
    await folder.write('web.json', {
      ...web,
      metadata: { ...web.metadata, annotations: { note: 'x' }, resourceVersion: '9' },
    });
    await folder.write('db.json', db);
    await until('told', () => sink.changes.length > 0);
    expect(sink.changes).toEqual(['+ Service shop/db']);
    expect(log.lines.filter((line) => line.includes('manifests changed'))).toEqual([
      '[INFO] manifests changed: 1 objects new or changed, 0 gone',
    ]);
  });
});

describe('a file that becomes bad keeps what it held', () => {
  it.each<[string, (folder: Folder) => Promise<unknown>, string]>([
    [
      'bad YAML',
      (folder) => folder.write('web.yaml', BROKEN),
      ':3: bad YAML: All mapping items must start at the same column',
    ],
    [
      'too large',
      (folder) => folder.write('web.yaml', '#'.repeat(limits.manifestYamlBytes + 1)),
      ': larger than 4194304 octets',
    ],
    [
      'unreadable',
      async (folder) => {
        await folder.link('web.yaml', 'loop');
        await folder.rename('loop', 'web.yaml');
      },
      ': cannot be read (ELOOP)',
    ],
  ])('%s', async (_title, spoil, expected) => {
    const folder = await Folder.make();
    const path = await folder.write('web.yaml', JSON.stringify(web));
    const { sink, log } = await started([folder.path]);
    const errors = () => log.lines.filter((line) => line.startsWith('[ERROR]'));
    await spoil(folder);
    await until('told', () => errors().length > 0);
    expect(errors()[0]).toContain(`${path}${expected}`);
    // Other files are read on.
    await folder.write('db.json', db);
    await until('db is there', () => sink.has('Service shop/db'));
    expect(sink.changes).toEqual(['+ Service shop/db']);
    expect(errors()).toHaveLength(1);
    // Mended by renaming, as it may be a link to itself.
    await folder.write('mended', movedWeb);
    await folder.rename('mended', 'web.yaml');
    await until('mended', () => sink.changes.includes('+ Service shop/web'));
  });

  it('is told again for other bad content, and when it goes it is gone', async () => {
    const folder = await Folder.make();
    await folder.write('web.yaml', JSON.stringify(web));
    const { sink, log } = await started([folder.path]);
    const errors = () => log.lines.filter((line) => line.startsWith('[ERROR]')).length;
    await folder.write('web.yaml', BROKEN);
    await until('told', () => errors() === 1);
    await folder.write('web.yaml', `${BROKEN} `);
    await until('told again', () => errors() === 2);
    expect(sink.changes).toEqual([]);
    await folder.remove('web.yaml');
    await until('gone', () => !sink.has('Service shop/web'));
  });

  it('so does a configured path that disappears, until it is back', async () => {
    const folder = await Folder.make();
    await folder.write('in/a/web.json', web);
    const { sink, log } = await started([folder.at('in')]);
    await folder.rename('in', 'away');
    await until('told', () => log.lines.some((line) => line.includes('no such file or folder')));
    expect(sink.changes).toEqual([]);
    await folder.write('in/a/web.json', movedWeb);
    await until('back', () => sink.changes.length > 0);
    expect(sink.changes).toEqual(['+ Service shop/web']);
  });
});

describe('warnings are told once', () => {
  it('for as long as they stand', async () => {
    const folder = await Folder.make();
    const path = await folder.write('web.json', service('web', {}));
    const { sink, log } = await started([folder.path]);
    await folder.write('db.json', db);
    await until('db is there', () => sink.has('Service shop/db'));
    const line = `[WARNING] ${path}:1: Service shop/web has no spec.clusterIP: add one, or dump it from a cluster`;
    expect(log.lines.filter((each) => each === line)).toHaveLength(1);
  });
});

describe('stop', () => {
  it('ends what is told', async () => {
    const folder = await Folder.make();
    await folder.write('web.json', web);
    const stopped = await started([folder.path]);
    const running = await started([folder.path]);
    await stopped.source.stop();
    await folder.write('db.json', db);
    await until('told', () => running.sink.has('Service shop/db'));
    expect(stopped.sink.changes).toEqual([]);
  });

  it('before the start has ended, nothing is told', async () => {
    const folder = await Folder.make();
    await folder.write('web.json', web);
    const sink = new RecordingSink();
    const { source } = makeSource([folder.path]);
    const starting = source.start(sink);
    await source.stop();
    await starting;
    expect(sink.keys()).toEqual([]);
  });
});
