/** Text to words. */
import { limits } from '../limits.ts';
import type { Token } from './ast.ts';
import { CorefileError, type Position } from './error.ts';

export interface LexedToken extends Token {
  readonly length: number;
  /** Whether the token before it ends on an earlier line, or there is none. */
  readonly startsLine: boolean;
}

/** What Go's unicode.IsSpace takes for space. A carriage return ends no word: it is as if it were not there. */
const SPACE_IN_LINE = ' \\t\\v\\f\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const NO_TOKEN = new RegExp(`(?:[${SPACE_IN_LINE}\\r\\n]|#[^\\n]*)+`, 'y');
const WORD = new RegExp(`[^${SPACE_IN_LINE}\\n#]+`, 'y');
const BYTE_ORDER_MARK = '\ufeff';

/** Whether a token is this brace, and not a quoted one. */
export function isBrace(token: Token | undefined, brace: '{' | '}'): boolean {
  return token?.text === brace && !token.quoted;
}

/**
 * Words of a file, comments left out. A word in double quotes may hold spaces, lines and `\"`, and may be empty.
 * @throws {CorefileError} a quote that is never closed, or too many words
 */
export function tokenize(text: string, file: string): LexedToken[] {
  return new Lexer(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text, file).tokens();
}

class Lexer {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;
  #column = 1;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  tokens(): LexedToken[] {
    const tokens: LexedToken[] = [];
    let lastLine = 0;
    for (;;) {
      this.#skip(NO_TOKEN);
      if (this.#at >= this.#text.length) return tokens;
      const position: Position = { file: this.#file, line: this.#line, column: this.#column };
      if (tokens.length >= limits.corefileTokens) {
        throw new CorefileError(`the Corefile has more than ${limits.corefileTokens} words`, position);
      }
      const quoted = this.#text[this.#at] === '"';
      const { text, length } = quoted ? this.#quoted(position) : this.#word();
      tokens.push({ text, quoted, position, length, startsLine: position.line !== lastLine });
      lastLine = this.#line;
    }
  }

  #word(): { text: string; length: number } {
    WORD.lastIndex = this.#at;
    const [raw = ''] = WORD.exec(this.#text) ?? [];
    const text = raw.replaceAll('\r', '');
    this.#advance(this.#at + raw.length);
    return { text, length: [...text].length };
  }

  #quoted(position: Position): { text: string; length: number } {
    let text = '';
    let end = this.#at + 1;
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length)
        throw new CorefileError('Unexpected EOF: this quote is never closed', position);
      if (this.#text[end] !== '\\') text += this.#text[end];
      else {
        // Another backslash is no escape, yet what follows it is taken as it is: `\\"` ends the word.
        end++;
        text += this.#text[end] === '"' ? '"' : `\\${this.#text[end] ?? ''}`;
      }
    }
    const raw = this.#text.slice(this.#at, end + 1);
    this.#advance(end + 1);
    return { text, length: [...raw].length };
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (pattern.test(this.#text)) this.#advance(pattern.lastIndex);
  }

  /** Moves on, counting lines and characters: a surrogate pair is one. */
  #advance(to: number): void {
    while (this.#at < to) {
      const code = this.#text.codePointAt(this.#at) ?? 0;
      this.#at += code > 0xffff ? 2 : 1;
      if (code === 0x0a) {
        this.#line++;
        this.#column = 1;
      } else this.#column++;
    }
  }
}
