/** `npm run peers`: builds what is not built yet of the programs that corvidns is tested against. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binaryFolder, modules, type PeerModule, pinnedVersion, sourceFolder } from './peers.ts';

function go(args: readonly string[], cwd: string): void {
  // The pins decide about every version, that of the toolchain too: an older one says what it lacks.
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off' };
  const { status, error } = spawnSync('go', args, { cwd, env, stdio: 'inherit' });
  if (error !== undefined) throw new Error('the Go toolchain is not installed: no `go` on the path');
  if (status !== 0) throw new Error(`\`go ${args[0]}\` failed in ${cwd}`);
}

function linkerFlags(module: PeerModule): string {
  const stripped = '-s -w';
  if (module.versionVariable === undefined) return stripped;
  return `${stripped} -X ${module.versionVariable}=${pinnedVersion(module)}`;
}

function build(module: PeerModule): void {
  const target = binaryFolder(module);
  if (existsSync(target)) return;
  const source = sourceFolder(module);
  mkdirSync(dirname(target), { recursive: true });
  // Moved at the end: what is there is whole.
  const unfinished = mkdtempSync(`${target}-`);
  try {
    const flags = ['-trimpath', '-ldflags', linkerFlags(module)];
    for (const [program, packagePath] of Object.entries(module.programs)) {
      console.log(`${module.name}: building ${program}`);
      go(['build', ...flags, '-o', join(unfinished, program), packagePath], source);
    }
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

try {
  for (const module of modules) {
    build(module);
    console.log(`${module.name}: ${Object.keys(module.programs).join(', ')} in ${binaryFolder(module)}`);
  }
} catch (error) {
  console.error(`peers: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
