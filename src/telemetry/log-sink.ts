/**
 * Where log lines go: collected for one turn of the event loop, then written to a descriptor in the background. Not
 * pino's own stream: at exit that tries for ever to write to a full disk, and it counts what it drops in chunks.
 */
import { write, writeSync } from 'node:fs';
import { limits } from '../limits.ts';

const RETRY_MS = 20;

export class LogSink {
  readonly #fd: number;
  readonly #onDrop: (lines: number) => void;
  /** Whole lines that wait for their turn. */
  #pending = '';
  /** What the kernel has not taken yet of the write under way. */
  #writing: Uint8Array | undefined;
  #turn: NodeJS.Immediate | undefined;
  #idle = Promise.withResolvers<void>();

  /** @param onDrop hears of lines that found the buffer full, or could not be written */
  constructor(fd: number, onDrop: (lines: number) => void) {
    this.#fd = fd;
    this.#onDrop = onDrop;
    process.on('exit', this.flush);
  }

  /** Takes one whole line, its line feed included. */
  write(line: string): void {
    if (this.#pending.length + line.length > limits.logBufferChars) {
      this.#onDrop(1);
      return;
    }
    this.#pending += line;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#next();
    });
  }

  /** Blocks until all that waits is out, but not for a reader that hangs: before the process ends. */
  readonly flush = (): void => {
    let rest: Uint8Array = Buffer.from(this.#pending);
    this.#pending = '';
    for (let tries = 0; rest.length > 0 && tries < limits.logFlushTries; tries++) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
        tries = 0;
      } catch (error) {
        if (!isBusy(error)) break;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
    this.#drop(rest);
  };

  /** Lets the lines go out, then lets go of the process; the descriptor stays open. */
  async close(): Promise<void> {
    this.#next();
    const late = setTimeout(() => this.#idle.resolve(), limits.logCloseMs);
    if (this.#writing !== undefined) await this.#idle.promise;
    clearTimeout(late);
    this.flush();
    process.off('exit', this.flush);
  }

  /** One write at a time: what comes meanwhile waits, where its bound is counted in lines. */
  #next(): void {
    if (this.#writing !== undefined) return;
    if (this.#pending === '') {
      this.#idle.resolve();
      this.#idle = Promise.withResolvers();
      return;
    }
    this.#writing = Buffer.from(this.#pending);
    this.#pending = '';
    this.#writeOn(this.#writing);
  }

  #writeOn(bytes: Uint8Array): void {
    this.#writing = bytes;
    write(this.#fd, bytes, (error, written) => {
      if (isBusy(error)) {
        setTimeout(() => this.#writeOn(bytes), RETRY_MS);
        return;
      }
      // A full disk or a closed pipe must not stop answers: these lines are lost, the next ones try again.
      if (error) this.#drop(bytes);
      const rest = error ? undefined : bytes.subarray(written);
      if (rest !== undefined && rest.length > 0) {
        this.#writeOn(rest);
        return;
      }
      this.#writing = undefined;
      this.#next();
    });
  }

  #drop(bytes: Uint8Array): void {
    const lines = bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0);
    if (lines > 0) this.#onDrop(lines);
  }
}

/** A pipe that does not block, and whose reader is slow. */
function isBusy(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'EAGAIN' || code === 'EBUSY';
}
