/**
 * Makes `bundle/`: the program with its libraries as JavaScript files that need nothing but Node. What every start needs
 * is one file; what only some starts need (the API server's client, manifest files, JSON logs) stays apart, for
 * reading it costs a start a third of its time. Nothing is minified: the stack of a defect stays readable, and with the
 * compile cache it would gain nothing.
 */
import { rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type OnResolveArgs, type PluginBuild } from 'esbuild';

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** CommonJS libraries ask for Node's own modules by `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/** The Kubernetes client does not say that its modules only define: said here, what is not used of it is left out. */
const onlyDefines = {
  name: 'only-defines',
  setup({ onResolve, resolve }: PluginBuild) {
    const asked = Symbol('asked');
    onResolve({ filter: /./ }, async ({ path, pluginData, ...from }: OnResolveArgs) => {
      const ofClient = `${path} ${from.importer}`.includes('@kubernetes/client-node');
      if (pluginData === asked || !ofClient) return undefined;
      const { resolveDir, kind, importer } = from;
      const found = await resolve(path, { resolveDir, kind, importer, pluginData: asked });
      return found.path.includes('@kubernetes/client-node') ? { ...found, sideEffects: false } : found;
    });
  },
};

/** Asked for in a `try`, for colours in a debugging aid of a library. */
const OPTIONAL: ReadonlySet<string> = new Set(['supports-color']);

/** @throws {Error} something is imported that the image does not have */
function checkImports({ outputs }: Metafile): void {
  for (const [file, { imports }] of Object.entries(outputs)) {
    const missing = imports.find(({ path, external }) => external && !isBuiltin(path) && !OPTIONAL.has(path));
    if (missing !== undefined) throw new Error(`${file} imports ${missing.path}, which is not in the bundle`);
  }
}

const outdir = here('bundle');
rmSync(outdir, { recursive: true, force: true });
const { metafile, warnings } = await build({
  // The worker is a file of its own beside the others, whose names are theirs to choose.
  entryPoints: { main: here('src/main.ts'), 'udp-worker': here('src/server/batched/udp-worker.ts') },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  // Says what the files are without a package.json beside them.
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE },
  plugins: [onlyDefines],
  metafile: true,
  logLevel: 'warning',
});
checkImports(metafile);
if (warnings.length > 0) process.exitCode = 1;
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`${outdir}: ${(bytes / 1e6).toFixed(1)} MB in ${Object.keys(metafile.outputs).length} files`);
