/** Short forms of what a Corefile becomes, so that tables stay readable. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  CorefileError,
  CorefileErrors,
  type Directive,
  type EnvironmentVariables,
  parseCorefile,
  type ServerBlock,
  type Token,
} from '../../src/corefile/index.ts';

export function tokenOf(text: string): Token {
  return { text, quoted: false, position: { file: 'Corefile', line: 1, column: 1 } };
}

/** A line as it could have been written, its block in braces. */
export function lineText({ name, args, block }: Directive): string {
  const words = [name, ...args].map(({ text }) => text).join(' ');
  return block === undefined ? words : `${words} { ${block.map(lineText).join('; ')} }`;
}

export function blockText({ keys, directives }: ServerBlock): string {
  return `${keys.map(({ text }) => text).join(' ')}: ${directives.map(lineText).join('; ')}`;
}

export function blocksOf(text: string, env: EnvironmentVariables = {}): string[] {
  return parseCorefile(text, 'Corefile', { env }).blocks.map(blockText);
}

/** `LINE:COLUMN message` of every mistake. */
export function errorsOf(text: string, file = 'Corefile', env: EnvironmentVariables = {}): string[] {
  try {
    parseCorefile(text, file, { env });
  } catch (error) {
    if (!(error instanceof CorefileErrors)) throw error;
    return error.errors.map(({ position: { line, column }, message }) => `${line}:${column} ${message}`);
  }
  throw new Error('there is no mistake');
}

export function errorOf(action: () => unknown): CorefileError {
  try {
    action();
  } catch (error) {
    if (error instanceof CorefileError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A directory that lives as long as the test, with these files; returns its path. */
export function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'corefile-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}
