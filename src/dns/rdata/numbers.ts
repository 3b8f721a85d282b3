/** Numbers in rdata. */
import { PresentationError } from '../errors.ts';
import { typeName, typeNumber } from '../types.ts';
import type { Field } from './field.ts';

const DECIMAL = /^\d{1,10}$/;

/** @throws {PresentationError} no decimal number from 0 to `max` */
export function parseNumber(text: string, max: number): number {
  const number = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!(number <= max)) throw new PresentationError(`"${text}" is not a number from 0 to ${max}`);
  return number;
}

export const u8: Field<number> = {
  read: (reader) => reader.u8(),
  write: (writer, value) => writer.u8(value),
  print: String,
  parse: (tokens) => parseNumber(tokens.next('a number').text, 0xff),
};

export const u16: Field<number> = {
  read: (reader) => reader.u16(),
  write: (writer, value) => writer.u16(value),
  print: String,
  parse: (tokens) => parseNumber(tokens.next('a number').text, 0xffff),
};

export const u32: Field<number> = {
  read: (reader) => reader.u32(),
  write: (writer, value) => writer.u32(value),
  print: String,
  parse: (tokens) => parseNumber(tokens.next('a number').text, 0xffff_ffff),
};

/** An RR type, by its mnemonic in text (RFC 4034 §3.2). */
export const rrType: Field<number> = {
  read: (reader) => reader.u16(),
  write: (writer, value) => writer.u16(value),
  print: typeName,
  parse: (tokens) => parseType(tokens.next('a type').text),
};

/** @throws {PresentationError} neither a known mnemonic nor TYPE123 */
export function parseType(text: string): number {
  const type = typeNumber(text);
  if (type === undefined) throw new PresentationError(`unknown type "${text}"`);
  return type;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

/** Seconds since 1970 modulo 2^32, in text YYYYMMDDHHmmSS or a plain number (RFC 4034 §3.2); read as 1970 to 2106. */
export const time: Field<number> = {
  read: (reader) => reader.u32(),
  write: (writer, value) => writer.u32(value),
  print: (value) => new Date(value * 1000).toISOString().replace(/\.\d+Z$|[-:T]/g, ''),
  parse: (tokens) => parseTime(tokens.next('a time').text),
};

function parseTime(text: string): number {
  const fields = TIME.exec(text);
  if (fields === null) return parseNumber(text, 0xffff_ffff);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.slice(1).map(Number);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  // A date that does not exist, like 31 February, comes back as another one; so does one beyond 2106.
  const value = seconds >>> 0;
  if (time.print(value) !== text) throw new PresentationError(`"${text}" is not a time from 1970 to 2106`);
  return value;
}
