import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Folder, kubernetesList, pod, RecordingSink, service, slice, started, until } from './support.ts';

const NAMES = ['web', 'db'];
const FILES = ['a.json', 'b.yaml', 'deep/c.json', 'deep/er/d.yaml'];

const address = fc.integer({ min: 1, max: 3 }).map((last) => `10.0.0.${last}`);
const name = fc.constantFrom(...NAMES);
const spec = fc.constantFrom<object>(
  { clusterIP: '10.96.0.1' },
  { clusterIP: '10.96.0.2', selector: { app: 'web' } },
  { clusterIP: 'None', selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
  { type: 'ExternalName', externalName: 'example.org' },
);
const endpoints = fc.record({ name, address }).map(({ name, address }) => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name, namespace: 'shop' },
  subsets: [{ addresses: [{ ip: address }] }],
}));
const object = fc.oneof(
  fc
    .record({ name, spec, namespace: fc.constantFrom('shop', 'data') })
    .map((s) => service(s.name, s.spec, s.namespace)),
  fc.record({ name, address }).map((p) => pod(p.name, p.address)),
  fc.record({ name, address }).map((s) => slice(`${s.name}-x`, s.name, [s.address])),
  endpoints,
);

type Edit =
  | { readonly kind: 'write'; readonly file: string; readonly objects: readonly object[] }
  | { readonly kind: 'spoil'; readonly file: string }
  | { readonly kind: 'remove'; readonly file: string }
  | { readonly kind: 'rename'; readonly file: string; readonly to: string };

const file = fc.constantFrom(...FILES);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write'), file, objects: fc.array(object, { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('spoil'), file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename'), file, to: file }) },
);

/** Edits that files of these names allow; a file that is missing cannot be renamed. */
async function apply(folder: Folder, edit: Edit): Promise<void> {
  if (edit.kind === 'write') await folder.write(edit.file, kubernetesList(...edit.objects));
  else if (edit.kind === 'spoil') await folder.write(edit.file, '{');
  else if (edit.kind === 'remove') await folder.remove(edit.file).catch(() => undefined);
  else await folder.rename(edit.file, edit.to).catch(() => undefined);
}

/** Takes away the files that are spoiled: a fresh source would refuse them. */
async function mend(folder: Folder): Promise<void> {
  for (const name of FILES) if ((await folder.read(name)) === '{') await folder.remove(name);
}

it('after any edits, what was told by differences equals what a fresh source tells', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      async (rounds) => {
        const folder = await Folder.make();
        const { sink } = await started([folder.path]);
        for (const edits of rounds) {
          for (const each of edits) await apply(folder, each);
          await mend(folder);
          const fresh = await started([folder.path]);
          await fresh.source.stop();
          const expected = JSON.stringify(fresh.sink.state());
          await until(`${JSON.stringify(edits)}`, () => JSON.stringify(sink.state()) === expected);
          expect(sink.state()).toEqual(fresh.sink.state());
        }
      },
    ),
    { numRuns: 25 },
  );
});

it('the model keeps the contract of a sink', () => {
  const sink = new RecordingSink();
  const web = (resourceVersion: string, hostname = '') =>
    ({
      kind: 'Service',
      namespace: 'shop',
      name: 'web',
      resourceVersion,
      type: 'ExternalName',
      clusterIPs: [],
      externalName: hostname,
      ports: [],
      externalIPs: [],
      hasSelector: false,
    }) as const;
  sink.upsert(web('1', 'first'));
  sink.upsert(web('1', 'second'));
  expect(sink.changes).toEqual(['+ Service shop/web']);
  sink.upsert(web('', 'third'));
  sink.upsert(web('', 'fourth'));
  expect(sink.objects.get('Service shop/web')).toMatchObject({ externalName: 'fourth' });
  sink.remove({ kind: 'Service', namespace: 'shop', name: 'unknown' });
  sink.upsert({ kind: 'Namespace', name: 'shop', resourceVersion: '1' });
  const list = sink.beginList('Service');
  expect(sink.has('Service shop/web')).toBe(true);
  list.finish();
  expect(sink.keys()).toEqual(['Namespace shop']);
});
