/** Folders that stand for the Dockerfile's base images, made of Debian packages: no container engine is needed. */
import { cpSync, globSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';

const CERTIFICATES = 'etc/ssl/certs/ca-certificates.crt';
const MIRROR = 'http://deb.debian.org/debian';
/** What `distroless/cc` is made of, as far as this image uses it. */
const DISTROLESS = ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6'];

/** `node:26-trixie-slim`: Debian with Node and npm in /usr/local. */
export function nodeRoot(root: string, release: string): void {
  const packages = '--include=libatomic1,libstdc++6,ca-certificates';
  command('debootstrap', ['--variant=minbase', packages, release, root, MIRROR]);
  cpSync(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true });
  const modules = command('npm', ['root', '--global']).trim();
  cpSync(join(modules, 'npm'), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  // This machine's way to the registries.
  for (const file of ['etc/resolv.conf', CERTIFICATES]) {
    cpSync(`/${file}`, join(root, file), { dereference: true });
  }
  const registry = command('npm', ['config', 'get', 'registry']).trim();
  mkdirSync(join(root, 'usr/local/etc'), { recursive: true });
  writeFileSync(join(root, 'usr/local/etc/npmrc'), `registry=${registry}\ncafile=/${CERTIFICATES}\n`);
}

/** `distroless/cc`: the packages' files, of those that the node root was made of. */
export function distrolessRoot(root: string, nodeRoot: string): void {
  mkdirSync(root, { recursive: true });
  for (const name of DISTROLESS) {
    const [file] = globSync(`var/cache/apt/archives/${name}_*.deb`, { cwd: nodeRoot });
    if (file === undefined) throw new Error(`debootstrap left no package of ${name}`);
    command('dpkg-deb', ['--extract', join(nodeRoot, file), root]);
  }
  cpSync(join(nodeRoot, CERTIFICATES), join(root, CERTIFICATES), { dereference: true });
  writeFileSync(join(root, 'etc/passwd'), 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n');
}
