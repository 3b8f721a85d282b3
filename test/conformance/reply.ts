/** A reply in a form in which two of them can be compared: sections are sets, the serial of an SOA is left out. */
import { decodeMessage, type Edns, formatRdata, type ResourceRecord, typeName } from '../../src/dns/index.ts';

export interface Reply {
  readonly rcode: number;
  /** The second 16 bits of the header without the rcode, as four hexadecimal digits. */
  readonly flags: string;
  readonly question: string;
  /** One string a record, sorted. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  readonly opt: string;
}

export const AA = 0x0400;
export const TC = 0x0200;

/** @throws where it is no legal message */
export function readReply(octets: Uint8Array): Reply {
  const message = decodeMessage(octets);
  const header = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  return {
    rcode: message.rcode,
    flags: (header.readUInt16BE(2) & 0xfff0).toString(16).padStart(4, '0'),
    question: message.questions
      .map(({ name, type, class: class_ }) => `${name} ${class_} ${typeName(type)}`)
      .join(),
    answer: asSet(message.answer),
    authority: asSet(message.authority),
    additional: asSet(message.additional),
    opt: message.edns === undefined ? 'none' : optText(message.edns),
  };
}

export function hasFlag({ flags }: Reply, flag: number): boolean {
  return (Number.parseInt(flags, 16) & flag) !== 0;
}

function asSet(records: readonly ResourceRecord[]): string[] {
  return records.map(asText).toSorted();
}

function asText({ owner, ttl, type, class: class_, data }: ResourceRecord): string {
  const rdata = formatRdata(data);
  // The moment of the last change as each server saw it.
  const comparable = data.kind === 'SOA' ? rdata.replace(/^(\S+ \S+) \d+/, '$1 SERIAL') : rdata;
  return `${owner} ${ttl} ${class_} ${typeName(type)} ${comparable}`;
}

function optText({ udpSize, version, do: dnssecOk, z, options }: Edns): string {
  const list = options.map(({ code, data }) => `${code}:${Buffer.from(data).toString('hex')}`).toSorted();
  return `size=${udpSize} version=${version} do=${dnssecOk} z=${z} options=[${list.join()}]`;
}
