/** Keeps the entries of a hosts file as it is on disk. */
import { GenerationCounter } from '../../cluster/generation.ts';
import { limits } from '../../limits.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { repeat } from '../periodic.ts';
import { readTextFile, type TextFile } from '../text-file.ts';
import { HostTable, type TableOptions } from './table.ts';

export interface HostsFileOptions {
  readonly path: string;
  /** 0: the file is read once. */
  readonly reloadMs: number;
  readonly table: TableOptions;
  /** Entries that are counted together with those of the file. */
  readonly inline: HostTable;
}

export class HostsFile {
  readonly #options: HostsFileOptions;
  readonly #log: Logger;
  readonly #setEntries: (entries: number) => void;
  readonly #setChanged: (seconds: number) => void;
  #known: Pick<TextFile, 'size' | 'mtimeNs'> | undefined;
  #complaint = '';
  #stopRepeating = () => {};
  #stopped = false;
  #checkedAt = 0;
  /** Changes with the entries. */
  readonly generation = new GenerationCounter();
  table: HostTable;

  constructor(options: HostsFileOptions, metrics: Metrics, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.table = new HostTable(options.table);
    const entries = metrics
      .gauge('coredns_hosts_entries', 'The combined number of entries in hosts and Corefile.', ['hostsfile'])
      .labels(options.path);
    const changed = metrics
      .gauge('coredns_hosts_reload_timestamp_seconds', 'The timestamp of the last reload of hosts file.', [])
      .labels();
    this.#setEntries = (count) => entries.set(count);
    this.#setChanged = (seconds) => changed.set(seconds);
  }

  /** Until then the entries stay as they are: milliseconds of `performance.now()`. */
  get nextCheckMs(): number {
    const { reloadMs } = this.#options;
    return reloadMs === 0 ? Number.POSITIVE_INFINITY : this.#checkedAt + reloadMs;
  }

  async start(): Promise<void> {
    this.#setEntries(this.#options.inline.size);
    await this.#check();
    const { reloadMs } = this.#options;
    if (reloadMs > 0 && !this.#stopped) this.#stopRepeating = repeat(reloadMs, () => this.#check());
  }

  stop(): void {
    this.#stopped = true;
    this.#stopRepeating();
  }

  /** Takes the file's entries where it has changed; whatever is wrong with it, the old ones stay. */
  async #check(): Promise<void> {
    this.#checkedAt = performance.now();
    try {
      const file = await readTextFile(this.#options.path, limits.hostsFileBytes, this.#known);
      this.#complaint = '';
      if (file !== undefined) await this.#take(file);
    } catch (error) {
      this.#complain(error as NodeJS.ErrnoException);
    }
  }

  async #take({ text, size, mtimeNs }: TextFile): Promise<void> {
    const table = new HostTable(this.#options.table);
    await table.addAll(text);
    // The metrics may be another instance's by now.
    if (this.#stopped) return;
    this.table = table;
    this.generation.advance();
    this.#known = { size, mtimeNs };
    this.#setEntries(this.#options.inline.size + table.size);
    this.#setChanged(Number(mtimeNs) / 1e9);
    this.#log.debug(`Parsed hosts file into ${table.size} entries`);
    this.#reportLeftOut(table);
  }

  #reportLeftOut({ illegalNames, surplusNames }: HostTable): void {
    const { path } = this.#options;
    if (illegalNames > 0) this.#log.warning(`${illegalNames} names in ${path} are no domain names: left out`);
    if (surplusNames > 0) {
      this.#log.error(`${path} has more than ${limits.hostsNames} names: the last ${surplusNames} left out`);
    }
  }

  /** Once for each mistake; that the file is not there yet was said at setup. */
  #complain({ code, message }: NodeJS.ErrnoException): void {
    if (code === 'ENOENT' && this.#known === undefined) return;
    if (message !== this.#complaint) this.#log.error(`Hosts file is not read, entries stay: ${message}`);
    this.#complaint = message;
  }
}
