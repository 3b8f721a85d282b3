/** One kind of value inside rdata: its octets and its text, each way. */
import type { Tokens } from '../text/lexer.ts';
import type { WireReader } from '../wire/reader.ts';
import type { WireWriter } from '../wire/writer.ts';

export interface Field<T> {
  /** Takes the value from a reader that ends with the rdata. @throws {WireError} */
  read(reader: WireReader): T;
  /** @throws {WireError} the value has no wire form */
  write(writer: WireWriter, value: T): void;
  /** undefined where the value has no text of its own: then the whole rdata is printed as RFC 3597 §5 has it. */
  print(value: T): string | undefined;
  /** @throws {PresentationError} */
  parse(tokens: Tokens): T;
}
