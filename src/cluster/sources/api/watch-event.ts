/** One line of a watch stream. */
import type { ClusterObject, Kind } from '../../objects.ts';
import { type Json, trim } from '../../trim.ts';
import { parseJson } from './client.ts';
import { ApiFailure, statusFailure } from './failure.ts';

/** `version` is the resourceVersion from which a later watch goes on. */
export type WatchEvent =
  | { readonly type: 'upsert' | 'remove'; readonly version: string; readonly object: ClusterObject }
  | { readonly type: 'bookmark'; readonly version: string };

interface Line {
  readonly type?: string;
  readonly object?: {
    readonly metadata?: { readonly resourceVersion?: string };
    /** Of the `Status` in an ERROR event. */
    readonly code?: number;
    readonly message?: string;
  };
}

/** @throws {ApiFailure} an ERROR event, or a line that is no watch event */
export function parseEvent(kind: Kind, line: string): WatchEvent {
  const json = parseJson(line);
  const { type, object } = (json ?? {}) as Line;
  if (type === 'ERROR') throw statusFailure(object?.code ?? 500, object?.message ?? '');
  const version = object?.metadata?.resourceVersion;
  if (typeof version !== 'string' || version === '') {
    throw new ApiFailure('bad-answer', 'a watch event without a resourceVersion');
  }
  if (type === 'BOOKMARK') return { type: 'bookmark', version };
  const trimmed = trim(kind, object as Json);
  if (trimmed === undefined) throw new ApiFailure('bad-answer', 'a watch event without an object');
  if (type === 'ADDED' || type === 'MODIFIED') return { type: 'upsert', version, object: trimmed };
  if (type === 'DELETED') return { type: 'remove', version, object: trimmed };
  throw new ApiFailure('bad-answer', `a watch event of unknown type ${JSON.stringify(type)}`);
}
