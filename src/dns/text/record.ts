/** Records in the text of zone files and of `dig` (RFC 1035 §5.1, RFC 3597 §5). */
import { PresentationError, WireError } from '../errors.ts';
import type { Name } from '../name.ts';
import { makeRdata, readRdata, rowOf, valuesOf, writeRdata } from '../rdata/codec.ts';
import { parseNumber, parseType } from '../rdata/numbers.ts';
import type { Rdata, ResourceRecord } from '../record.ts';
import { className, classNumber, RrClass, RrType, typeName } from '../types.ts';
import { WireReader } from '../wire/reader.ts';
import { sharedWriter as writer } from '../wire/writer.ts';
import { formatHex, parseHex } from './digits.ts';
import { Tokens, tokenize } from './lexer.ts';

/** Owner, TTL, class, type and rdata with single tabs between them. */
export function formatRecord(record: ResourceRecord): string {
  const { owner, ttl, type, data } = record;
  return `${owner}\t${ttl}\t${className(record.class)}\t${typeName(type)}\t${formatRdata(data)}`;
}

/** The fields with single spaces between them; `\# length hex` where the type has no text of its own (RFC 3597 §5). */
export function formatRdata(data: Rdata): string {
  if (data.kind === 'opaque') return generic(data.bytes);
  const row = rowOf(RrType[data.kind], RrClass.IN);
  const texts = row === undefined ? [undefined] : valuesOf(row, data).map((v, i) => row.fields[i]?.print(v));
  // A value that breaks the rules of its field is shown as the octets that it is.
  if (texts.includes(undefined)) return generic(rdataBytes(data));
  return texts.filter((text) => text !== '').join(' ');
}

function generic(bytes: Uint8Array): string {
  return bytes.length === 0 ? '\\# 0' : `\\# ${bytes.length} ${formatHex(bytes)}`;
}

function rdataBytes(data: Rdata): Uint8Array {
  writer.restart(false);
  writeRdata(writer, data);
  return writer.take();
}

export interface ParseOptions {
  /** Completes the names that do not end in a dot, and stands for `@`; without it every name is fully qualified. */
  readonly origin?: Name | undefined;
  /** Seconds, where the text has no TTL. */
  readonly defaultTtl?: number | undefined;
}

/**
 * Reads `owner [TTL] [class] type rdata`; TTL and class come in either order, the class is IN where none is given.
 * Parentheses and comments are as in a zone file.
 * @throws {PresentationError}
 */
export function parseRecord(text: string, options: ParseOptions = {}): ResourceRecord {
  const tokens = new Tokens(tokenize(text), options.origin);
  if (/^[ \t]/.test(text)) throw new PresentationError('the owner is missing');
  const owner = tokens.name('the owner');
  const { ttl, rrClass } = parseTtlAndClass(tokens);
  if (ttl === undefined && options.defaultTtl === undefined)
    throw new PresentationError('the TTL is missing');
  const type = parseType(tokens.next('the type').text);
  const data = parseRdata(tokens, type, rrClass);
  return { owner, type, class: rrClass, ttl: ttl ?? options.defaultTtl ?? 0, data };
}

function parseTtlAndClass(tokens: Tokens): { ttl: number | undefined; rrClass: number } {
  let ttl: number | undefined;
  let rrClass: number | undefined;
  for (;;) {
    const text = tokens.peek()?.text ?? '';
    const named = rrClass === undefined ? classNumber(text) : undefined;
    if (named !== undefined) rrClass = named;
    else if (ttl === undefined && /^\d/.test(text)) ttl = parseTtl(text);
    else return { ttl, rrClass: rrClass ?? RrClass.IN };
    tokens.next('the type');
  }
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds, or numbers with units as in `1h30m`. */
function parseTtl(text: string): number {
  if (!/^(\d{1,10}[smhdw])+$/i.test(text)) return parseNumber(text, 0xffff_ffff);
  let seconds = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)(\D)/g)) {
    seconds += Number(count) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0);
  }
  return parseNumber(String(seconds), 0xffff_ffff);
}

function parseRdata(tokens: Tokens, type: number, rrClass: number): Rdata {
  const first = tokens.peek();
  if (first?.text === '\\#' && !first.quoted) return parseGeneric(tokens, type, rrClass);
  const row = rowOf(type, rrClass);
  if (row === undefined) {
    throw new PresentationError(
      `rdata of ${typeName(type)} in ${className(rrClass)} is written \\# length hex`,
    );
  }
  const data = makeRdata(row, (field) => field.parse(tokens));
  const extra = tokens.peek();
  if (extra !== undefined) throw new PresentationError(`"${extra.text}" is too much for ${typeName(type)}`);
  return data;
}

/** RFC 3597 §5; a type that is known is read into its fields all the same. */
function parseGeneric(tokens: Tokens, type: number, rrClass: number): Rdata {
  tokens.next('rdata');
  const length = parseNumber(tokens.next('the length of the rdata').text, 0xffff);
  const hex = tokens.rest().map((token) => token.text);
  const bytes = hex.length === 0 ? new Uint8Array(0) : parseHex(hex.join(''));
  if (bytes.length !== length) throw new PresentationError(`rdata has ${bytes.length} octets, not ${length}`);
  try {
    // A pointer would name octets of a message that there is not: none is legal here.
    const reader = new WireReader(bytes, 0, bytes.length);
    const data = readRdata(reader, type, rrClass);
    if (reader.left > 0) throw reader.error(`rdata has ${reader.left} octets too many`);
    return data;
  } catch (error) {
    if (error instanceof WireError) throw new PresentationError(`${typeName(type)}: ${error.message}`);
    throw error;
  }
}
