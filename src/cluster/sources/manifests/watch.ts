/** Signs that something changed in a set of folders. None is certain to come: a poll stands behind it. */
import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './scan.ts';

interface Watched {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

export class FolderWatch {
  readonly #onChange: (path: string) => void;
  readonly #onFailure: (line: string) => void;
  readonly #watched = new Map<string, Watched>();
  /** Folders whose failure is told; each `follow` tries them again. */
  readonly #failed = new Set<string>();

  /** `onChange` gets the path that changed, or its folder where the system does not say. */
  constructor(onChange: (path: string) => void, onFailure: (line: string) => void) {
    this.#onChange = onChange;
    this.#onFailure = onFailure;
  }

  /** Watches these folders and no others. A folder of the same name but another identity is another folder. */
  follow(folders: ReadonlyMap<string, string>): void {
    for (const [folder, { identity }] of this.#watched) {
      if (folders.get(folder) !== identity) this.#leave(folder);
    }
    for (const [folder, identity] of folders) {
      if (!this.#watched.has(folder)) this.#enter(folder, identity);
    }
  }

  close(): void {
    for (const folder of [...this.#watched.keys()]) this.#leave(folder);
  }

  #enter(folder: string, identity: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        this.#onChange(name === null ? folder : join(folder, name));
      });
      watcher.on('error', (error) => {
        this.#leave(folder);
        this.#fail(folder, error);
      });
      this.#watched.set(folder, { identity, watcher });
      this.#failed.delete(folder);
    } catch (error) {
      this.#fail(folder, error);
    }
  }

  /** No inotify watch is left, or the folder went away a moment ago, which the next scan tells. */
  #fail(folder: string, error: unknown): void {
    if (isMissing(error) || this.#failed.has(folder)) return;
    this.#failed.add(folder);
    this.#onFailure(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #leave(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}
