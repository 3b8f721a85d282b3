/** Asks a server on loopback over real sockets; messages are written and read by dns-packet, which nobody here wrote. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as dnsPacket from 'dns-packet';
import { decodeMessage } from '../../src/dns/index.ts';
import { formatRecord } from '../../src/dns/text/record.ts';

export type Transport = 'udp' | 'tcp';

const TIMEOUT_MS = 10_000;

export interface Asked {
  readonly rcode: number;
  /** The second 16 bits of the header. */
  readonly flags: number;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  readonly question: readonly string[];
  readonly bytes: Uint8Array;
}

export interface AskOptions {
  readonly transport?: Transport;
  /** Adds an OPT with this size. */
  readonly udpSize?: number;
  readonly dnssecOk?: boolean;
}

/** A query as octets: ID 4711, RD set. */
export function queryBytes(name: string, type: string, options: AskOptions = {}): Uint8Array {
  const { udpSize, dnssecOk = false } = options;
  const additionals =
    udpSize === undefined
      ? []
      : [
          {
            type: 'OPT' as const,
            name: '.',
            udpPayloadSize: udpSize,
            flags: dnssecOk ? dnsPacket.DNSSEC_OK : 0,
          },
        ];
  return dnsPacket.encode({
    type: 'query',
    id: 4711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name: name.replace(/\.$/, '') || '.', type: type as dnsPacket.RecordType }],
    // The types of dns-packet want more of an OPT than it needs.
    additionals: additionals as unknown as dnsPacket.Answer[],
  });
}

export async function ask(
  port: number,
  name: string,
  type: string,
  options: AskOptions = {},
): Promise<Asked> {
  const reply = await exchange(port, queryBytes(name, type, options), options.transport ?? 'udp');
  if (reply === undefined) throw new Error(`no reply to ${name} ${type}`);
  return read(reply);
}

/** Sends octets, gives the first reply. Over UDP undefined where there is none to a later well-formed query's answer. */
export async function exchange(
  port: number,
  bytes: Uint8Array,
  transport: Transport,
): Promise<Uint8Array | undefined> {
  return transport === 'udp' ? exchangeUdp(port, bytes) : exchangeTcp(port, bytes);
}

async function exchangeUdp(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  const socket = createSocket('udp4');
  try {
    socket.send(bytes, port, '127.0.0.1');
    const [reply] = (await once(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [
      Uint8Array,
    ];
    return reply;
  } finally {
    socket.close();
  }
}

async function exchangeTcp(port: number, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const [reply] = await exchangeAllTcp(port, [bytes], 1);
  return reply;
}

/** Sends several messages in one write over one connection, and waits for `count` replies or the end. */
export async function exchangeAllTcp(
  port: number,
  messages: readonly Uint8Array[],
  count: number,
): Promise<Uint8Array[]> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no reply over TCP')));
  const replies: Uint8Array[] = [];
  let pending = Buffer.alloc(0);
  try {
    socket.write(Buffer.concat(messages.map(framed)));
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        replies.push(Uint8Array.prototype.slice.call(pending, 2, end));
        pending = pending.subarray(end);
      }
      if (replies.length >= count) break;
    }
    return replies;
  } finally {
    socket.destroy();
  }
}

export function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** A reply as text, one string a record: `owner TTL IN TYPE rdata`. Must be legal to dns-packet too. */
export function read(bytes: Uint8Array): Asked {
  dnsPacket.decode(Buffer.from(bytes));
  const message = decodeMessage(bytes);
  const texts = (records: typeof message.answer) =>
    records.map((rr) => formatRecord(rr).replaceAll('\t', ' '));
  return {
    rcode: message.rcode,
    flags: Buffer.from(bytes).readUInt16BE(2),
    answer: texts(message.answer),
    authority: texts(message.authority),
    additional: texts(message.additional),
    question: message.questions.map(({ name, type }) => `${name} ${type}`),
    bytes,
  };
}
