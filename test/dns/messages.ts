/** Short ways to write messages and octets in tests. */
import { type Message, Name, parseRecord, type ResourceRecord, RrType } from '../../src/dns/index.ts';

export const WHOLE = { limitBytes: 65_535 };
export const COMPRESSED = { limitBytes: 65_535, compressAboveBytes: 0 };

export function reply(parts: Partial<Message> = {}): Message {
  return {
    id: 0x1234,
    qr: true,
    opcode: 0,
    aa: true,
    tc: false,
    rd: true,
    ra: false,
    z: false,
    ad: false,
    cd: false,
    rcode: 0,
    questions: [],
    answer: [],
    authority: [],
    additional: [],
    edns: undefined,
    ...parts,
  };
}

export function question(name: string, type: number = RrType.A) {
  return { name: Name.fromText(name), type, class: 1 };
}

export function records(...texts: string[]): ResourceRecord[] {
  return texts.map((text) => parseRecord(text, { defaultTtl: 60 }));
}

/** Octets from hexadecimal, where spaces count for nothing and 'text' stands for its characters. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/'([^']*)'/g, (_, plain: string) => Buffer.from(plain).toString('hex'));
  return Uint8Array.from(Buffer.from(digits.replaceAll(/\s/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A response header with these counts, followed by `body`. */
export function raw(counts: readonly [number, number, number, number], body: string): Uint8Array {
  const head = ['1234', '8400', ...counts.map((count) => count.toString(16).padStart(4, '0'))];
  return hex(`${head.join('')}${body}`);
}
