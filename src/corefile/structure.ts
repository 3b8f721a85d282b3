/** Words to lines and blocks, before snippets and imports are followed. */
import { limits } from '../limits.ts';
import { errorAt, type Token } from './ast.ts';
import type { Environment } from './environment.ts';
import { CorefileError } from './error.ts';
import { isBrace, type LexedToken } from './lexer.ts';
import type { Mistakes } from './mistakes.ts';

/** A directive, a property or an `import`. */
export interface Line {
  readonly name: Token;
  readonly args: readonly Token[];
  readonly block: readonly Line[] | undefined;
}

/** What stands outside of server blocks. */
export type Item =
  | { readonly kind: 'import'; readonly line: Line }
  /** The body is read where it is pasted: as lines, or as server blocks. */
  | {
      readonly kind: 'snippet';
      readonly name: string;
      readonly key: Token;
      readonly body: readonly LexedToken[];
    }
  /** Keys that are nothing without a variable's value are left out. */
  | {
      readonly kind: 'block';
      readonly place: Token;
      readonly keys: readonly Token[];
      readonly lines: readonly Line[];
    };

export interface Surroundings {
  readonly environment: Environment;
  readonly mistakes: Mistakes;
}

/** Server blocks, snippets and imports of a file. */
export function readItems(tokens: readonly LexedToken[], surroundings: Surroundings): Item[] {
  return new Structure(tokens, surroundings).items();
}

/** The lines of text that is pasted into a block. */
export function readLines(tokens: readonly LexedToken[], surroundings: Surroundings): Line[] {
  return new Structure(tokens, surroundings).allLines();
}

class Structure {
  readonly #tokens: readonly LexedToken[];
  readonly #environment: Environment;
  readonly #mistakes: Mistakes;
  #at = 0;
  /** A block needs no braces where it is the only one. */
  #hasBlock = false;

  constructor(tokens: readonly LexedToken[], { environment, mistakes }: Surroundings) {
    this.#tokens = tokens;
    this.#environment = environment;
    this.#mistakes = mistakes;
  }

