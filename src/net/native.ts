/**
 * The C library's calls for sockets, by `node:ffi`: the one file that calls native code. A buffer lives for the call that it is
 * handed to; one whose address is handed on must be kept alive by the caller for as long as the kernel may use it.
 */
import { endianness } from 'node:os';

export interface Native {
  /** As the functions of the C library: -1 for an error, whose number `errno` gives. */
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: ArrayBuffer, bytes: number): number;
  connect(fd: number, address: ArrayBuffer, bytes: number): number;
  getsockname(fd: number, address: ArrayBuffer, bytes: ArrayBuffer): number;
  setsockopt(fd: number, level: number, option: number, value: ArrayBuffer, bytes: number): number;
  /** Without a timeout. */
  recvmmsg(fd: number, messages: bigint, count: number, flags: number): number;
  sendmmsg(fd: number, messages: bigint, count: number, flags: number): number;
  read(fd: number, octets: bigint, bytes: number): number;
  write(fd: number, octets: bigint, bytes: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: ArrayBuffer): number;
  epoll_wait(epoll: number, events: bigint, count: number, timeoutMs: number): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  /** To be asked right after the call. */
  errno(): number;
  addressOf(buffer: ArrayBuffer): bigint;
  /**
   * Calls back while the descriptor has something to read: on the main thread, in each turn of its event loop, and where promises
   * and errors have their usual ways. Not once it has ended.
   */
  watch(fd: number, isReadable: () => void): Watch;
}

export interface Watch {
  end(): void;
}

const POINTER = 'pointer';
const INT = 'int32';
const COUNT = 'uint32';
const NULL = 0n;
/** `size_t` and `ssize_t` of numbers below 2 ** 31: the upper half of a register is zero, or is not looked at. */
const SIZE = COUNT;
const UV_POLL = 8;
const UV_READABLE = 1;

/** @returns the reason where native calls cannot be had */
export function loadNative(): Native | string {
  const unfit = unfitPlatform();
  if (unfit !== undefined) return unfit;
  const ffi = quietly(() => process.getBuiltinModule('node:ffi'));
  if (ffi === undefined) return 'this Node has no node:ffi';
  try {
    const { lib, functions } = ffi.dlopen(null, {
      socket: { return: INT, arguments: [INT, INT, INT] },
      bind: { return: INT, arguments: [INT, POINTER, COUNT] },
      connect: { return: INT, arguments: [INT, POINTER, COUNT] },
      getsockname: { return: INT, arguments: [INT, POINTER, POINTER] },
      setsockopt: { return: INT, arguments: [INT, INT, INT, POINTER, COUNT] },
      recvmmsg: { return: INT, arguments: [INT, POINTER, COUNT, INT, POINTER] },
      sendmmsg: { return: INT, arguments: [INT, POINTER, COUNT, INT] },
      read: { return: INT, arguments: [INT, POINTER, SIZE] },
      write: { return: INT, arguments: [INT, POINTER, SIZE] },
      epoll_create1: { return: INT, arguments: [INT] },
      epoll_ctl: { return: INT, arguments: [INT, INT, INT, POINTER] },
      epoll_wait: { return: INT, arguments: [INT, POINTER, INT, INT] },
      shutdown: { return: INT, arguments: [INT, INT] },
      close: { return: INT, arguments: [INT] },
      __errno_location: { return: POINTER, arguments: [] },
      uv_handle_size: { return: 'uint64', arguments: [INT] },
      uv_poll_init: { return: INT, arguments: [POINTER, POINTER, INT] },
      uv_poll_start: { return: INT, arguments: [POINTER, INT, POINTER] },
      uv_close: { return: 'void', arguments: [POINTER, POINTER] },
    });
    // Each thread has its own.
    const errnoAddress = functions.__errno_location();
    return {
      ...functions,
      recvmmsg: (fd, messages, count, flags) => functions.recvmmsg(fd, messages, count, flags, NULL),
      errno: () => ffi.getInt32(errnoAddress, 0),
      addressOf: (buffer) => ffi.getRawPointer(buffer),
      watch: watcher({
        ...functions,
        addressOf: (buffer) => ffi.getRawPointer(buffer),
        loop: () => ffi.getCurrentEventLoop(),
        callback: (call) => lib.registerCallback({ return: 'void', arguments: [POINTER, INT, INT] }, call),
      }),
    };
  } catch (error) {
    // A permission, or a C library without one of them.
    return error instanceof Error ? error.message : String(error);
  }
}

/** libuv's functions, which Node has for its addons. */
interface Uv {
  uv_handle_size(type: number): bigint;
  uv_poll_init(loop: bigint, handle: bigint, fd: number): number;
  uv_poll_start(handle: bigint, events: number, callback: bigint): number;
  uv_close(handle: bigint, closed: bigint): void;
  loop(): bigint;
  addressOf(buffer: ArrayBuffer): bigint;
  callback(call: (handle: unknown) => void): bigint;
}

class Handle {
  readonly memory: ArrayBuffer;
  readonly #call: () => void;
  #isDue = false;
  #hasEnded = false;

  constructor(memory: ArrayBuffer, call: () => void) {
    this.memory = memory;
    this.#call = call;
  }

  /** What libuv calls is no place for promises: they would wait for the next callback of Node's own. */
  readable(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#tell);
  }

  end(): void {
    this.#hasEnded = true;
  }

  readonly #tell = (): void => {
    this.#isDue = false;
    // The number of a descriptor that is closed may be another's by now.
    if (!this.#hasEnded) this.#call();
  };
}

function watcher(uv: Uv): Native['watch'] {
  /** By address. libuv writes to a handle until the turn after its end. */
  const handles = new Map<unknown, Handle>();
  let callback: bigint | undefined;
  return (fd, isReadable) => {
    callback ??= uv.callback((handle) => handles.get(handle)?.readable());
    const memory = new ArrayBuffer(Number(uv.uv_handle_size(UV_POLL)));
    const handle = uv.addressOf(memory);
    const entry = new Handle(memory, isReadable);
    handles.set(handle, entry);
    const error = uv.uv_poll_init(uv.loop(), handle, fd) || uv.uv_poll_start(handle, UV_READABLE, callback);
    if (error !== 0) throw new Error(`uv_poll: error ${error}`);
    return {
      end: () => {
        entry.end();
        uv.uv_close(handle, NULL);
        setImmediate(() => setImmediate(() => handles.delete(handle)));
      },
    };
  };
}

/** `message-header.ts` knows the kernel's structures as these have them. */
function unfitPlatform(): string | undefined {
  if (process.platform !== 'linux') return `${process.platform} has no recvmmsg`;
  const isFit = ['x64', 'arm64'].includes(process.arch) && endianness() === 'LE';
  return isFit ? undefined : `${process.arch} is not among the processors that it is made for`;
}

/** Node warns of each experimental module on standard error: an operator has not asked for it, and the log says what is used. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
