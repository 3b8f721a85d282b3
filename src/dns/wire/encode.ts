/** Message -> octets, within a size limit: compression and truncation as CoreDNS does them. */
import { limits } from '../../limits.ts';
import { WireError } from '../errors.ts';
import type { Message, Question } from '../message.ts';
import { writeRdata } from '../rdata/codec.ts';
import { LastingRecord, type ResourceRecord } from '../record.ts';
import { RrType } from '../types.ts';
import { ednsBytes, writeEdns } from './edns.ts';
import { HEADER_BYTES, headerFlags } from './header.ts';
import { sharedWriter as writer } from './writer.ts';

export interface EncodeOptions {
  /** Octets that the message may have at most. */
  readonly limitBytes: number;
  /** A message that would be longer than this without compression is compressed though it fits. */
  readonly compressAboveBytes?: number | undefined;
  /** One of several messages (RFC 5936 §2.2): what does not fit comes in the next, so TC is not set. */
  readonly isPart?: boolean;
}

/**
 * Writes a message. It stays uncompressed where it fits so; else it is compressed, and whole records are kept in
 * order, answer before authority before additional, while they fit beside the OPT. A section that overflows drops
 * those behind it, and anything dropped sets TC (RFC 2181 §9). The result is a fresh array of exactly the octets
 * written.
 * @throws {WireError} the message is not legal DNS (a number out of range, an oversized string, an extended rcode
 *   without `edns`), or its header, questions and OPT alone are over the limit
 */
export function encodeMessage(message: Message, options: EncodeOptions): Uint8Array {
  check(message);
  const limit = Math.min(options.limitBytes, limits.messageBytes);
  const plainLimit = Math.min(limit, options.compressAboveBytes ?? limit);
  const isPart = options.isPart ?? false;
  const isLong = message.answer.length >= MANY_RECORDS && leastOctets(message) > plainLimit;
  const isPlain = !isLong && write(message, plainLimit, false, isPart);
  if (!isPlain) write(message, limit, true, isPart);
  if (writer.position > limit) throw new WireError(`questions and OPT alone are over ${limit} octets`);
  return writer.take();
}

function check(message: Message): void {
  const { additional } = message;
  for (let i = 0; i < additional.length; i++) {
    if (additional[i]?.type === RrType.OPT)
      throw new WireError('an OPT record stands in `additional`, not in `edns`');
  }
  // RFC 6891 §6.1.3: an rcode has 12 bits, the upper eight of them in the OPT.
  const bits = message.edns === undefined ? 4 : 12;
  if (message.rcode >>> bits !== 0) throw new WireError(`rcode ${message.rcode} has over ${bits} bits`);
}

/** With fewer, a look at their length costs more than it saves. */
const MANY_RECORDS = 8;
/** Type, class, TTL and RDLENGTH. */
const RECORD_HEAD_BYTES = 10;
/** An SRV record's numbers. */
const SRV_BYTES = 6;

/** Octets that the message has at least without compression: one that is far too long is not written so in vain. */
function leastOctets({ answer, additional }: Message): number {
  return HEADER_BYTES + leastOctetsOf(answer) + leastOctetsOf(additional);
}

function leastOctetsOf(records: readonly ResourceRecord[]): number {
  let octets = 0;
  for (const { owner, data } of records) {
    octets += owner.wire.length + RECORD_HEAD_BYTES;
    if (data.kind === 'SRV') octets += SRV_BYTES + data.target.wire.length;
    else if (data.kind === 'A') octets += 4;
    else if (data.kind === 'AAAA') octets += 16;
  }
  return octets;
}

/** Writes what fits into `limit` octets; whether that is the whole message. */
function write(message: Message, limit: number, compress: boolean, isPart: boolean): boolean {
  const { answer, authority, additional, edns } = message;
  writer.restart(compress);
  writer.position = HEADER_BYTES;
  for (const question of message.questions) writeQuestion(question);
  const room = limit - ednsBytes(edns);
  let open = writer.position <= room;
  const answers = open ? writeRecords(answer, room, compress) : 0;
  open &&= answers === answer.length;
  const authorities = open ? writeRecords(authority, room, compress) : 0;
  open &&= authorities === authority.length;
  const additionals = open ? writeRecords(additional, room, compress) : 0;
  open &&= additionals === additional.length;
  if (edns !== undefined) writeEdns(writer, edns, message.rcode);
  const end = writer.position;
  writer.position = 0;
  writer.u16(message.id);
  writer.u16(headerFlags(message, message.tc || !(open || isPart)));
  writer.u16(message.questions.length);
  writer.u16(answers);
  writer.u16(authorities);
  writer.u16(additionals + (edns === undefined ? 0 : 1));
  writer.position = end;
  return open;
}

function writeQuestion(question: Question): void {
  writer.name(question.name);
  writer.u16(question.type);
  writer.u16(question.class);
}

/** Writes records while they end within `room`; returns how many do. */
function writeRecords(records: readonly ResourceRecord[], room: number, compress: boolean): number {
  let count = 0;
  // By index: an iterator would make an object for each record.
  for (; count < records.length; count++) {
    const record = records[count] as ResourceRecord;
    const start = writer.position;
    const kept = compress ? undefined : LastingRecord.octetsOf(record);
    if (kept === undefined) writeRecord(record);
    else writer.octets(kept);
    if (writer.position > room) {
      writer.position = start;
      return count;
    }
    if (kept === undefined && !compress && record instanceof LastingRecord)
      record.keepOctets(writer.since(start));
  }
  return count;
}

function writeRecord(record: ResourceRecord): void {
  writer.name(record.owner);
  writer.u16(record.type);
  writer.u16(record.class);
  writer.u32(record.ttl);
  const start = writer.position + 2;
  writer.position = start;
  writeRdata(writer, record.data);
  writer.patchU16(start - 2, writer.position - start);
}
