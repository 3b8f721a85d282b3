/** Names in rdata. Either kind is read compressed or not, for senders that do not obey RFC 3597 §4. */
import type { Name } from '../name.ts';
import type { Field } from './field.ts';

/** A name of the types of RFC 1035, which may be compressed on the wire (RFC 3597 §4). */
export const compressibleName: Field<Name> = {
  read: (reader) => reader.name(),
  write: (writer, value) => writer.name(value),
  print: (value) => value.toString(),
  parse: (tokens) => tokens.name('a name'),
};

/** A name of a newer type, written in full (RFC 3597 §4). */
export const fullName: Field<Name> = {
  read: (reader) => reader.name(),
  write: (writer, value) => writer.fullName(value),
  print: (value) => value.toString(),
  parse: (tokens) => tokens.name('a name'),
};
