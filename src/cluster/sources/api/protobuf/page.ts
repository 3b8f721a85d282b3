/** One page of a list as Protocol Buffers: fewer octets than JSON, and less work. */
import type { Kind } from '../../../objects.ts';
import type { Json } from '../../../trim.ts';
import { ApiFailure } from '../failure.ts';
import type { Identity, Item, Page } from '../page.ts';
import { Unreadable } from '../unreadable.ts';
import { ProtobufCursor } from './cursor.ts';
import { unwrap } from './envelope.ts';
import { IDENTIFIED, LIST_METADATA, MESSAGES, type Message } from './messages.ts';
import { readMessage } from './read.ts';

/**
 * Objects are found at once, and read one by one as they are asked for.
 * @throws {ApiFailure} an answer that is no list of that kind must not be taken for an empty one
 */
export function readProtobufPage(kind: Kind, octets: Buffer): Page {
  return worded(() => pageIn(kind, octets));
}

function pageIn(kind: Kind, octets: Buffer): Page {
  const message = MESSAGES[kind];
  const list = unwrap(octets, 0, octets.length);
  if (message === undefined || list.kind !== `${kind}List`) throw new Unreadable();
  const cursor = new ProtobufCursor(octets, list.start);
  let metadata: ReturnType<typeof readMessage> = {};
  const items: Item[] = [];
  while (cursor.next(list.end)) {
    if (cursor.number === 1 && cursor.hasLength) metadata = readMessage(cursor, cursor.end(), LIST_METADATA);
    else if (cursor.number === 2 && cursor.hasLength) {
      const end = cursor.end();
      items.push(new ProtobufItem(octets, cursor.at, end, message));
      cursor.at = end;
    } else cursor.skip();
  }
  const { resourceVersion: version = '', continue: next = '' } = metadata as Readonly<Record<string, string>>;
  if (version === '') throw new Unreadable();
  return { version, continue: next, items };
}

class ProtobufItem implements Item {
  readonly #octets: Buffer;
  readonly #start: number;
  readonly #end: number;
  readonly #message: Message;

  constructor(octets: Buffer, start: number, end: number, message: Message) {
    this.#octets = octets;
    this.#start = start;
    this.#end = end;
    this.#message = message;
  }

  json(): Json {
    return worded(() => this.#read(this.#message));
  }

  get identity(): Identity {
    const { metadata = {} } = worded(() => this.#read(IDENTIFIED));
    const { namespace = '', name = '', resourceVersion: version = '' } = metadata as Record<string, string>;
    return { namespace, name, version };
  }

  #read(message: Message): ReturnType<typeof readMessage> {
    return readMessage(new ProtobufCursor(this.#octets, this.#start), this.#end, message);
  }
}

function worded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new ApiFailure('bad-answer', 'the answer is not a list of Kubernetes objects');
  }
}
