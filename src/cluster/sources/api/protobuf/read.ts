/** Makes of a message what its JSON would be parsed to, as far as somebody asks for it. */
import type { Json } from '../../../trim.ts';
import type { ProtobufCursor } from './cursor.ts';
import type { Field, Message } from './messages.ts';

export type Fields = Record<string, Json>;

/**
 * Reads the message that goes from the cursor to `end`. A field of another wire type than it should have counts as not given.
 * @throws {Unreadable}
 */
export function readMessage(cursor: ProtobufCursor, end: number, message: Message): Fields {
  const fields: Fields = {};
  while (cursor.next(end)) {
    const field = message[cursor.number];
    if (field === undefined || !isOfItsType(cursor, field)) cursor.skip();
    else readField(cursor, field, fields);
  }
  return fields;
}

function isOfItsType(cursor: ProtobufCursor, { sort }: Field): boolean {
  return sort === 'number' || sort === 'flag' ? cursor.isVarint : cursor.hasLength;
}

function readField(cursor: ProtobufCursor, field: Field, fields: Fields): void {
  const { name } = field;
  switch (field.sort) {
    case 'text':
      fields[name] = cursor.text();
      break;
    case 'texts':
      add(fields, name, cursor.text());
      break;
    case 'number':
      fields[name] = cursor.varint();
      break;
    case 'flag':
      fields[name] = cursor.varint() !== 0;
      break;
    case 'moment':
      fields[name] = readMoment(cursor);
      break;
    case 'map':
      readEntry(cursor, fields, name);
      break;
    case 'message':
      fields[name] = readMessage(cursor, cursor.end(), field.message);
      break;
    case 'messages':
      add(fields, name, readMessage(cursor, cursor.end(), field.message));
      break;
  }
}

function add(fields: Fields, name: string, value: Json): void {
  const list = fields[name] as Json[] | undefined;
  if (list === undefined) fields[name] = [value];
  else list.push(value);
}

/** Whether there is one is all that is asked: a zero time has no octets. */
function readMoment(cursor: ProtobufCursor): Json {
  const end = cursor.end();
  const isGiven = end > cursor.at;
  cursor.at = end;
  return isGiven ? 'given' : null;
}

/** A map is a field that comes once for each entry: a message of key and value. */
function readEntry(cursor: ProtobufCursor, fields: Fields, name: string): void {
  let key = '';
  let value = '';
  const end = cursor.end();
  while (cursor.next(end)) {
    if (cursor.number === 1 && cursor.hasLength) key = cursor.text();
    else if (cursor.number === 2 && cursor.hasLength) value = cursor.text();
    else cursor.skip();
  }
  const map = (fields[name] ?? {}) as Fields;
  map[key] = value;
  fields[name] = map;
}
