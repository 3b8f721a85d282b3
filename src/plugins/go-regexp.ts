/** Regular expressions as Corefiles have them, in Go's syntax, for JavaScript's engine. */
import { compileBounded } from './regexp-time.ts';

/** What Go writes otherwise than JavaScript; an escaped character is matched whole, so that it is left alone. */
const DIFFERENT = /\\Q([\s\S]*?)(?:\\E|$)|\\[\s\S]|\(\?P<|\[:(\w+):\]/g;

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  xdigit: '0-9A-Fa-f',
  space: '\\s',
  word: '\\w',
};

/**
 * Compiles an expression of Go's `regexp`: flags in front (`(?i)`), `(?P<name>`, `\A`, `\z`, `\Q...\E` and the common
 * POSIX classes mean what they mean there. Matching takes a bounded time, whatever the text.
 * @throws {SyntaxError} one line, where the expression is wrong or has no counterpart
 */
export function compileGoRegexp(source: string): RegExp {
  const leading = /^\(\?([A-Za-z]+)\)/.exec(source);
  const flags = leading?.[1] ?? '';
  const foreign = [...flags].find((flag) => !'ims'.includes(flag));
  if (foreign !== undefined) throw new SyntaxError(`the flag '${foreign}' of Go's regexp is not supported`);
  const multiline = flags.includes('m');
  const body = source
    .slice(leading?.[0].length ?? 0)
    .replace(DIFFERENT, (text, literal, posix) => translate(text, literal, posix, multiline));
  return compileBounded(body, [...new Set(flags)].join(''));
}

function translate(
  text: string,
  literal: string | undefined,
  posix: string | undefined,
  multiline: boolean,
): string {
  if (literal !== undefined) return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  if (posix !== undefined) return POSIX_CLASSES[posix] ?? unsupported(text);
  switch (text) {
    case '(?P<':
      return '(?<';
    case '\\A':
      return multiline ? '(?<![\\s\\S])' : '^';
    case '\\z':
      return multiline ? '(?![\\s\\S])' : '$';
    case '\\p':
    case '\\P':
    case '\\C':
      return unsupported(text);
    default:
      return text;
  }
}

function unsupported(text: string): never {
  throw new SyntaxError(`'${text}' of Go's regexp is not supported`);
}
