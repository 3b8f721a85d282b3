/** Finds and parses the Corefile that the flags name. */
import { existsSync, readFileSync } from 'node:fs';
import { CorefileErrors, formatError, parseCorefile } from '../corefile/index.ts';
import type { LoadedCorefile } from '../server/reloader.ts';
import type { Flags } from './flags.ts';

const DEFAULT_FILE = 'Corefile';
export const STDIN = 'stdin';
/** What is served where there is no Corefile: as CoreDNS. */
const DEFAULT_TEXT = '. {\n\twhoami\n\tlog\n}\n';

/** A mistake that is the operator's to mend: the whole text that is shown for it. */
export class OperatorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OperatorError';
  }
}

export interface CorefileOfFlags extends LoadedCorefile {
  /** Whether there is no server block to be found, and `blocks` are what is served then. */
  readonly isDefault: boolean;
}

/** @throws {OperatorError} the file cannot be read or parsed */
export function loadCorefile(flags: Pick<Flags, 'conf'>): CorefileOfFlags {
  const { file, text } = read(flags.conf);
  const sourceOf = (name: string) => (name === file ? text : readOrUndefined(name));
  const explain = (errors: CorefileErrors) =>
    errors.errors.map((error) => formatError(error, sourceOf)).join('\n');
  try {
    const { blocks, warnings } = parseCorefile(text, file, { env: process.env });
    if (blocks.length > 0) return { blocks, warnings, isDefault: false, explain };
    return { blocks: parseCorefile(DEFAULT_TEXT, 'default').blocks, warnings, isDefault: true, explain };
  } catch (error) {
    if (error instanceof CorefileErrors) throw new OperatorError(explain(error));
    throw error;
  }
}

function read(conf: string | undefined): { file: string; text: string } {
  if (conf === STDIN) return { file: STDIN, text: readText(0, 'standard input') };
  if (conf !== undefined) return { file: conf, text: readText(conf, conf) };
  const text = existsSync(DEFAULT_FILE) ? readText(DEFAULT_FILE, DEFAULT_FILE) : '';
  return { file: DEFAULT_FILE, text };
}

function readText(file: string | number, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`loading Corefile: open ${name}: ${READ_ADVICE[code ?? ''] ?? String(error)}`);
  }
}

const READ_ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'no such file: correct -conf',
  EACCES: 'permission denied: make it readable for the user that runs corvidns',
  EISDIR: 'is a directory: name the file in -conf',
};

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
