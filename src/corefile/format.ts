/** A mistake as the operator sees it: one line that says what is wrong and where, and the line of the file. */
import { limits } from '../limits.ts';
import type { CorefileError } from './error.ts';

/** Text of a file by the name that positions have; undefined where it is not known. */
export type SourceLookup = (file: string) => string | undefined;

/** Characters that are shown before the place, in a line that is too long to be shown whole. */
const CONTEXT_CHARS = 60;

/**
 * `Corefile:3:5 - Error during parsing: ...`, then the line with its number and carets below the words in question,
 * where the text is known. No final newline.
 */
export function formatError(error: CorefileError, source?: SourceLookup): string {
  const { file, line, column } = error.position;
  const headline = `${file}:${line}:${column} - ${error.heading}${excerpt([...error.message])}`;
  const text = source?.(file)
    ?.replace(/^\ufeff/, '')
    .split('\n')[line - 1];
  return text === undefined ? headline : `${headline}\n${codeFrame([...text.replace(/\r$/, '')], error)}`;
}

function codeFrame(line: readonly string[], { position, length }: CorefileError): string {
  const start = Math.min(position.column - 1, line.length);
  const from = line.length > limits.corefileExcerptChars ? Math.max(0, start - CONTEXT_CHARS) : 0;
  const shown = line.slice(from);
  const before = shown.slice(0, start - from).map((character) => (character === '\t' ? '\t' : ' '));
  const end = Math.min(shown.length, limits.corefileExcerptChars);
  const carets = Math.max(1, Math.min(length, end - before.length));
  const number = String(position.line);
  const margin = ' '.repeat(number.length);
  return ` ${number} | ${excerpt(shown)}\n ${margin} | ${before.join('')}${'^'.repeat(carets)}`;
}

/** One line, not too long, that does nothing to a terminal. */
function excerpt(characters: readonly string[]): string {
  const shown = characters.slice(0, limits.corefileExcerptChars).join('');
  const text = shown.replace(/[^\P{Cc}\t]/gu, '\ufffd');
  return characters.length > limits.corefileExcerptChars ? `${text}…` : text;
}
