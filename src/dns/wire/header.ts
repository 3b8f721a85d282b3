/** The twelve octets at the head of a message (RFC 1035 §4.1.1, AD and CD of RFC 4035 §3.2.2 and §3.1.6). */
import { WireError } from '../errors.ts';
import type { Header } from '../message.ts';

export const HEADER_BYTES = 12;

const QR = 0x8000;
const AA = 0x0400;
const TC = 0x0200;
const RD = 0x0100;
const RA = 0x0080;
const Z = 0x0040;
const AD = 0x0020;
const CD = 0x0010;

/** The header as it stands in the octets; the rcode without the upper bits that an OPT may add. */
export interface WireHeader extends Header {
  readonly questionCount: number;
  readonly answerCount: number;
  readonly authorityCount: number;
  readonly additionalCount: number;
}

/**
 * Reads the header alone, for the tests that come before decoding.
 * @throws {WireError} fewer than 12 octets
 */
export function readHeader(bytes: Uint8Array): WireHeader {
  if (bytes.length < HEADER_BYTES) throw new WireError(`${bytes.length} octets hold no header`, bytes.length);
  const flags = u16(bytes, 2);
  return {
    id: u16(bytes, 0),
    qr: (flags & QR) !== 0,
    opcode: (flags >> 11) & 0xf,
    aa: (flags & AA) !== 0,
    tc: (flags & TC) !== 0,
    rd: (flags & RD) !== 0,
    ra: (flags & RA) !== 0,
    z: (flags & Z) !== 0,
    ad: (flags & AD) !== 0,
    cd: (flags & CD) !== 0,
    rcode: flags & 0xf,
    questionCount: u16(bytes, 4),
    answerCount: u16(bytes, 6),
    authorityCount: u16(bytes, 8),
    additionalCount: u16(bytes, 10),
  };
}

/**
 * The second 16 bits of a header, with the low four bits of the rcode.
 * @throws {WireError} an opcode of more than four bits
 */
export function headerFlags(header: Header, truncated: boolean): number {
  if (header.opcode !== (header.opcode & 0xf)) throw new WireError(`opcode ${header.opcode} has over 4 bits`);
  return (
    (header.qr ? QR : 0) |
    (header.opcode << 11) |
    (header.aa ? AA : 0) |
    (truncated ? TC : 0) |
    (header.rd ? RD : 0) |
    (header.ra ? RA : 0) |
    (header.z ? Z : 0) |
    (header.ad ? AD : 0) |
    (header.cd ? CD : 0) |
    (header.rcode & 0xf)
  );
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
