/** A wall clock for a process that can be set while it runs; the clock that only counts on stays as it is. */
import { globSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

/** Whether libfaketime is installed. */
export const canSetClock = library !== undefined;

export class SetClock {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'clock');
    this.shift(0);
  }

  /** For the process. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Seconds from the true time. */
  shift(seconds: number): void {
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
