/** UDP datagrams made by hand, that claim to be from where no socket of ours is. */
import { AF_INET } from '../../src/net/socket-name.ts';
import { ENVELOPE } from '../../src/server/batched/envelope.ts';
import { SendBatch } from '../../src/server/batched/send-batch.ts';
import { memoryOf } from '../../src/server/memory.ts';
import { native } from './udp-kinds.ts';

const SOCK_RAW = 3;
const IPPROTO_UDP = 17;
const HEADER_BYTES = 8;
const NAME_BYTES = 16;

export interface Source {
  /** Last octet of 127.0.0.0/24. */
  readonly host: number;
  readonly port: number;
}

/** Sends to 127.0.0.1. @returns whether this process may */
export function sendFrom({ host, port: from }: Source, octets: Uint8Array, port: number): boolean {
  if (native === undefined) return false;
  const fd = native.socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
  if (fd < 0) return false;
  try {
    const source = nameOf(host);
    if (native.bind(fd, source, source.byteLength) < 0) throw new Error('the kernel does not bind it');
    const batch = new SendBatch(native, 1);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(from, 0);
    header.writeUInt16BE(port, 2);
    header.writeUInt16BE(HEADER_BYTES + octets.length, 4);
    addTo(port, Buffer.concat([header, octets]), batch);
    batch.send(fd, () => {
      throw new Error('the kernel does not take it');
    });
    return true;
  } finally {
    native.close(fd);
  }
}

/** A datagram to a port of 127.0.0.1. */
export function addTo(port: number, octets: Uint8Array, batch: SendBatch): void {
  const envelope = memoryOf(new ArrayBuffer(ENVELOPE.bytes));
  envelope.octets.set(new Uint8Array(nameOf(1, port)), ENVELOPE.nameAt);
  envelope.words[ENVELOPE.nameLengthAt >> 2] = NAME_BYTES;
  batch.memory.octets.set(octets, batch.payloadAt);
  batch.add(octets.length, envelope, 0);
}

function nameOf(host: number, port = 0): ArrayBuffer {
  const name = new ArrayBuffer(NAME_BYTES);
  new Uint8Array(name).set([AF_INET, 0, port >> 8, port & 255, 127, 0, 0, host]);
  return name;
}
