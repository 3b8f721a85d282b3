/** `/etc/resolv.conf`: one text, read by two libraries. */
import type { Libc, Reading } from './conf.ts';
import { type GlibcSurroundings, readGlibcConf } from './glibc-conf.ts';
import { readMuslConf } from './musl-conf.ts';

/**
 * The settings that each library works with, and remarks on the lines that it ignores, cuts or does not know. No text
 * is an error: what a library does not understand it passes over.
 * @param surroundings host name and environment: glibc looks at them too
 */
export function parseResolvConf(text: string, surroundings: GlibcSurroundings = {}): Record<Libc, Reading> {
  return { glibc: readGlibcConf(text, surroundings), musl: readMuslConf(text) };
}
