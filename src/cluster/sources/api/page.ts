/** One page of a list, and how one of JSON is read. */
import type { Json } from '../../trim.ts';
import { parseJson } from './client.ts';
import { ApiFailure } from './failure.ts';
import { JsonCursor } from './json-cursor.ts';
import { Unreadable } from './unreadable.ts';

export interface Page {
  readonly version: string;
  /** Where the next page begins; empty at the end of the list. */
  readonly continue: string;
  /** One by one as they are asked for; an {@link ApiFailure} where they break off. */
  readonly items: Iterable<Item>;
}

/** An object of a page. */
export interface Item {
  /** Which object it is, and in which version; what it does not have, or not as text, is empty. */
  readonly identity: Identity;
  /** @throws {ApiFailure} */
  json(): Json;
}

export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Nothing is parsed yet: of objects that are known already nothing need be, and what others are parsed to is garbage before it is old.
 * @throws {ApiFailure} an answer that is no list must not be taken for an empty one
 */
export function readPage(octets: Buffer): Page {
  try {
    return pageIn(octets);
  } catch (error) {
    throw worded(error, octets);
  }
}

/** Where it is no JSON at all, `JSON.parse` has the words for it. */
function worded(error: unknown, octets: Buffer): unknown {
  if (!(error instanceof Unreadable)) return error;
  try {
    parseJson(octets.toString('utf8'));
  } catch (failure) {
    return failure;
  }
  return new ApiFailure('bad-answer', 'the answer is not a list of Kubernetes objects');
}

function pageIn(octets: Buffer): Page {
  const cursor = new JsonCursor(octets);
  if (!cursor.isObject()) throw new Unreadable();
  let metadata: Texts = {};
  let itemsAt: number | undefined;
  for (let more = cursor.enter(); more; more = cursor.more()) {
    const key = cursor.key();
    if (key === 'metadata') metadata = textsOf(cursor, ['resourceVersion', 'continue']);
    else {
      if (key === 'items') itemsAt = listAt(cursor);
      // They are the rest of what an API server writes, and are gone over later.
      if (metadata.resourceVersion !== undefined && itemsAt !== undefined) break;
      cursor.skip();
    }
  }
  if (itemsAt === undefined) cursor.finish();
  const { resourceVersion: version = '', continue: next = '' } = metadata;
  if (version === '') throw new Unreadable();
  return { version, continue: next, items: itemsAt === undefined ? [] : itemsFrom(octets, itemsAt) };
}

/** Where the list begins that the cursor is at; `null` is none. */
function listAt(cursor: JsonCursor): number | undefined {
  if (cursor.isList()) return cursor.at;
  if (!cursor.isNull()) throw new Unreadable();
  return undefined;
}

function* itemsFrom(octets: Buffer, at: number): Generator<Item> {
  try {
    const cursor = new JsonCursor(octets, at);
    for (let more = cursor.enter(); more; more = cursor.more()) {
      const start = cursor.at;
      cursor.skip();
      yield new JsonItem(octets, start, cursor.at);
    }
    while (cursor.more()) {
      cursor.key();
      cursor.skip();
    }
    cursor.finish();
  } catch (error) {
    throw worded(error, octets);
  }
}

const IDENTITY = ['namespace', 'name', 'resourceVersion'];

class JsonItem implements Item {
  readonly #octets: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(octets: Buffer, start: number, end: number) {
    this.#octets = octets;
    this.#start = start;
    this.#end = end;
  }

  json(): Json {
    return parseJson(this.#octets.toString('utf8', this.#start, this.#end));
  }

  get identity(): Identity {
    const { namespace = '', name = '', resourceVersion: version = '' } = this.#metadata();
    return { namespace, name, version };
  }

  #metadata(): Texts {
    const cursor = new JsonCursor(this.#octets, this.#start);
    if (!cursor.isObject()) return {};
    for (let more = cursor.enter(); more; more = cursor.more()) {
      if (cursor.key() === 'metadata') return textsOf(cursor, IDENTITY);
      cursor.skip();
    }
    return {};
  }
}

type Texts = Readonly<Record<string, string>>;

/** Those members of the object that comes next that are text and are asked for. */
function textsOf(cursor: JsonCursor, names: readonly string[]): Texts {
  const texts: Record<string, string> = {};
  if (!cursor.isObject()) cursor.skip();
  else {
    for (let more = cursor.enter(); more; more = cursor.more()) {
      const key = cursor.key();
      const text = names.includes(key) ? cursor.text() : cursor.skip();
      if (text !== undefined) texts[key] = text;
    }
  }
  return texts;
}
