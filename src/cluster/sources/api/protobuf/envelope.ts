/** What Kubernetes wraps an object in: four octets that say so, and a message `runtime.Unknown` that names its kind. */
import { Unreadable } from '../unreadable.ts';
import { ProtobufCursor } from './cursor.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const BEGIN = Buffer.from('k8s\0');

export interface Wrapped {
  readonly kind: string;
  /** Where the object's own message begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** Whether an object begins there; JSON never does so. */
export function isWrapped(octets: Buffer, at = 0): boolean {
  return octets.length >= at + BEGIN.length && BEGIN.equals(octets.subarray(at, at + BEGIN.length));
}

/** @throws {Unreadable} */
export function unwrap(octets: Buffer, at: number, end: number): Wrapped {
  if (!isWrapped(octets, at)) throw new Unreadable();
  const cursor = new ProtobufCursor(octets, at + BEGIN.length);
  let kind = '';
  // Not even an object without fields leaves it out.
  let raw: { start: number; end: number } | undefined;
  while (cursor.next(end)) {
    if (cursor.number === 1 && cursor.hasLength) kind = kindIn(cursor);
    else if (cursor.number === 2 && cursor.hasLength) {
      const rawEnd = cursor.end();
      raw = { start: cursor.at, end: rawEnd };
      cursor.at = rawEnd;
    } else cursor.skip();
  }
  if (raw === undefined) throw new Unreadable();
  return { kind, ...raw };
}

/** Of a `runtime.TypeMeta`. */
function kindIn(cursor: ProtobufCursor): string {
  let kind = '';
  const end = cursor.end();
  while (cursor.next(end)) {
    if (cursor.number === 2 && cursor.hasLength) kind = cursor.text();
    else cursor.skip();
  }
  return kind;
}
