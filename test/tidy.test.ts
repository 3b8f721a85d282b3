/** What holds in every source file, and who may import whom: `docs/architecture.md` says why. */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Source {
  /** Relative to `src/`: `dns/name.ts`. */
  readonly path: string;
  readonly text: string;
}

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
const sources: readonly Source[] = globSync('**/*.ts', { cwd: SRC })
  .sort()
  .map((path) => ({ path, text: readFileSync(SRC + path, 'utf8') }));

const MOST_LINES = 400;

/** Not to be found in a source, but for the files that are named. */
const BANS: readonly { readonly what: string; readonly pattern: RegExp; readonly except?: string }[] = [
  // An attacker could foresee it.
  { what: 'Math.random', pattern: /\bMath\s*\.\s*random\b/ },
  // It may hold what was in memory before.
  { what: 'allocUnsafe', pattern: /\ballocUnsafe/ },
  { what: 'process.exit', pattern: /\bprocess\s*\.\s*exit\b/, except: 'main.ts' },
  { what: 'process.argv', pattern: /\bprocess\s*\.\s*argv\b/, except: 'main.ts' },
  { what: 'console', pattern: /\bconsole\s*\./ },
];

test('there are sources', () => {
  expect(sources.map(({ path }) => path)).toEqual(expect.arrayContaining(['main.ts', 'dns/name.ts']));
});

describe.each(BANS)('$what', ({ pattern, except }) => {
  test(`is nowhere${except === undefined ? '' : ` but in ${except}`}`, () => {
    const found = sources.filter(({ path, text }) => path !== except && pattern.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

test(`no file has more than ${MOST_LINES} lines`, () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > MOST_LINES);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('every file says what it is for before its first line of code', () => {
  const beforeCode = /^(#!.*\n)?(\s*import\s[^;]*;\n)*\s*\/\*\*/;
  expect(sources.filter(({ text }) => !beforeCode.test(text)).map(({ path }) => path)).toEqual([]);
});

/** Rooms, and whom each may import. What is `types` is there for `import type` alone. */
const ROOMS: Readonly<
  Record<string, { readonly uses: readonly string[]; readonly types?: readonly string[] }>
> = {
  'limits.ts': { uses: [] },
  'reasons.ts': { uses: [] },
  'version.ts': { uses: [] },
  dns: { uses: ['limits.ts'] },
  net: { uses: ['dns', 'limits.ts'] },
  corefile: { uses: ['dns', 'limits.ts'] },
  telemetry: { uses: ['dns', 'limits.ts'] },
  cluster: { uses: ['dns', 'limits.ts', 'reasons.ts'], types: ['telemetry'] },
  resolver: { uses: ['dns', 'limits.ts', 'reasons.ts'] },
  plugins: {
    uses: [
      'dns',
      'limits.ts',
      'reasons.ts',
      'version.ts',
      'corefile',
      'telemetry',
      'cluster',
      'resolver',
      'net',
    ],
  },
  server: { uses: ['dns', 'limits.ts', 'reasons.ts', 'corefile', 'telemetry', 'net', 'plugins'] },
  'index.ts': {
    uses: ['dns', 'limits.ts', 'reasons.ts', 'corefile', 'telemetry', 'cluster', 'resolver', 'server'],
  },
  cli: {
    uses: [
      ...['dns', 'limits.ts', 'reasons.ts', 'version.ts', 'corefile', 'telemetry', 'cluster', 'resolver'],
      ...['plugins', 'server'],
    ],
  },
  'main.ts': { uses: ['cli'] },
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const IMPORT = /\b(?:(?:import|export)( type)?\b[^'";]*?\bfrom\s+|import\s*\(\s*|import\s+)'(\.[^']+)'/g;

function importsOf({ path, text }: Source): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, to = '']) => ({
    from: path,
    to: posix.join(posix.dirname(path), to),
    isType: type !== undefined,
  }));
}

const imports = sources.flatMap(importsOf);

function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function isAllowed({ from, to, isType }: Import): boolean {
  const room = ROOMS[roomOf(from)];
  if (roomOf(from) === roomOf(to)) return true;
  return room?.uses.includes(roomOf(to)) || (isType && room?.types?.includes(roomOf(to)) === true);
}

const asText = ({ from, to }: Import) => `${from} imports ${to}`;

describe('who imports whom', () => {
  test('every room is known', () => {
    expect([...new Set(sources.map(({ path }) => roomOf(path)))].filter((room) => !(room in ROOMS))).toEqual(
      [],
    );
  });

  test('the imports are read: of types, over several lines, at run time', () => {
    const text =
      "import type { A } from './a.ts';\nimport {\n  b,\n} from '../b.ts';\nawait import('../c/d.ts');\n";
    expect(
      importsOf({ path: 'x/y.ts', text: `${text}import { e } from 'e';\nexport * from './f.ts';\n` }),
    ).toEqual([
      { from: 'x/y.ts', to: 'x/a.ts', isType: true },
      { from: 'x/y.ts', to: 'b.ts', isType: false },
      { from: 'x/y.ts', to: 'c/d.ts', isType: false },
      { from: 'x/y.ts', to: 'x/f.ts', isType: false },
    ]);
    expect(imports.length).toBeGreaterThan(sources.length);
  });

  test('rooms import downwards only', () => {
    const inside = imports.filter(({ to }) => to !== '../package.json');
    expect(inside.filter((one) => !isAllowed(one)).map(asText)).toEqual([]);
  });

  test('plugins do not import each other; only order.ts knows them all', () => {
    const folderOf = (path: string) => /^plugins\/([^/]+)\//.exec(path)?.[1];
    const across = imports.filter(({ from, to }) => {
      const folder = folderOf(to);
      return folder !== undefined && from !== 'plugins/order.ts' && folder !== folderOf(from);
    });
    expect(across.map(asText)).toEqual([]);
  });
});
