/** Octets -> message (RFC 1035 §4.1). */
import { WireError } from '../errors.ts';
import type { Edns, Message, Question } from '../message.ts';
import { readRdata } from '../rdata/codec.ts';
import type { ResourceRecord } from '../record.ts';
import { RrType } from '../types.ts';
import { readEdns } from './edns.ts';
import { HEADER_BYTES, readHeader, type WireHeader } from './header.ts';
import { WireReader } from './reader.ts';

/** Most messages have empty sections: they share this one. Not frozen: V8 goes through frozen arrays the slow way. */
const NO_RECORDS: readonly ResourceRecord[] = [];
const NO_QUESTIONS: readonly Question[] = [];

/**
 * Reads a whole message. Nothing in the result refers to `bytes`. Octets behind the last record are ignored, as
 * miekg/dns does; the OPT record of the additional section becomes `edns`.
 * @param header what `readHeader` has read from them, where somebody has asked it already
 * @throws {WireError} for anything that is no DNS message; nothing else is thrown
 */
export function decodeMessage(bytes: Uint8Array, header: WireHeader = readHeader(bytes)): Message {
  const reader = new WireReader(bytes, HEADER_BYTES, HEADER_BYTES);
  const questions = readQuestions(reader, header.questionCount);
  const answer = readRecords(reader, header.answerCount);
  const authority = readRecords(reader, header.authorityCount);
  const { records, edns, extendedRcode } = readAdditional(reader, header.additionalCount);
  return {
    id: header.id,
    qr: header.qr,
    opcode: header.opcode,
    aa: header.aa,
    tc: header.tc,
    rd: header.rd,
    ra: header.ra,
    z: header.z,
    ad: header.ad,
    cd: header.cd,
    rcode: header.rcode | extendedRcode,
    questions,
    answer,
    authority,
    additional: records,
    edns,
  };
}

/**
 * The first question, for the reply to a message that `decodeMessage` rejects; undefined where that cannot be read
 * either. Throws nothing.
 */
export function decodeQuestion(bytes: Uint8Array): Question | undefined {
  try {
    if (readHeader(bytes).questionCount === 0) return undefined;
    return readQuestion(new WireReader(bytes, HEADER_BYTES, HEADER_BYTES));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function readQuestions(reader: WireReader, count: number): readonly Question[] {
  if (count === 0) return NO_QUESTIONS;
  if (count === 1) return [readQuestion(reader)];
  const questions: Question[] = [];
  for (let i = 0; i < count; i++) questions.push(readQuestion(reader));
  return questions;
}

function readQuestion(reader: WireReader): Question {
  const name = reader.name();
  const type = reader.u16();
  return { name, type, class: reader.u16() };
}

function readRecords(reader: WireReader, count: number): readonly ResourceRecord[] {
  if (count === 0) return NO_RECORDS;
  const records: ResourceRecord[] = [];
  for (let i = 0; i < count; i++) records.push(readRecord(reader));
  return records;
}

function readRecord(reader: WireReader): ResourceRecord {
  const owner = reader.name();
  const type = reader.u16();
  const rrClass = reader.u16();
  const ttl = reader.u32();
  const messageEnd = enterRdata(reader);
  const data = readRdata(reader, type, rrClass);
  leaveRdata(reader, messageEnd);
  return { owner, type, class: rrClass, ttl, data };
}

/** Makes the reader end where the rdata ends; returns its old end. */
function enterRdata(reader: WireReader): number {
  const length = reader.u16();
  const messageEnd = reader.end;
  if (length > reader.left) throw reader.error(`rdata of ${length} octets is cut off`);
  reader.end = reader.position + length;
  return messageEnd;
}

function leaveRdata(reader: WireReader, messageEnd: number): void {
  if (reader.left > 0) throw reader.error(`rdata has ${reader.left} octets too many`);
  reader.end = messageEnd;
}

interface Additional {
  readonly records: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
  /** The upper eight bits of the rcode, in place. */
  readonly extendedRcode: number;
}

const NO_ADDITIONAL: Additional = { records: NO_RECORDS, edns: undefined, extendedRcode: 0 };

function readAdditional(reader: WireReader, count: number): Additional {
  if (count === 0) return NO_ADDITIONAL;
  let records: ResourceRecord[] | undefined;
  let edns: Edns | undefined;
  let extendedRcode = 0;
  for (let i = 0; i < count; i++) {
    if (isOpt(reader)) {
      // RFC 6891 §6.1.1: more than one OPT is a format error.
      if (edns !== undefined) throw reader.error('message has more than one OPT record');
      reader.position += 3;
      const udpSize = reader.u16();
      const ttl = reader.u32();
      const messageEnd = enterRdata(reader);
      edns = readEdns(udpSize, ttl, reader);
      leaveRdata(reader, messageEnd);
      extendedRcode = (ttl >>> 24) << 4;
    } else {
      records ??= [];
      records.push(readAdditionalRecord(reader));
    }
  }
  return { records: records ?? NO_RECORDS, edns, extendedRcode };
}

/** Whether a root owner and type OPT come next. */
function isOpt(reader: WireReader): boolean {
  const { bytes, position } = reader;
  return bytes[position] === 0 && bytes[position + 1] === 0 && bytes[position + 2] === RrType.OPT;
}

function readAdditionalRecord(reader: WireReader): ResourceRecord {
  const start = reader.position;
  const record = readRecord(reader);
  // RFC 6891 §6.1.2: the owner MUST be the root; written as a pointer to one it is not the root either.
  if (record.type === RrType.OPT) throw reader.error('the owner of an OPT record is not the root', start);
  return record;
}
