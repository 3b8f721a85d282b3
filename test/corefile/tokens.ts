/** Tokens and directives as a Corefile has them, for tests of what reads them. */
import type { Directive, Token } from '../../src/corefile/ast.ts';
import { CorefileError } from '../../src/corefile/error.ts';
import { parseCorefile } from '../../src/corefile/parse.ts';

export function token(text: string): Token {
  return { text, quoted: false, position: { file: 'Corefile', line: 1, column: 1 } };
}

/** The first directive of a block with this content. */
export function directive(text: string): Directive {
  const [first] = parseCorefile(`. {\n${text}\n}\n`, 'Corefile').blocks[0]?.directives ?? [];
  if (first === undefined) throw new Error('the text has no directive');
  return first;
}

/** Message of the mistake that is found. */
export function mistakeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof CorefileError) return error.message;
    throw error;
  }
  throw new Error('no mistake was found');
}
