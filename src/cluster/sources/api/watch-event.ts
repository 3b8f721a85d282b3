/** The events of a watch. */
import type { IncomingMessage } from 'node:http';
import type { ClusterObject, Kind } from '../../objects.ts';
import { type Json, trim } from '../../trim.ts';
import { parseJson } from './client.ts';
import { ApiFailure, statusFailure } from './failure.ts';
import { LineSplitter } from './lines.ts';
import { PROTOBUF } from './protobuf/envelope.ts';
import { readEventFrame } from './protobuf/event.ts';
import { FrameSplitter } from './protobuf/frames.ts';

/** `version` is the resourceVersion from which a later watch goes on. */
export type WatchEvent =
  | { readonly type: 'upsert' | 'remove'; readonly version: string; readonly object: ClusterObject }
  | { readonly type: 'bookmark'; readonly version: string };

interface Told {
  readonly type?: string;
  readonly object?: {
    readonly metadata?: { readonly resourceVersion?: string };
    /** Of the `Status` in an ERROR event. */
    readonly code?: number;
    readonly message?: string;
  };
}

/**
 * What a piece of the answer to a watch completes, in the language that the server has chosen.
 * @throws {ApiFailure} an ERROR event, or what is no event
 */
export type EventReader = (piece: Buffer) => Iterable<WatchEvent>;

export function eventReader(kind: Kind, { headers }: IncomingMessage, maxBytes: number): EventReader {
  if (headers['content-type']?.startsWith(PROTOBUF)) {
    const frames = new FrameSplitter(maxBytes);
    return (piece) => frames.push(piece).map((frame) => eventFrom(kind, readEventFrame(kind, frame)));
  }
  const lines = new LineSplitter(maxBytes);
  return (piece) => lines.push(piece).map((line) => eventFrom(kind, parseJson(line)));
}

function eventFrom(kind: Kind, json: Json): WatchEvent {
  const { type, object } = (json ?? {}) as Told;
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
