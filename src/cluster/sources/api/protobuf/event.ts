/** Events of a watch as Protocol Buffers: each in a frame, four octets of length before it. */
import type { Kind } from '../../../objects.ts';
import { ApiFailure } from '../failure.ts';
import { Unreadable } from '../unreadable.ts';
import { ProtobufCursor } from './cursor.ts';
import { unwrap } from './envelope.ts';
import { MESSAGES, STATUS } from './messages.ts';
import { type Fields, readMessage } from './read.ts';

/**
 * What the line of JSON would be parsed to.
 * @param frame a `meta.v1.WatchEvent`
 * @throws {ApiFailure} it is none, or of an object of another kind
 */
export function readEventFrame(kind: Kind, frame: Buffer): Fields {
  try {
    return eventIn(kind, frame);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new ApiFailure('bad-answer', 'the answer is not a watch event');
  }
}

function eventIn(kind: Kind, frame: Buffer): Fields {
  const cursor = new ProtobufCursor(frame);
  const event: Fields = {};
  while (cursor.next(frame.length)) {
    if (cursor.number === 1 && cursor.hasLength) event.type = cursor.text();
    else if (cursor.number === 2 && cursor.hasLength) event.object = objectIn(kind, cursor);
    else cursor.skip();
  }
  return event;
}

/** In a `runtime.RawExtension`; that of an ERROR is a `Status`. */
function objectIn(kind: Kind, cursor: ProtobufCursor): Fields {
  let object: Fields = {};
  const end = cursor.end();
  while (cursor.next(end)) {
    if (cursor.number === 1 && cursor.hasLength) {
      const rawEnd = cursor.end();
      object = unwrapped(kind, cursor.octets, cursor.at, rawEnd);
      cursor.at = rawEnd;
    } else cursor.skip();
  }
  return object;
}

function unwrapped(kind: Kind, octets: Buffer, at: number, end: number): Fields {
  const wrapped = unwrap(octets, at, end);
  const message = wrapped.kind === 'Status' ? STATUS : MESSAGES[kind];
  if (message === undefined || (message !== STATUS && wrapped.kind !== kind)) throw new Unreadable();
  return readMessage(new ProtobufCursor(octets, wrapped.start), wrapped.end, message);
}
