/** Paths with `*` and `?`: each stands for characters of one file's or directory's name, a leading dot included. */
import { readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';

export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/** Whether there is at most one of each wildcard, so that a pattern cannot take long; sets of characters are refused. */
export function isSimplePattern(path: string): boolean {
  const hasSet = path.includes('[') && path.includes(']');
  return !hasSet && path.split('*').length <= 2 && path.split('?').length <= 2;
}

/**
 * Existing paths that match, without directories: a mounted ConfigMap has some. They come directory by directory,
 * sorted; a directory that cannot be listed holds nothing.
 */
export function expandGlob(pattern: string): string[] {
  const parts = pattern.split(sep).filter((part) => part !== '');
  const start = isAbsolute(pattern) ? sep : '.';
  return parts
    .reduce<string[]>((paths, part) => paths.flatMap((path) => matches(path, part)), [start])
    .filter(isFile);
}

function matches(directory: string, part: string): string[] {
  if (!isGlob(part)) return [join(directory, part)];
  const literal = part.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
  const pattern = new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
  return namesIn(directory)
    .filter((name) => pattern.test(name))
    .map((name) => join(directory, name));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
