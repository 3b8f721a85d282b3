/** Contents of the manifest files: what was read of each, kept while it cannot be read anew. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { limits } from '../../../limits.ts';
import { ManifestError } from './documents.ts';
import { type ParsedFile, parseManifests } from './parse.ts';
import { describe, type FoundFile, isBelow, isMissing, type Listing, type ScannedPath } from './scan.ts';

export interface LoadedFile {
  readonly path: string;
  readonly parsed: ParsedFile;
}

export interface Remark {
  readonly level: 'error' | 'warning' | 'debug';
  /** `FILE:LINE: message`. */
  readonly line: string;
  /** The same for the same content: so it is told once. */
  readonly id: string;
}

export interface ReadFiles {
  /** In the order in which objects override each other: the last wins. */
  readonly files: readonly LoadedFile[];
  readonly remarks: readonly Remark[];
}

interface Kept {
  /** Hash of the content that was looked at last, good or bad; empty where it could not be read. */
  readonly hash: string;
  /** The last good content. */
  readonly parsed: ParsedFile | undefined;
  readonly remarks: readonly Remark[];
}

export class ManifestFiles {
  #kept = new Map<string, Kept>();

  /**
   * Reads the files of a listing; only contents that changed are parsed. A file that is bad, or that the scan could
   * not reach, stays as it was when it was good; one that is gone is forgotten.
   */
  async read(listing: Listing): Promise<ReadFiles> {
    const kept = new Map<string, Kept>();
    const remarks: Remark[] = [];
    for (const scanned of listing.paths) {
      remarks.push(...scanned.failures.map(({ path, message }) => unreadable(path, message)));
      for (const [path, now] of await this.#readPath(scanned)) if (!kept.has(path)) kept.set(path, now);
    }
    this.#kept = kept;
    const files: LoadedFile[] = [];
    for (const [path, { parsed, remarks: own }] of kept) {
      remarks.push(...own);
      if (parsed !== undefined) files.push({ path, parsed });
    }
    return { files, remarks };
  }

  /** In the order of names, those that are only remembered among the others. */
  async #readPath({ files, failures }: ScannedPath): Promise<[string, Kept][]> {
    const read = new Map<string, Kept>();
    for (const [path, earlier] of this.#kept) {
      if (failures.some((failure) => isBelow(path, failure.path))) read.set(path, earlier);
    }
    for (const file of files) {
      const now = await this.#readFile(file);
      if (now !== undefined) read.set(file.path, now);
    }
    return [...read].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async #readFile({ path, bytes }: FoundFile): Promise<Kept | undefined> {
    const earlier = this.#kept.get(path);
    const format = path.endsWith('.json') ? 'json' : 'yaml';
    const limit = format === 'json' ? limits.manifestJsonBytes : limits.manifestYamlBytes;
    const advice = format === 'json' ? 'split it' : 'split it, or dump it with -o json';
    const tooLarge = unreadable(path, `larger than ${limit} octets: ${advice}`);
    if (bytes > limit) return { hash: '', parsed: earlier?.parsed, remarks: [tooLarge] };
    let content: Buffer;
    try {
      content = await readFile(path);
    } catch (error) {
      // Deleted since the scan.
      if (isMissing(error)) return undefined;
      return { hash: '', parsed: earlier?.parsed, remarks: [unreadable(path, describe(error))] };
    }
    if (content.length > limit) return { hash: '', parsed: earlier?.parsed, remarks: [tooLarge] };
    const hash = createHash('sha256').update(content).digest('base64url');
    if (hash === earlier?.hash) return earlier;
    return parse(path, hash, content.toString('utf8'), format, earlier?.parsed);
  }
}

function parse(
  path: string,
  hash: string,
  content: string,
  format: 'yaml' | 'json',
  lastGood: ParsedFile | undefined,
): Kept {
  try {
    const parsed = parseManifests(content, format);
    const remarks = parsed.warnings.map(({ line, message }) =>
      remark('warning', `${path}:${line}: ${message}`, hash),
    );
    if (parsed.otherKinds.size > 0) {
      const kinds = [...parsed.otherKinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
      remarks.push(remark('debug', `${path}: objects of kinds that are not read: ${kinds}`, hash));
    }
    return { hash, parsed, remarks };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const line = `${path}:${error.line}: ${error.message}: mend the file, or take it out of the manifests`;
    return { hash, parsed: lastGood, remarks: [remark('error', line, hash)] };
  }
}

function unreadable(path: string, message: string): Remark {
  return remark('error', `${path}: ${message}`, '');
}

function remark(level: Remark['level'], line: string, hash: string): Remark {
  return { level, line, id: `${line}\n${hash}` };
}
