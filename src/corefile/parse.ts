/** A Corefile's text to server blocks: snippets and imports followed, environment variables replaced. */
import type { Directive, ServerBlock } from './ast.ts';
import { Environment, type EnvironmentVariables } from './environment.ts';
import { CorefileError } from './error.ts';
import { Imports, type Source, type Warning } from './imports.ts';
import { Mistakes } from './mistakes.ts';
import { type Item, type Line, readItems, readLines, type Surroundings } from './structure.ts';

export interface ParseCorefileOptions {
  /** Default: no variable is set. */
  readonly env?: EnvironmentVariables;
}

export interface ParsedCorefile {
  readonly blocks: readonly ServerBlock[];
  readonly warnings: readonly Warning[];
  /** Every file that was read, the Corefile first, each once. */
  readonly files: readonly string[];
}

/**
 * Reads a Corefile with all that it imports; a text without server blocks has none.
 * @param file name for messages; imports are relative to its directory
 * @throws {CorefileErrors} every mistake that was found
 */
export function parseCorefile(
  text: string,
  file: string,
  options: ParseCorefileOptions = {},
): ParsedCorefile {
  const mistakes = new Mistakes();
  const imports = new Imports(mistakes);
  const reading = new Reading(imports, { environment: new Environment(options.env ?? {}), mistakes });
  try {
    const blocks = reading.blocks(imports.open(text, file));
    mistakes.throwIfAny();
    return { blocks, warnings: imports.warnings, files: imports.files };
  } catch (error) {
    if (error instanceof CorefileError) mistakes.fail(error);
    throw error;
  }
}

class Reading {
  readonly #imports: Imports;
  readonly #surroundings: Surroundings;

  constructor(imports: Imports, surroundings: Surroundings) {
    this.#imports = imports;
    this.#surroundings = surroundings;
  }

  blocks({ tokens, chain }: Source): ServerBlock[] {
    // One after the other: a snippet can be imported only behind its definition.
    return readItems(tokens, this.#surroundings).flatMap((item) => this.#blocksOf(item, chain));
  }

  #blocksOf(item: Item, chain: readonly string[]): ServerBlock[] {
    if (item.kind === 'import') {
      return this.#imports.expand(item.line, chain).flatMap((source) => this.blocks(source));
    }
    if (item.kind === 'snippet') {
      this.#imports.define(item.name, item.key, item.body);
      return [];
    }
    const directives = this.#directives(item.lines, chain);
    if (item.keys.length > 0) return [{ keys: item.keys, directives }];
    // As CoreDNS: a zone from a variable that is not set switches the block off.
    const message = 'the server block has no zone and is ignored';
    this.#imports.warnings.push({ message, position: item.place.position });
    return [];
  }

  #directives(lines: readonly Line[], chain: readonly string[]): Directive[] {
    return lines.flatMap((line) => {
      const { name, args, block } = line;
      if (name.text !== 'import' || name.quoted) {
        return [{ name, args, block: block && this.#directives(block, chain) }];
      }
      return this.#imports
        .expand(line, chain)
        .flatMap((source) => this.#directives(readLines(source.tokens, this.#surroundings), source.chain));
    });
  }
}
