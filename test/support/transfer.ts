/** A secondary: asks for zones over a TCP connection, and reads when it likes. Messages are read by dns-packet too. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import * as dnsPacket from 'dns-packet';
import { type Asked, framed, read } from './ask.ts';
import { until } from './until.ts';

export class Secondary implements Disposable {
  readonly socket: Socket;
  /** Whole messages so far. */
  readonly messages: Buffer[] = [];
  isClosed = false;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  private constructor(port: number, readBytes: number) {
    this.socket = connect({ host: '127.0.0.1', port, readableHighWaterMark: readBytes } as object as {
      port: number;
    });
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    for (const event of ['end', 'close', 'error']) {
      this.socket.on(event, () => {
        this.isClosed = true;
      });
    }
  }

  static async connect(port: number, readBytes = 65_536): Promise<Secondary> {
    const secondary = new Secondary(port, readBytes);
    await once(secondary.socket, 'connect');
    return secondary;
  }

  send(...queries: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(queries.map(framed)));
  }

  /** Messages with this ID. */
  messagesOf(id: number): Buffer[] {
    return this.messages.filter((message) => message.readUInt16BE() === id);
  }

  /** The transfer with this ID, when it is whole: at its second SOA, or where it is one message without a whole zone. */
  async transfer(id = 1): Promise<Transferred> {
    await until(`transfer ${id} ends`, () => this.isClosed || isWhole(this.messagesOf(id)));
    return transferred(this.messagesOf(id));
  }

  async closed(): Promise<void> {
    await until('the server ends the connection', () => this.isClosed);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < 2) return;
    let all = Buffer.concat(this.#pending);
    while (all.length >= 2 && all.length >= 2 + all.readUInt16BE()) {
      const end = 2 + all.readUInt16BE();
      this.messages.push(all.subarray(2, end));
      all = all.subarray(end);
    }
    this.#pending = [all];
    this.#pendingBytes = all.length;
  }
}

export interface Transferred {
  readonly messages: readonly Asked[];
  /** `owner TTL IN TYPE rdata` of all messages. */
  readonly records: readonly string[];
  readonly rcode: number;
  /** Octets of all messages. */
  readonly bytes: number;
}

function transferred(messages: readonly Buffer[]): Transferred {
  const all = messages.map(read);
  return {
    messages: all,
    records: all.flatMap(({ answer }) => answer),
    rcode: all.at(-1)?.rcode ?? -1,
    bytes: messages.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Whether the last message has an error, a SOA alone, or the second SOA at its end. */
function isWhole(messages: readonly Buffer[]): boolean {
  const last = messages.at(-1);
  if (last === undefined) return false;
  if ((last.readUInt8(3) & 0xf) !== 0) return true;
  const { answers = [] } = dnsPacket.decode(last);
  if (messages.length === 1 && answers.length <= 1) return true;
  return answers.at(-1)?.type === 'SOA';
}

export interface TransferQuery {
  readonly id?: number;
  /** An IXFR query from this serial on. Default: AXFR. */
  readonly serial?: number;
  /** Records of the authority section in place of the SOA. */
  readonly authorities?: dnsPacket.Answer[];
  readonly withEdns?: boolean;
}

/** The octets of an AXFR or IXFR query, written by dns-packet. */
export function transferQuery(zone: string, options: TransferQuery = {}): Uint8Array {
  const { id = 1, serial, authorities, withEdns = false } = options;
  const type = serial === undefined && authorities === undefined ? 'AXFR' : 'IXFR';
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0 };
  return dnsPacket.encode({
    type: 'query',
    id,
    questions: [{ name: zone, type: type as dnsPacket.RecordType }],
    authorities: authorities ?? (serial === undefined ? [] : [soa(zone, serial)]),
    additionals: (withEdns ? [opt] : []) as unknown as dnsPacket.Answer[],
  });
}

export function soa(name: string, serial: number): dnsPacket.Answer {
  const times = { refresh: 1, retry: 1, expire: 1, minimum: 1 };
  return { type: 'SOA', name, ttl: 0, data: { mname: 'ns', rname: 'root', serial, ...times } };
}

/** Asks for a zone on a connection of its own. */
export async function transfer(
  port: number,
  zone: string,
  options: TransferQuery = {},
): Promise<Transferred> {
  using secondary = await Secondary.connect(port);
  secondary.send(transferQuery(zone, options));
  return await secondary.transfer(options.id ?? 1);
}
