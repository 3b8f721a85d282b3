/** Configured paths -> the manifest files there now. */
import type { BigIntStats, Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { limits } from '../../../limits.ts';

const MANIFEST = /\.(?:ya?ml|json)$/;

export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/** What cannot be looked into: a path, or what is below it. */
export interface ScanFailure {
  readonly path: string;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** One configured path, its files in the order of their names. */
export interface ScannedPath {
  readonly path: string;
  readonly files: readonly FoundFile[];
  readonly failures: readonly ScanFailure[];
}

export interface Listing {
  readonly paths: readonly ScannedPath[];
  /** Folders where a change may happen, with what tells one from another that took its place. */
  readonly folders: ReadonlyMap<string, string>;
  /** Equal for two listings between which no file was changed, as far as size and times tell. */
  readonly fingerprint: string;
}

/**
 * Folders are looked into to any depth, symbolic links followed. Names that begin with a dot are passed over: they
 * are hidden, or the `..data` folders from which Kubernetes composes a mounted ConfigMap, whose files are linked
 * beside them. A file that several paths lead to counts once.
 */
export async function scan(paths: readonly string[]): Promise<Listing> {
  const scanner = new Scanner();
  const scanned: ScannedPath[] = [];
  for (const path of paths) scanned.push(await scanner.scan(path));
  return { paths: scanned, folders: scanner.folders, fingerprint: scanner.stamps.join('\n') };
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

class Scanner {
  readonly folders = new Map<string, string>();
  readonly stamps: string[] = [];
  /** Real paths of files and folders, against links that lead to one place twice, or in a circle. */
  readonly #seen = new Set<string>();
  #fileCount = 0;
  #files: FoundFile[] = [];
  #failures: ScanFailure[] = [];

  async scan(path: string): Promise<ScannedPath> {
    this.#files = [];
    this.#failures = [];
    try {
      await this.#configured(path);
    } catch (error) {
      if (!(error instanceof TooMany)) throw error;
      this.#fail(path, error.message);
    }
    const files = this.#files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return { path, files, failures: this.#failures };
  }

  async #configured(path: string): Promise<void> {
    // A file is replaced by renaming another one to its name: that happens in its folder.
    const parent = dirname(path);
    const stats = await this.#stat(path);
    if (stats === undefined) return;
    if (stats.isDirectory()) return this.#folder(path, stats);
    if (!stats.isFile()) return this.#fail(path, 'neither a file nor a folder: take it out of the manifests');
    const parentStats = await this.#stat(parent);
    if (parentStats !== undefined) this.#watch(parent, parentStats);
    await this.#file(path, stats);
  }

  async #folder(path: string, stats: BigIntStats): Promise<void> {
    if (await this.#isSeen(path)) return;
    this.#watch(path, stats);
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      return this.#fail(path, describe(error));
    }
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.name.startsWith('.')) await this.#entry(join(path, entry.name), entry);
    }
  }

  async #entry(path: string, entry: Dirent): Promise<void> {
    const isManifest = MANIFEST.test(entry.name);
    if (!isManifest && !entry.isDirectory() && !entry.isSymbolicLink()) return;
    let stats: BigIntStats;
    try {
      stats = await stat(path, { bigint: true });
    } catch (error) {
      // A link to nowhere is a mistake; anything else that is gone was deleted a moment ago.
      if (isManifest && (entry.isSymbolicLink() || !isMissing(error))) this.#fail(path, describe(error));
      return;
    }
    if (stats.isDirectory()) await this.#folder(path, stats);
    else if (isManifest && stats.isFile()) await this.#file(path, stats);
  }

  async #file(path: string, stats: BigIntStats): Promise<void> {
    if (await this.#isSeen(path)) return;
    if (++this.#fileCount > limits.manifestFiles) {
      throw new TooMany(`more than ${limits.manifestFiles} files: name a smaller folder`);
    }
    this.#files.push({ path, bytes: Number(stats.size) });
    this.stamps.push(`${path} ${identity(stats)} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`);
  }

  #watch(folder: string, stats: BigIntStats): void {
    if (this.folders.size >= limits.manifestFolders && !this.folders.has(folder)) {
      throw new TooMany(`more than ${limits.manifestFolders} folders: name a smaller one`);
    }
    this.folders.set(folder, identity(stats));
  }

  async #isSeen(path: string): Promise<boolean> {
    const real = await realpath(path).catch(() => path);
    if (this.#seen.has(real)) return true;
    this.#seen.add(real);
    return false;
  }

  async #stat(path: string): Promise<BigIntStats | undefined> {
    try {
      return await stat(path, { bigint: true });
    } catch (error) {
      this.#fail(path, describe(error));
      return undefined;
    }
  }

  #fail(path: string, message: string): void {
    this.#failures.push({ path, message });
    this.stamps.push(`${path} ${message}`);
  }
}

class TooMany extends Error {}

function identity(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** What a failed look at a file means, and what to do. */
export function describe(error: unknown): string {
  const found = isMissing(error) ? 'no such file or folder' : `cannot be read (${codeOf(error)})`;
  return `${found}: mend it, or take it out of the manifests`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
