/** Clients that ask without a pause, each query once: over one UDP socket, and over one TCP connection. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { framed, queryBytes, read } from './ask.ts';
import { until } from './until.ts';

const UDP_IN_FLIGHT = 8;
const IDS = 65_536;

export class SteadyStream {
  readonly #query: Buffer;
  readonly #udp: UdpSocket;
  readonly #tcp: Socket;
  /** IDs of queries that have no reply yet. */
  readonly #waiting = { udp: new Set<number>(), tcp: new Set<number>() };
  /** Different answers, as text. */
  readonly answers = new Set<string>();
  answered = 0;
  #nextId = 0;
  #ending = false;
  #broken: string | undefined;

  private constructor(query: Uint8Array, udp: UdpSocket, tcp: Socket) {
    this.#query = Buffer.from(query);
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on('message', (reply) => this.#take('udp', reply));
    tcp.on(
      'data',
      framesOf((reply) => this.#take('tcp', reply)),
    );
    tcp.on('close', () => {
      if (!this.#ending) this.#broken = 'the TCP connection was closed';
    });
  }

  static async start(port: number, name: string, type: string): Promise<SteadyStream> {
    const udp = createSocket('udp4');
    udp.connect(port, '127.0.0.1');
    const tcp = connect({ host: '127.0.0.1', port });
    tcp.on('error', () => {});
    await Promise.all([once(udp, 'connect'), once(tcp, 'connect')]);
    const stream = new SteadyStream(queryBytes(name, type), udp, tcp);
    for (let i = 0; i < UDP_IN_FLIGHT; i++) stream.#ask('udp');
    stream.#ask('tcp');
    return stream;
  }

  /**
   * Asks nothing more, and waits for what is missing.
   * @throws {Error} a query is lost, or the connection
   */
  async end(): Promise<void> {
    this.#ending = true;
    try {
      await until('every query of the stream is answered', () => {
        if (this.#broken !== undefined) throw new Error(this.#broken);
        return this.#waiting.udp.size + this.#waiting.tcp.size === 0;
      });
    } finally {
      this.#udp.close();
      this.#tcp.destroy();
    }
  }

  #ask(transport: 'udp' | 'tcp'): void {
    const query = Buffer.from(this.#query);
    const id = this.#nextId++ % IDS;
    query.writeUInt16BE(id);
    this.#waiting[transport].add(id);
    if (transport === 'udp') this.#udp.send(query);
    else this.#tcp.write(framed(query));
  }

  #take(transport: 'udp' | 'tcp', reply: Buffer): void {
    if (!this.#waiting[transport].delete(reply.readUInt16BE())) return;
    this.answered++;
    const { rcode, answer } = read(reply);
    this.answers.add(`${rcode} ${answer.join(', ')}`);
    if (!this.#ending) this.#ask(transport);
  }
}

/** Cuts what comes over a connection into messages. */
function framesOf(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE()) {
      const end = 2 + pending.readUInt16BE();
      take(pending.subarray(2, end));
      pending = pending.subarray(end);
    }
  };
}
