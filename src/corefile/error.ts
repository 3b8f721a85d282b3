/** A mistake in a Corefile: file, line and column, so that one line and a code frame can be shown for it. */
export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

const PARSING = 'Error during parsing: ';

export class CorefileError extends Error {
  readonly position: Position;
  /** Characters from the column on that the caret underlines. */
  readonly length: number;
  /** What is said between the place and the message; empty where the message itself says what went wrong. */
  readonly heading: string;

  constructor(message: string, position: Position, length = 1, heading = PARSING) {
    super(message);
    this.name = 'CorefileError';
    this.position = position;
    this.length = length;
    this.heading = heading;
  }

  /** The same mistake as the set-up of a plugin reports it: `plugin/hosts: ...`. */
  inPlugin(plugin: string): CorefileError {
    return new CorefileError(`plugin/${plugin}: ${this.message}`, this.position, this.length, '');
  }
}

/** Every mistake that was found in one reading of a Corefile, in the order of the text. Never empty. */
export class CorefileErrors extends Error {
  readonly errors: readonly CorefileError[];

  constructor(errors: readonly CorefileError[]) {
    super(errors.map(({ message }) => message).join('\n'));
    this.name = 'CorefileErrors';
    this.errors = errors;
  }
}
