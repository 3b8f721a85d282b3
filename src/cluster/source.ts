/** Where cluster objects come from: an API server, or manifest files. */
import type { ClusterObject, Kind } from './objects.ts';

/** Names an object within its kind. `namespace` is empty for a Namespace. */
export interface ObjectKey {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** What a source tells the store. */
export interface ClusterSink {
  /** Adds the object or takes the place of the one with its key. Equal resourceVersion (not empty) changes nothing. */
  upsert(object: ClusterObject): void;
  /** Takes an object away; an unknown key changes nothing. */
  remove(key: ObjectKey): void;
  /**
   * Begins a new list of a kind. Objects are upserted page by page; `finish` takes away what the list did not
   * hold and marks the kind as synced. What is served stays whole all the while. A list that breaks off is
   * simply dropped and begun anew.
   */
  beginList(kind: Kind): ListInProgress;
  /** Changes of a kind do not arrive for now: what is served stays, but may be out of date. */
  interrupt(kind: Kind): void;
  /** They arrive again. The end of a list says so too. */
  resume(kind: Kind): void;
}

export interface ListInProgress {
  /** Whether the object is there in this very version. Then it is of the list, and need not be upserted. */
  holds(key: ObjectKey, version: string): boolean;
  upsert(object: ClusterObject): void;
  finish(): void;
}

export interface ClusterSource {
  /**
   * Begins to feed the sink, goes on until `stop`, and never gives up: errors after this call are logged and
   * retried. Resolves as soon as the source is running, not when it is synced.
   * @throws {SourceError} a mistake of the operator's that no retry mends
   */
  start(sink: ClusterSink): Promise<void>;
  stop(): Promise<void>;
}

/** One line for the operator: what, where, what to do. */
export class SourceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SourceError';
  }
}