  items(): Item[] {
    const items: Item[] = [];
    for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
      if (isBrace(token, '}')) this.#strayBrace();
      else if (token.text === 'import' && !token.quoted && (token.startsLine || this.#at === 0)) {
        items.push({ kind: 'import', line: this.#line(token, 0) });
      } else {
        const item = this.#block(token);
        if (item !== undefined) items.push(item);
      }
    }
    return items;
  }

  /** To the end of the text: a closing brace closes nothing here. */
  allLines(): Line[] {
    const lines: Line[] = [];
    while (this.#peek() !== undefined) {
      lines.push(...this.#lines(0));
      if (this.#peek() !== undefined) this.#strayBrace();
    }
    return lines;
  }

  /** A server block or a snippet, from its first key on. */
  #block(place: LexedToken): Item | undefined {
    const written = this.#keys();
    const keys = written.filter(({ text }) => text !== '');
    const [key] = keys;
    const opening = this.#peek();
    if (key !== undefined && keys.length === 1 && /^\(.*\)$/s.test(key.text)) {
      const body = this.#snippetBody(key);
      return body && { kind: 'snippet', name: key.text.slice(1, -1), key, body };
    }
    if (!isBrace(opening, '{')) {
      if (this.#hasBlock)
        this.#mistakes.add(opening ? syntaxError(opening, "'{'") : errorAt(place, 'Unexpected EOF'));
      return { kind: 'block', place, keys, lines: this.allLines() };
    }
    if (written.length === 0) this.#mistakes.add(errorAt(place, "Unexpected token '{', expecting a zone"));
    this.#hasBlock = true;
    return { kind: 'block', place, keys, lines: this.#braces(1) };
  }

  /** Up to an opening brace or the end of the line; after a comma the keys go on in the next one. */
  #keys(): Token[] {
    const keys: Token[] = [];
    let expectingAnother = true;
    for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
      if (isBrace(token, '{')) {
        if (expectingAnother && keys.length > 0) {
          this.#mistakes.add(errorAt(token, "Expected another address but had '{' - check for extra comma"));
        }
        return keys;
      }
      if (token.startsLine && !expectingAnother) return keys;
      if (isBrace(token, '}')) {
        this.#strayBrace();
        continue;
      }
      if (!token.quoted && token.text.endsWith('{')) {
        this.#mistakes.fail(syntaxError(token, "a space before '{'"));
      }
      this.#at++;
      keys.push(...splitAtCommas(token).map((key) => this.#replaced(key)));
      expectingAnother = !token.quoted && token.text.endsWith(',');
    }
    const last = this.#tokens.at(-1);
    if (expectingAnother && last !== undefined) this.#mistakes.add(errorAt(last, 'Unexpected EOF'));
    return keys;
  }

  #snippetBody(key: Token): readonly LexedToken[] | undefined {
    const opening = this.#peek();
    if (opening === undefined || !isBrace(opening, '{')) {
      this.#mistakes.add(
        opening === undefined ? errorAt(key, 'Unexpected EOF') : syntaxError(opening, "'{'"),
      );
      return undefined;
    }
    this.#at++;
    const start = this.#at;
    return this.#skipBraces(opening) ? this.#tokens.slice(start, this.#at - 1) : undefined;
  }

  /** Lines between braces, of which the opening one is next. */
  #braces(depth: number): Line[] {
    const opening = this.#peek();
    if (opening === undefined) return [];
    this.#at++;
    if (depth > limits.corefileBlockDepth) {
      this.#mistakes.add(errorAt(opening, `blocks are nested deeper than ${limits.corefileBlockDepth}`));
      this.#skipBraces(opening);
      return [];
    }
    const lines = this.#lines(depth);
    if (this.#peek() === undefined) this.#neverClosed(opening);
    else this.#at++;
    return lines;
  }

  /** Lines up to a closing brace, which is left, or the end of the text. */
  #lines(depth: number): Line[] {
    const lines: Line[] = [];
    for (let token = this.#peek(); token !== undefined && !isBrace(token, '}'); token = this.#peek()) {
      if (isBrace(token, '{')) this.#misplacedBrace(token, depth);
      else lines.push(this.#line(token, depth));
    }
    return lines;
  }

  #line(first: LexedToken, depth: number): Line {
    const args: Token[] = [];
    let block: Line[] | undefined;
    this.#at++;
    for (let token = this.#peek(); token?.startsLine === false; token = this.#peek()) {
      if (isBrace(token, '}')) break;
      if (isBrace(token, '{')) {
        block = this.#braces(depth + 1);
        this.#endLine();
        break;
      }
      args.push(this.#replaced(token));
      this.#at++;
    }
    return { name: this.#replaced(first), args, block };
  }

  /** After a block's closing brace: only the brace of the block around it may follow on the line. */
  #endLine(): void {
    const token = this.#peek();
    if (token === undefined || token.startsLine || isBrace(token, '}')) return;
    this.#mistakes.add(syntaxError(token, 'a new line'));
    for (let next = this.#peek(); next?.startsLine === false && !isBrace(next, '}'); next = this.#peek()) {
      this.#at++;
      if (isBrace(next, '{')) this.#skipBraces(next);
    }
  }

  /** A brace that begins a line: what it holds is passed over. */
  #misplacedBrace(token: LexedToken, depth: number): void {
    this.#mistakes.add(
      errorAt(token, "Unexpected token '{', expecting argument: it belongs at the end of a line"),
    );
    this.#braces(depth + 1);
  }

  #strayBrace(): void {
    const token = this.#peek();
    if (token === undefined) return;
    this.#mistakes.add(errorAt(token, "Unexpected '}' because no matching opening brace"));
    this.#at++;
  }

  /** Goes behind the brace that closes `opening`; false where there is none. */
  #skipBraces(opening: LexedToken): boolean {
    for (let open = 1; open > 0; this.#at++) {
      const token = this.#peek();
      if (token === undefined) {
        this.#neverClosed(opening);
        return false;
      }
      if (isBrace(token, '{')) open++;
      else if (isBrace(token, '}')) open--;
    }
    return true;
  }

  #neverClosed(opening: LexedToken): void {
    this.#mistakes.add(errorAt(opening, "Unexpected EOF, expecting '}' for this '{'"));
  }

  #peek(): LexedToken | undefined {
    return this.#tokens[this.#at];
  }

  /** A word as the syntax tree has it. */
  #replaced({ text, quoted, position, length }: Token): Token {
    return this.#environment.replaceIn({ text, quoted, position, ...(length !== undefined && { length }) });
  }
}

function syntaxError(token: Token, expected: string): CorefileError {
  const message = `Syntax error: Unexpected token '${token.text}', expecting ${expected}`;
  return new CorefileError(message, token.position, token.length, '');
}

/** `a,b,` are two keys. */
function splitAtCommas(token: LexedToken): Token[] {
  if (token.quoted || !token.text.includes(',')) return [token];
  const keys: Token[] = [];
  let column = token.position.column;
  for (const text of token.text.split(',')) {
    const length = [...text].length;
    if (text !== '') keys.push({ text, quoted: false, position: { ...token.position, column }, length });
    column += length + 1;
  }
  return keys;
}
