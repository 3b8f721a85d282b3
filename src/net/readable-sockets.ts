/** `epoll` for many sockets: one watch of the event loop, and one call for all that have something to read. */
import { limits } from '../limits.ts';
import type { Native, Watch } from './native.ts';
import { systemError } from './system-error.ts';

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/** `struct epoll_event`: packed on x64 alone. */
const EVENT = process.arch === 'x64' ? { bytes: 12, placeAt: 4 } : { bytes: 16, placeAt: 8 };
const TURN_AT = EVENT.placeAt + 4;

interface Place {
  /** Who has the place; undefined while it is free. */
  readable: (() => void) | undefined;
  /** How many had it: what the kernel says of one that has left is not for the next one. */
  turn: number;
}

export class ReadableSockets {
  readonly #native: Native;
  readonly #places: Place[] = [];
  readonly #free: number[] = [];
  readonly #event = new ArrayBuffer(EVENT.bytes);
  /** The kernel has its address: it must live as long as this object. */
  readonly #events = new ArrayBuffer(EVENT.bytes * limits.udpReadableSockets);
  readonly #eventsAddress: bigint;
  readonly #view = new DataView(this.#events);
  #epoll = -1;
  #watch: Watch | undefined;

  constructor(native: Native) {
    this.#native = native;
    this.#eventsAddress = native.addressOf(this.#events);
  }

  /**
   * From now on `readable` is called when the socket has something to read, or an error to tell, and again until that is read.
   * @returns the place, for `remove`
   * @throws {Error} with the `errno` and the `syscall` of the system's error
   */
  add(fd: number, readable: () => void): number {
    if (this.#places.length === this.#free.length) this.#open();
    const place = this.#free.pop() ?? this.#places.push({ readable: undefined, turn: 0 }) - 1;
    const entry = this.#places[place] as Place;
    const event = new DataView(this.#event);
    event.setUint32(0, EPOLLIN, true);
    event.setUint32(EVENT.placeAt, place, true);
    event.setUint32(TURN_AT, entry.turn, true);
    if (this.#native.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, this.#event) < 0) {
      const error = systemError(this.#native, 'epoll_ctl');
      this.#leave(place);
      throw error;
    }
    entry.readable = readable;
    return place;
  }

  /** To be called when the socket is closed: the kernel then forgets it by itself. The last one ends the watch. */
  remove(place: number): void {
    const entry = this.#places[place] as Place;
    entry.readable = undefined;
    entry.turn = (entry.turn + 1) >>> 0;
    this.#leave(place);
  }

  #leave(place: number): void {
    this.#free.push(place);
    if (this.#places.length === this.#free.length) this.#close();
  }

  #open(): void {
    this.#epoll = this.#native.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw systemError(this.#native, 'epoll_create1');
    this.#watch = this.#native.watch(this.#epoll, () => this.#readTurn());
  }

  #close(): void {
    this.#watch?.end();
    this.#watch = undefined;
    this.#native.close(this.#epoll);
    this.#epoll = -1;
  }

  #readTurn(): void {
    const count = this.#native.epoll_wait(this.#epoll, this.#eventsAddress, limits.udpReadableSockets, 0);
    for (let i = 0; i < count; i++) this.#read(i * EVENT.bytes);
  }

  #read(at: number): void {
    const entry = this.#places[this.#view.getUint32(at + EVENT.placeAt, true)];
    if (entry === undefined || entry.turn !== this.#view.getUint32(at + TURN_AT, true)) return;
    try {
      entry.readable?.();
    } catch (error) {
      // A defect: for the process to hear of. The other sockets are read all the same.
      setImmediate(() => {
        throw error;
      });
    }
  }
}
