/**
 * Finds its way through JSON in octets (RFC 8259) without making anything of it. What it passes over is followed to its end and not
 * checked further; what is taken out of it is for `JSON.parse`.
 */
import { Unreadable } from './unreadable.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const FIRST_OF_NULL = 0x6e;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Every method throws {@link Unreadable} where it does not find what it is for. */
export class JsonCursor {
  readonly octets: Buffer;
  /** The octet that comes next. */
  at: number;

  constructor(octets: Buffer, at = 0) {
    this.octets = octets;
    this.at = at;
  }

  isObject(): boolean {
    return this.#peek() === OPEN_OBJECT;
  }

  isList(): boolean {
    return this.#peek() === OPEN_LIST;
  }

  isNull(): boolean {
    return this.#peek() === FIRST_OF_NULL;
  }

  /** Into an object or list: whether there is something in it. */
  enter(): boolean {
    const close = this.isList() ? CLOSE_LIST : CLOSE_OBJECT;
    this.at++;
    return !this.#takes(close);
  }

  /** Behind a value of an object or list: whether another follows. Else that is behind too. */
  more(): boolean {
    const octet = this.#peek();
    if (octet !== COMMA && octet !== CLOSE_OBJECT && octet !== CLOSE_LIST) throw new Unreadable();
    this.at++;
    return octet === COMMA;
  }

  /** Over a key, to its value. */
  key(): string {
    const key = this.text();
    if (key === undefined || !this.#takes(COLON)) throw new Unreadable();
    return key;
  }

  /** Over a value: what it says where it is text. */
  text(): string | undefined {
    const isText = this.#peek() === QUOTE;
    const start = this.at;
    this.skip();
    if (!isText) return undefined;
    const text = this.octets.toString('utf8', start + 1, this.at - 1);
    return text.includes('\\') ? unescaped(text) : text;
  }

  /** At the end: nothing but white space may follow. */
  finish(): void {
    for (; this.at < this.octets.length; this.at++)
      if ((this.octets[this.at] ?? 0) > SPACE) throw new Unreadable();
  }

  /** Over a value. */
  skip(): void {
    const first = this.#peek();
    if (first === QUOTE || first === OPEN_OBJECT || first === OPEN_LIST) this.#skipWhole();
    else this.#skipScalar();
  }

  #peek(): number {
    for (; ; this.at++) {
      const octet = this.octets[this.at];
      if (octet === undefined) throw new Unreadable();
      if (octet !== SPACE && octet !== NEWLINE && octet !== RETURN && octet !== TAB) return octet;
    }
  }

  #takes(octet: number): boolean {
    if (this.#peek() !== octet) return false;
    this.at++;
    return true;
  }

  /** In one function, for it goes over some 50 MB when a large cluster is listed anew. */
  #skipWhole(): void {
    const { octets } = this;
    let depth = 0;
    let { at } = this;
    for (; at < octets.length; at++) {
      const octet = octets[at] ?? 0;
      if (octet === QUOTE) {
        for (at++; at < octets.length && octets[at] !== QUOTE; at++) if (octets[at] === BACKSLASH) at++;
      } else if (octet === OPEN_OBJECT || octet === OPEN_LIST) depth++;
      else if (octet === CLOSE_OBJECT || octet === CLOSE_LIST) depth--;
      if (depth === 0) break;
    }
    if (at >= octets.length) throw new Unreadable();
    this.at = at + 1;
  }

  /** A number, `true`, `false` or `null`. */
  #skipScalar(): void {
    const start = this.at;
    for (let octet = this.octets[start]; octet !== undefined; octet = this.octets[++this.at]) {
      if (octet <= SPACE || octet === COMMA || octet === CLOSE_OBJECT || octet === CLOSE_LIST) break;
    }
    if (this.at === start) throw new Unreadable();
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    throw new Unreadable();
  }
}
