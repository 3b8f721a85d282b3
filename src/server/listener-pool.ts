/** The open sockets, by address. A reload gives them a new engine; sockets that both configurations have stay open. */
import { limits } from '../limits.ts';
import type { TcpSettings } from '../plugins/plugin.ts';
import type { SharedAnswers } from './answers/answer-reader.ts';
import type { Engine } from './engine.ts';
import type { ServerEvents } from './events.ts';
import { errorCode, type ListenAddress, listenerKey } from './listen-address.ts';
import { TcpListener } from './tcp.ts';
import type { PacketHandler } from './udp.ts';
import type { OpenUdp, UdpListening } from './udp-choice.ts';

export interface Served {
  readonly address: ListenAddress;
  readonly engine: Engine;
  /** Default: none. */
  readonly tcp?: TcpSettings | undefined;
  /** UDP sockets with a worker each. They stay as many while the address is served. Default: one, without. */
  readonly udpSockets?: number | undefined;
}

/** Who answers now: a reload changes it between two packets. */
class Current {
  /** One word: the engine's number, for other threads. */
  readonly scope = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  engine: Engine;
  tcp: TcpSettings | undefined;

  constructor(served: Served) {
    const { engine, tcp } = served;
    this.engine = engine;
    this.tcp = tcp;
    this.change(served);
  }

  change({ engine, tcp }: Pick<Served, 'engine' | 'tcp'>): void {
    this.engine = engine;
    this.tcp = tcp;
    Atomics.store(this.scope, 0, engine.scope);
  }
}

/** Kept answers, as those see them who read sockets. */
export interface Answers {
  share(scope: Int32Array): SharedAnswers;
}

/** UDP and TCP on one address and port. */
class Listener {
  readonly address: ListenAddress;
  readonly udpSockets: number | undefined;
  readonly current: Current;
  readonly udp: UdpListening;
  readonly tcp: TcpListener;

  private constructor(
    { address, udpSockets }: Served,
    current: Current,
    [udp, tcp]: readonly [UdpListening, TcpListener],
  ) {
    this.address = address;
    this.udpSockets = udpSockets;
    this.current = current;
    this.udp = udp;
    this.tcp = tcp;
  }

  static async open(
    served: Served,
    openUdp: OpenUdp,
    events: ServerEvents,
    answers: Answers,
  ): Promise<Listener> {
    const server = listenerKey(served.address);
    const current = new Current(served);
    const handler: PacketHandler = {
      handle: (packet) => current.engine.handle(packet),
      dropped: (reason) => events.dropped(server, reason),
    };
    const udp = { sockets: served.udpSockets, answers: answers.share(current.scope) };
    const both = await openBoth(
      served.address,
      (address) => openUdp(address, handler, udp),
      (address) => TcpListener.listen(address, handler, () => current.tcp ?? {}),
    );
    return new Listener(served, current, both);
  }

  async close(): Promise<void> {
    await Promise.all([this.udp.close(), this.tcp.close()]);
  }
}

export class ListenerPool {
  readonly #open = new Map<string, Listener>();
  readonly #openUdp: OpenUdp;
  readonly #events: ServerEvents;
  readonly #answers: Answers;

  constructor(openUdp: OpenUdp, events: ServerEvents, answers: Answers) {
    this.#openUdp = openUdp;
    this.#events = events;
    this.#answers = answers;
  }

  /**
   * Serves exactly these addresses. New sockets are opened before anything changes; where that fails, nothing does.
   * @throws {ListenError} an address cannot be bound
   */
  async serve(wanted: readonly Served[]): Promise<void> {
    const keys = new Set(wanted.map(({ address }) => listenerKey(address)));
    const missing = wanted.filter(({ address }) => !this.#open.has(listenerKey(address)));
    const leaving = [...this.#open.values()].filter(({ address }) => !keys.has(listenerKey(address)));
    // All addresses of a port and one of them cannot be open at a time: for such a change there is a short gap.
    const inTheWay = leaving.filter(({ udp }) => missing.some(({ address }) => address.port === udp.port));
    await this.#closeAll(inTheWay);
    try {
      await this.#openAll(missing);
    } catch (error) {
      await this.#openAll(
        inTheWay.map(({ address, udpSockets, current: { engine, tcp = {} } }) => {
          return { address, udpSockets, engine, tcp };
        }),
      );
      throw error;
    }
    for (const { address, engine, tcp } of wanted) {
      const listener = this.#open.get(listenerKey(address));
      listener?.current.change({ engine, tcp });
    }
    await this.#closeAll(leaving.filter((listener) => !inTheWay.includes(listener)));
  }

  /** All of them, or none. */
  async #openAll(wanted: readonly Served[]): Promise<void> {
    const opened: Listener[] = [];
    try {
      for (const served of wanted) {
        opened.push(await Listener.open(served, this.#openUdp, this.#events, this.#answers));
      }
    } catch (error) {
      await Promise.all(opened.map((listener) => listener.close()));
      throw error;
    }
    for (const listener of opened) this.#open.set(listenerKey(listener.address), listener);
  }

  async #closeAll(listeners: readonly Listener[]): Promise<void> {
    for (const { address } of listeners) this.#open.delete(listenerKey(address));
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  /** Ports that are open, by listener key: what a key with port 0 has become. */
  ports(): ReadonlyMap<string, number> {
    return new Map([...this.#open].map(([key, listener]) => [key, listener.udp.port]));
  }

  async close(): Promise<void> {
    await this.#closeAll([...this.#open.values()]);
  }
}

/** UDP and TCP on the same port, also where the kernel chooses it. */
async function openBoth(
  address: ListenAddress,
  openUdp: (address: ListenAddress) => Promise<UdpListening>,
  openTcp: (address: ListenAddress) => Promise<TcpListener>,
): Promise<[UdpListening, TcpListener]> {
  for (let attempt = 1; ; attempt++) {
    const udp = await openUdp(address);
    try {
      return [udp, await openTcp({ ...address, port: udp.port })];
    } catch (error) {
      await udp.close();
      const isTaken = error instanceof Error && errorCode(error.cause) === 'EADDRINUSE';
      if (address.port !== 0 || !isTaken || attempt >= limits.freePortAttempts) throw error;
    }
  }
}
