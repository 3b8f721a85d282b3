/** The OPT pseudo-record (RFC 6891 §6.1), read and written as a message's `edns`. */
import type { Edns, EdnsOption } from '../message.ts';
import { RrType } from '../types.ts';
import type { WireReader } from './reader.ts';
import type { WireWriter } from './writer.ts';

const DO = 0x8000;
/** Root owner, type, class, TTL and RDLENGTH. */
const FIXED_BYTES = 11;
const OPTION_HEAD_BYTES = 4;

/** RFC 6891 §6.1.3: CLASS holds the payload size, TTL the upper rcode bits, the version and the flags. */
export function readEdns(udpSize: number, ttl: number, reader: WireReader): Edns {
  const options: EdnsOption[] = [];
  while (reader.left > 0) {
    const code = reader.u16();
    options.push({ code, data: reader.octets(reader.u16()) });
  }
  return { udpSize, version: (ttl >>> 16) & 0xff, do: (ttl & DO) !== 0, z: ttl & (DO - 1), options };
}

/** Octets that `writeEdns` will write. */
export function ednsBytes(edns: Edns | undefined): number {
  if (edns === undefined) return 0;
  let length = FIXED_BYTES;
  for (const option of edns.options) length += OPTION_HEAD_BYTES + option.data.length;
  return length;
}

export function writeEdns(writer: WireWriter, edns: Edns, rcode: number): void {
  writer.u8(0);
  writer.u16(RrType.OPT);
  writer.u16(edns.udpSize);
  writer.u8(rcode >> 4);
  writer.u8(edns.version);
  writer.u16((edns.do ? DO : 0) | edns.z);
  writer.u16(ednsBytes(edns) - FIXED_BYTES);
  for (const option of edns.options) {
    writer.u16(option.code);
    writer.u16(option.data.length);
    writer.octets(option.data);
  }
}
