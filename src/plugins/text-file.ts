/** Text files that directives name: bounded, and read again only where they have changed. */
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

export interface TextFile {
  readonly text: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change: nanoseconds since 1970. */
  readonly mtimeNs: bigint;
}

/** A relative path starts from the block's `root`. */
export function underRoot(path: string, root: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

/**
 * The whole file; undefined where size and time are those of `known`.
 * @throws {Error} it cannot be read, is no regular file, or has more than `limitBytes`
 */
export async function readTextFile(
  path: string,
  limitBytes: number,
  known?: Pick<TextFile, 'size' | 'mtimeNs'>,
): Promise<TextFile | undefined> {
  // Before opening: to open a pipe waits for its writer.
  if (!(await stat(path)).isFile()) throw new Error(`${path} is not a regular file`);
  await using file = await open(path, 'r');
  const { mtimeNs, size: bigSize } = await file.stat({ bigint: true });
  const size = Number(bigSize);
  if (known !== undefined && known.mtimeNs === mtimeNs && known.size === size) return undefined;
  if (size > limitBytes) throw new Error(`${path} has ${size} bytes: at most ${limitBytes} are read`);
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length);
    // It was cut short meanwhile.
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return { text: bytes.toString('utf8', 0, length), size, mtimeNs };
}
