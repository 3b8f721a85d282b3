/**
 * A thread that asks a server as fast as it can, from many sockets, and judges every reply. The other side says in shared memory which
 * versions may be seen; what this one has seen once, nobody may take back.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { decodeMessage } from '../../src/dns/index.ts';
import { Random } from '../conformance/world/random.ts';
import { type LoadQuestion, loadQuestions, versionIn } from './load-questions.ts';

export interface LoadData {
  readonly port: number;
  readonly seed: number;
  /** By Service: the newest version that a server may know. */
  readonly announced: Int32Array;
  /** By Service: the oldest version that may still be said. */
  readonly floor: Int32Array;
}

export interface LoadFigures {
  readonly sent: number;
  /** All that came, late ones too. */
  readonly received: number;
  readonly nonexistent: number;
  /** Not there after a while, nor later. */
  readonly lost: number;
  readonly errors: number;
  /** The first of the errors. */
  readonly described: readonly string[];
}

const SOCKETS = 16;
/** Queries of a socket that wait for replies: all of them find room in every buffer on the way. */
const WINDOW = 16;
const RECEIVE_BUFFER_BYTES = 1 << 20;
const PATIENCE_MS = 3000;
const SWEEP_MS = 500;
const DESCRIBED = 20;

interface Pending {
  readonly question: LoadQuestion;
  readonly oldest: number;
  readonly sentAt: number;
}

class Load {
  readonly #data: LoadData;
  readonly #random: Random;
  readonly #seen: Int32Array;
  readonly #clients: Client[] = [];
  readonly #described: string[] = [];
  #sent = 0;
  #received = 0;
  #nonexistent = 0;
  #errors = 0;
  isEnding = false;

  constructor(data: LoadData) {
    this.#data = data;
    this.#random = new Random(data.seed);
    this.#seen = new Int32Array(data.floor.length);
  }

  async start(): Promise<void> {
    for (let i = 0; i < SOCKETS; i++) this.#clients.push(await Client.open(this.#data.port, this));
    for (const client of this.#clients) for (let i = 0; i < WINDOW; i++) client.ask();
  }

  get ports(): number[] {
    return this.#clients.map(({ port }) => port);
  }

  sweep(): void {
    for (const client of this.#clients) client.giveUp();
  }

  /** Asks nothing more, and waits for what is under way. The sockets stay: the kernel knows what it had no room for. */
  async end(): Promise<LoadFigures> {
    this.isEnding = true;
    while (this.#clients.some(({ waiting }) => waiting > 0)) {
      await sleep(SWEEP_MS);
      this.sweep();
    }
    const [sent, received, nonexistent] = [this.#sent, this.#received, this.#nonexistent];
    const [errors, described] = [this.#errors, this.#described];
    return { sent, received, nonexistent, lost: sent - received, errors, described };
  }

  next(): Pending {
    this.#sent++;
    const question = this.#random.pick(loadQuestions);
    const at = question.service?.at ?? -1;
    const oldest = at < 0 ? 0 : Math.max(Atomics.load(this.#data.floor, at), this.#seen[at] ?? 0);
    return { question, oldest, sentAt: performance.now() };
  }

  judge(reply: Buffer, pending: Pending | undefined): void {
    this.#received++;
    const wrong = pending === undefined ? 'nobody asked' : this.#wrong(reply, pending);
    if (wrong === undefined) return;
    this.#errors++;
    const about = pending === undefined ? '' : `${pending.question.name} ${pending.question.type}`;
    if (this.#described.length < DESCRIBED)
      this.#described.push(`${about}: ${wrong}\n${reply.toString('hex')}`);
  }

  #wrong(reply: Buffer, { question, oldest }: Pending): string | undefined {
    const { octets, service } = question;
    // Question for question, octet by octet; an OPT of the query is behind it.
    const end = octets.length - (octets[11] === 0 ? 0 : 11);
    if (octets.compare(reply, 12, end, 12, end) !== 0) return 'another question';
    let message: ReturnType<typeof decodeMessage>;
    try {
      message = decodeMessage(reply);
    } catch (error) {
      return String(error);
    }
    if (!message.qr || !message.aa || message.questions.length !== 1) return 'another header';
    if ((message.edns === undefined) !== (octets[11] === 0)) return 'EDNS of another';
    const newest = service === undefined ? 0 : Atomics.load(this.#data.announced, service.at);
    const version = versionIn(message, question, { oldest, newest });
    if (typeof version === 'string') return version;
    if (message.rcode !== 0) this.#nonexistent++;
    if (service !== undefined && version > (this.#seen[service.at] ?? 0)) this.#seen[service.at] = version;
    return undefined;
  }
}

class Client {
  readonly #socket: Socket;
  readonly #load: Load;
  readonly #pending = new Map<number, Pending>();
  /** Given up: their replies may come yet. */
  readonly #late = new Map<number, Pending>();
  #lastId: number;

  private constructor(socket: Socket, load: Load) {
    this.#socket = socket;
    this.#load = load;
    this.#lastId = socket.address().port;
    socket.on('message', (reply) => this.#receive(reply));
  }

  static async open(port: number, load: Load): Promise<Client> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Client(socket, load);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  ask(): void {
    do this.#lastId = (this.#lastId + 1) & 0xffff;
    while (this.#pending.has(this.#lastId) || this.#late.has(this.#lastId));
    const pending = this.#load.next();
    this.#pending.set(this.#lastId, pending);
    const octets = Buffer.from(pending.question.octets);
    octets.writeUInt16BE(this.#lastId, 0);
    this.#socket.send(octets);
  }

  giveUp(): void {
    const before = performance.now() - PATIENCE_MS;
    for (const [id, pending] of this.#pending) {
      if (pending.sentAt > before) continue;
      this.#pending.delete(id);
      this.#late.set(id, pending);
      if (!this.#load.isEnding) this.ask();
    }
  }

  #receive(reply: Buffer): void {
    const id = reply.length < 2 ? -1 : reply.readUInt16BE(0);
    const pending = this.#pending.get(id) ?? this.#late.get(id);
    const isAwaited = this.#pending.delete(id);
    this.#late.delete(id);
    this.#load.judge(reply, pending);
    if (isAwaited && !this.#load.isEnding) this.ask();
  }
}

async function run(data: LoadData): Promise<void> {
  const load = new Load(data);
  const sweep = setInterval(() => load.sweep(), SWEEP_MS);
  await load.start();
  parentPort?.postMessage(load.ports);
  if (parentPort !== null) await once(parentPort, 'message');
  clearInterval(sweep);
  parentPort?.postMessage(await load.end());
}

await run(workerData);
