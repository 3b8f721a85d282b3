/** A DNS message as a value (RFC 1035 §4.1). The OPT pseudo-record (RFC 6891) is `edns`, never in `additional`. */
import type { Name } from './name.ts';
import type { ResourceRecord } from './record.ts';

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** RFC 6891 §6.1. The upper bits of an extended rcode are part of the message's `rcode`. */
export interface Edns {
  /** Octets of UDP payload that the sender can take. */
  readonly udpSize: number;
  readonly version: number;
  readonly do: boolean;
  /** The 15 flag bits beside DO; must be zero today (RFC 6891 §6.1.4). */
  readonly z: number;
  readonly options: readonly EdnsOption[];
}

export interface Header {
  readonly id: number;
  readonly qr: boolean;
  readonly opcode: number;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  /** The reserved bit (RFC 1035 §4.1.1). */
  readonly z: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
  /** With EDNS the 12-bit extended rcode (RFC 6891 §6.1.3). */
  readonly rcode: number;
}

export interface Message extends Header {
  readonly questions: readonly Question[];
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  readonly edns?: Edns | undefined;
}
