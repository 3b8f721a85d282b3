/** What `import` stands for: the words of a snippet, or of files. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { limits } from '../limits.ts';
import { argumentError, errorAt, type Token } from './ast.ts';
import { CorefileError, type Position } from './error.ts';
import { expandGlob, isGlob, isSimplePattern } from './glob.ts';
import { type LexedToken, tokenize } from './lexer.ts';
import type { Mistakes } from './mistakes.ts';
import type { Line } from './structure.ts';

export interface Warning {
  readonly message: string;
  readonly position: Position;
}

export interface Source {
  readonly tokens: readonly LexedToken[];
  /** Which imports lead here, outermost first: absolute paths, and names of snippets in parentheses. */
  readonly chain: readonly string[];
}

export class Imports {
  readonly warnings: Warning[] = [];
  /** Every file that was read, in the order of the first reading. */
  readonly files: string[] = [];
  readonly #mistakes: Mistakes;
  readonly #snippets = new Map<string, readonly LexedToken[]>();
  /** By absolute path: a file that is imported often is read once. */
  readonly #read = new Map<string, readonly LexedToken[]>();
  #bytes = 0;
  #words = 0;
  #snippetImports = 0;
  #fileImports = 0;

  constructor(mistakes: Mistakes) {
    this.#mistakes = mistakes;
  }

  /** The Corefile itself. */
  open(text: string, file: string): Source {
    const start: Token = { text: '', quoted: false, position: { file, line: 1, column: 1 } };
    this.#countBytes(Buffer.byteLength(text), start);
    const tokens = this.#tokenize(text, file);
    this.#countWords(tokens.length, start);
    return { tokens, chain: [resolve(file)] };
  }

  define(name: string, key: Token, body: readonly LexedToken[]): void {
    if (this.#snippets.has(name)) {
      this.#mistakes.add(errorAt(key, `redeclaration of previously declared snippet ${name}`));
    } else {
      this.#snippets.set(name, body);
    }
  }

  /** What is to be read in the place of the line; nothing where the line is wrong. */
  expand(line: Line, chain: readonly string[]): Source[] {
    const pattern = this.#argumentOf(line);
    if (pattern === undefined) return [];
    const snippet = this.#snippets.get(pattern.text);
    if (snippet !== undefined) return this.#pasteSnippet(snippet, pattern, chain);
    return this.#find(pattern).flatMap((file) => this.#pasteFile(file, pattern, chain));
  }

  #argumentOf(line: Line): Token | undefined {
    const [pattern, second] = line.args;
    if (pattern === undefined) {
      const message = "Unexpected token '{', expecting argument";
      this.#mistakes.add(line.block === undefined ? argumentError(line) : errorAt(line.name, message));
    } else if (second !== undefined || line.block !== undefined) {
      const message = 'Import takes only one argument (glob pattern or file)';
      this.#mistakes.add(errorAt(second ?? line.name, message));
    } else if (pattern.text === '') {
      this.#mistakes.add(errorAt(pattern, 'Import requires a non-empty filepath'));
    } else return pattern;
    return undefined;
  }

  #pasteSnippet(tokens: readonly LexedToken[], name: Token, chain: readonly string[]): Source[] {
    if (++this.#snippetImports > limits.corefileSnippetImports) {
      const message = `maximum snippet import depth (${limits.corefileSnippetImports}) exceeded`;
      this.#mistakes.fail(errorAt(name, message));
    }
    return this.#nest(tokens, `(${name.text})`, name, chain);
  }

  #pasteFile(file: string, pattern: Token, chain: readonly string[]): Source[] {
    if (++this.#fileImports > limits.corefileFileImports) {
      const message = `maximum file import depth (${limits.corefileFileImports}) exceeded`;
      this.#mistakes.fail(errorAt(pattern, message));
    }
    const path = resolve(file);
    const tokens = this.#read.get(path) ?? this.#readTokens(file, pattern);
    if (tokens === undefined) return [];
    this.#read.set(path, tokens);
    return this.#nest(tokens, path, pattern, chain);
  }

  #nest(tokens: readonly LexedToken[], id: string, at: Token, chain: readonly string[]): Source[] {
    if (chain.includes(id)) {
      this.#mistakes.add(errorAt(at, `'${at.text}' imports itself`));
      return [];
    }
    if (chain.length > limits.corefileImportDepth) {
      this.#mistakes.add(errorAt(at, `imports are nested deeper than ${limits.corefileImportDepth}`));
      return [];
    }
    this.#countWords(tokens.length, at);
    return [{ tokens, chain: [...chain, id] }];
  }

  /** Files that an argument names, relative to the file that it stands in. */
  #find(pattern: Token): string[] {
    const { text, position } = pattern;
    const path = isAbsolute(text) ? text : join(dirname(position.file), text);
    if (!isSimplePattern(path)) {
      const message = `Glob pattern may only contain one wildcard (*), but has others: ${path}`;
      this.#mistakes.add(errorAt(pattern, message));
      return [];
    }
    if (!isGlob(path)) return [path];
    const files = expandGlob(path);
    if (files.length === 0) {
      this.warnings.push({ message: `No files matching import glob pattern: ${text}`, position });
    }
    return files;
  }

  #readTokens(file: string, pattern: Token): readonly LexedToken[] | undefined {
    const read = readRegularFile(file);
    if (typeof read === 'string') {
      const isMissing = read === 'ENOENT' || read === 'ENOTDIR';
      const message = isMissing
        ? `File to import not found: ${pattern.text}`
        : `Could not import ${file}: ${read}`;
      this.#mistakes.add(errorAt(pattern, message));
      return undefined;
    }
    this.#countBytes(read.length, pattern);
    return this.#tokenize(read.toString(), file);
  }

  /** Nothing where the text has no end: what stands before it would only seem wrong as well. */
  #tokenize(text: string, file: string): readonly LexedToken[] {
    this.files.push(file);
    try {
      return tokenize(text, file);
    } catch (error) {
      if (!(error instanceof CorefileError)) throw error;
      this.#mistakes.add(error);
      return [];
    }
  }

  #countBytes(bytes: number, at: Token): void {
    this.#bytes += bytes;
    if (this.#bytes <= limits.corefileBytes) return;
    this.#mistakes.fail(
      errorAt(at, `the Corefile has more than ${limits.corefileBytes} octets with its imports`),
    );
  }

  #countWords(words: number, at: Token): void {
    this.#words += words;
    if (this.#words <= limits.corefileTokens) return;
    this.#mistakes.fail(
      errorAt(at, `the Corefile has more than ${limits.corefileTokens} words with its imports`),
    );
  }
}

/** The octets, or why there are none: an error code or a few words. */
function readRegularFile(file: string): Buffer | string {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return 'is a directory';
    // A pipe might never end.
    if (!stat.isFile()) return 'is not a regular file';
    if (stat.size > limits.corefileBytes) return `is larger than ${limits.corefileBytes} octets`;
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    return String(error);
  }
}
