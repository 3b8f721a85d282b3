/** Collects the mistakes of one reading: each once, and not without end. */
import { limits } from '../limits.ts';
import { type CorefileError, CorefileErrors, type Position } from './error.ts';

export class Mistakes {
  /** By place and message: a snippet that is pasted twice has the same mistake twice. */
  readonly #errors = new Map<string, CorefileError>();

  /** @throws {CorefileErrors} there are so many that the rest is not read */
  add(error: CorefileError): void {
    const { file, line, column } = error.position;
    this.#errors.set(`${file}:${line}:${column} ${error.message}`, error);
    if (this.#errors.size >= limits.corefileErrors) this.throwIfAny();
  }

  /** Ends the reading. @throws {CorefileErrors} always */
  fail(error: CorefileError): never {
    this.add(error);
    throw new CorefileErrors(this.#sorted());
  }

  /** @throws {CorefileErrors} there are mistakes */
  throwIfAny(): void {
    if (this.#errors.size > 0) throw new CorefileErrors(this.#sorted());
  }

  /** Files in the order of their first mistake, each from top to bottom. */
  #sorted(): CorefileError[] {
    const errors = [...this.#errors.values()];
    const files = [...new Set(errors.map(({ position }) => position.file))];
    const rank = ({ file }: Position) => files.indexOf(file);
    return errors.sort(
      ({ position: a }, { position: b }) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
    );
  }
}
