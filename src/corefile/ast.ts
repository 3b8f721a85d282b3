/** A Corefile as read: imports, snippets and environment applied, nothing interpreted yet. */
import { CorefileError, type Position } from './error.ts';

export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly position: Position;
  /** Characters that it takes in the file, quotes and `{$VAR}` as written; default: those of the text. */
  readonly length?: number;
}

/** One line: a directive of a server block, or a property inside a directive's own block. */
export interface Directive {
  readonly name: Token;
  readonly args: readonly Token[];
  /** The lines between `{` and `}`; undefined where there are no braces. */
  readonly block: readonly Directive[] | undefined;
}

export interface ServerBlock {
  /** As written, environment applied: `example.org:1053`, `tls://.`, `10.0.0.0/24`. Never empty. */
  readonly keys: readonly Token[];
  readonly directives: readonly Directive[];
}

/** The error for a mistake at a token. */
export function errorAt(token: Token, message: string): CorefileError {
  return new CorefileError(message, token.position, Math.max(1, token.length ?? token.text.length));
}

/** CoreDNS's words for a directive with too few or too many arguments. */
export function argumentError(directive: Directive): CorefileError {
  const last = directive.args.at(-1) ?? directive.name;
  return errorAt(last, `Wrong argument count or unexpected line ending after '${last.text}'`);
}
