/** Cuts one entry of a zone file into tokens (RFC 1035 §5.1): quotes, escapes, parentheses, comments. */
import { PresentationError } from '../errors.ts';
import type { Name } from '../name.ts';
import { parseName } from './names.ts';

export interface Token {
  /** Without its quotes; escapes are still in it. */
  readonly text: string;
  /** Whether it stood in quotes as a whole. */
  readonly quoted: boolean;
}

const SPACE = /[ \t\r\n]/;

/** The tokens of one entry, taken one by one. */
export class Tokens {
  readonly origin: Name | undefined;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** `origin` completes the names that do not end in a dot; without it every name is fully qualified. */
  constructor(tokens: readonly Token[], origin: Name | undefined) {
    this.#tokens = tokens;
    this.origin = origin;
  }

  get done(): boolean {
    return this.#next >= this.#tokens.length;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  /** @throws {PresentationError} nothing is left */
  next(what: string): Token {
    const token = this.peek();
    if (token === undefined) throw new PresentationError(`${what} is missing`);
    this.#next++;
    return token;
  }

  rest(): readonly Token[] {
    const rest = this.#tokens.slice(this.#next);
    this.#next = this.#tokens.length;
    return rest;
  }

  /** @throws {PresentationError} no name, or a bad one */
  name(what: string): Name {
    return parseName(this.next(what).text, this.origin);
  }
}

/** @throws {PresentationError} a quote or parenthesis without its partner, or more than one entry */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let ended = false;
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    if (character === ';') {
      at = endOfLine(text, at);
    } else if (SPACE.test(character)) {
      // Within parentheses the end of a line is a space like any other.
      if (character === '\n' && depth === 0 && tokens.length > 0) ended = true;
      at++;
    } else if (ended) {
      throw new PresentationError('more than one record in the text');
    } else if (character === '(' || character === ')') {
      depth += character === '(' ? 1 : -1;
      if (depth < 0) throw new PresentationError('closing parenthesis without an opening one');
      at++;
    } else {
      at = readToken(text, at, tokens);
    }
  }
  if (depth > 0) throw new PresentationError('parenthesis is not closed');
  return tokens;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Adds the token that starts at `start`; returns where it ends. A quoted part may follow as in `alpn="h2"`. */
function readToken(text: string, start: number, tokens: Token[]): number {
  if (text.charAt(start) === '"') {
    const end = closingQuote(text, start);
    tokens.push({ text: text.slice(start + 1, end), quoted: true });
    return end + 1;
  }
  let token = '';
  let at = start;
  while (at < text.length && !/[ \t\r\n;()]/.test(text.charAt(at))) {
    const isQuote = text.charAt(at) === '"';
    const end = isQuote ? closingQuote(text, at) : at + (text.charAt(at) === '\\' ? 2 : 1);
    token += isQuote ? text.slice(at + 1, end) : text.slice(at, end);
    at = isQuote ? end + 1 : end;
  }
  tokens.push({ text: token, quoted: false });
  return at;
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text.charAt(at) === '\\') at++;
    else if (text.charAt(at) === '"') return at;
  }
  throw new PresentationError('quote is not closed');
}
