/** What the directive takes, and where its paths come from. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Name } from '../../../src/dns/name.ts';
import { autopathPlugin } from '../../../src/plugins/autopath/index.ts';
import type { Plugin } from '../../../src/plugins/plugin.ts';
import { makeReply } from '../../../src/plugins/reply.ts';
import { cleanUp, makeFolder } from '../../support/program.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, type SetupOptions, setUp } from '../../support/setup.ts';

afterEach(cleanUp);

function fileWith(text: string): string {
  const file = join(makeFolder(), 'resolv.conf');
  writeFileSync(file, text);
  return file;
}

function make(lines: string, options: SetupOptions = {}) {
  const setup = makeSetup({ plugin: 'autopath', ...options });
  const plugin = setUp(autopathPlugin, lines, setup);
  if (plugin === undefined) throw new Error('no plugin');
  return { plugin, setup };
}

/** Names that are asked for one name, where nothing exists. */
async function asked(plugin: Plugin, name: string): Promise<string[]> {
  const names: string[] = [];
  await plugin.serve(makeQuery({ name }), (query) => {
    names.push(query.name.toString());
    return makeReply({ rcode: 3 });
  });
  return names;
}

describe('a file', () => {
  const files: [text: string, name: string, expected: string[]][] = [
    ['search one.example two.example', 'web.one.example.', ['web.one.example.', 'web.two.example.', 'web.']],
    ['search one.example.', 'a.b.one.example.', ['a.b.one.example.', 'a.b.']],
    ['domain one.example', 'web.one.example.', ['web.one.example.', 'web.']],
    ['search a.example\nsearch one.example', 'web.one.example.', ['web.one.example.', 'web.']],
    [
      'search one.example ONE.example . two.example',
      'web.one.example.',
      ['web.one.example.', 'web.', 'web.two.example.'],
    ],
    ['search one.example two.example', 'web.two.example.', ['web.two.example.']],
    ['search one.example', 'one.example.', ['one.example.']],
    ['nameserver 192.0.2.1', 'web.one.example.', ['web.one.example.']],
  ];
  test.each(files)('%j: %s', async (text, name, expected) => {
    const { plugin, setup } = make(`autopath ${fileWith(text)}`);
    await setup.start();
    expect(await asked(plugin, name)).toEqual(expected);
  });

  test('without a search list is said to be of no use', () => {
    const file = fileWith('nameserver 192.0.2.1\n');
    expect(make(`autopath ${file}`).setup.lines).toEqual([
      `[WARNING] plugin/autopath: ${file} has no search list: autopath does nothing`,
    ]);
  });

  test('of several lines the last counts', async () => {
    const [one, two] = [fileWith('search one.example'), fileWith('search two.example')];
    const { plugin, setup } = make(`autopath ${one}\nautopath ${two}`);
    await setup.start();
    expect(await asked(plugin, 'web.one.example.')).toHaveLength(1);
    expect(await asked(plugin, 'web.two.example.')).toHaveLength(2);
  });

  test.each([
    ['', ['.'], 2],
    ['', ['example'], 2],
    ['', ['other.example'], 1],
    ['one.example', ['other.example'], 2],
    ['other.example one.example:53', ['.'], 2],
    ['other.example', ['.'], 1],
  ])('zones %j in a block for %j', async (zones, blockZones, count) => {
    const { plugin, setup } = make(`autopath ${zones} ${fileWith('search one.example')}`, {
      zones: blockZones,
    });
    await setup.start();
    expect(await asked(plugin, 'web.one.example.')).toHaveLength(count);
  });
});

describe('mistakes', () => {
  const many = Array.from({ length: 33 }, (_, n) => `d${n}.example`).join(' ');
  const mistakes: [lines: () => string, message: string | RegExp][] = [
    [() => 'autopath', 'no resolv-conf specified'],
    [() => 'autopath /nowhere/resolv.conf', /^failed to parse "\/nowhere\/resolv.conf": ENOENT/],
    [() => 'autopath example.org /nowhere/x', /^failed to parse "\/nowhere\/x": /],
    [() => `autopath ${makeFolder()}`, /^failed to parse ".*": EISDIR/],
    [
      () => `autopath ${fileWith(`search ${many}`)}`,
      /^failed to parse ".*": 33 search domains: at most 32 are tried$/,
    ],
    [() => `autopath ${fileWith('search a..example')}`, /^failed to parse ".*": empty label in name$/],
    [() => 'autopath a..example @kubernetes', /^zone is not a valid domain name: a\.\.example/],
    [() => 'autopath @kubernetes {\n}', /takes no block/],
    [() => 'autopath /nowhere/x\nautopath @kubernetes', /^failed to parse/],
  ];
  test.each(mistakes)('%s', (lines, message) => {
    expect(() => make(lines())).toThrow(message);
  });

  test('a plugin that is not in the block: nothing is done, and it is said', async () => {
    const { plugin, setup } = make('autopath @kubernetes', { directives: ['autopath'] });
    expect(setup.lines).toEqual([
      '[WARNING] plugin/autopath: @kubernetes does nothing: there is no kubernetes in the server block',
    ]);
    await setup.start();
    expect(await asked(plugin, 'web.one.example.')).toHaveLength(1);
  });

  test('a plugin that knows no paths ends the start', async () => {
    const { setup } = make('autopath @forward', { directives: ['autopath', 'forward'] });
    await expect(setup.start()).rejects.toThrow(
      'plugin/autopath: forward does not implement the AutoPather interface',
    );
  });

  test('a plugin is told before its own set-up that it is asked', () => {
    const { setup } = make('autopath @kubernetes', { directives: ['autopath', 'kubernetes'] });
    expect([...setup.context.offers.wantedSearchPaths]).toEqual(['kubernetes']);
  });
});

test('paths of a plugin are those that it gives at the moment', async () => {
  const { plugin, setup } = make('autopath @kubernetes', { directives: ['kubernetes'] });
  let path: readonly Name[] | undefined;
  setup.context.offers.searchPaths.set('kubernetes', { concerns: () => true, searchPathOf: () => path });
  await setup.start();
  expect(await asked(plugin, 'web.one.example.')).toHaveLength(1);
  path = ['one.example', 'two.example'].map((domain) => Name.fromText(domain));
  expect(await asked(plugin, 'web.one.example.')).toEqual(['web.one.example.', 'web.two.example.']);
});
