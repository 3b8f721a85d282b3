/** Places in JSON text, which `JSON.parse` does not tell: its first mistake, and where the items of a list begin. */

export interface JsonPlaces {
  /** Offset of the first mistake; undefined where the text is JSON. */
  readonly mistake: number | undefined;
  /** Offset of every element of the array `items` of the outermost object. */
  readonly items: readonly number[];
}

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![^\s,:[\]{}"])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** One pass without recursion: text of any depth is safe. */
export function placesInJson(text: string): JsonPlaces {
  const scan = new JsonScan(text);
  return { mistake: scan.run(), items: scan.items };
}

class JsonScan {
  readonly items: number[] = [];
  readonly #text: string;
  /** What closes each open array and object, outermost first. */
  readonly #closers: number[] = [];
  #offset = 0;
  #expected: Expected = 'value';
  /** Whether the last key of the outermost object is `items`. */
  #inItems = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): number | undefined {
    for (;;) {
      this.#skipSpace();
      if (this.#offset >= this.#text.length) {
        return this.#expected === 'nothing' ? undefined : this.#text.length;
      }
      const start = this.#offset;
      if (!this.#step(this.#text.charCodeAt(start))) return start;
    }
  }

  /** Takes the token that begins at the offset; false where it has no place there. */
  #step(code: number): boolean {
    const expected = this.#expected;
    switch (code) {
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        return this.#close(code);
      case COMMA:
        if (expected !== 'comma-or-end') return false;
        this.#offset++;
        this.#expected = this.#closers.at(-1) === CLOSE_OBJECT ? 'key' : 'value';
        return true;
      case COLON:
        if (expected !== 'colon') return false;
        this.#offset++;
        this.#expected = 'value';
        return true;
    }
    if (expected === 'key' || expected === 'key-or-end') return this.#key(code);
    return (expected === 'value' || expected === 'value-or-end') && this.#value(code);
  }

  #key(code: number): boolean {
    const start = this.#offset;
    if (code !== QUOTE || !this.#string()) return false;
    if (this.#closers.length === 1) this.#inItems = this.#text.slice(start, this.#offset) === '"items"';
    this.#expected = 'colon';
    return true;
  }

  #value(code: number): boolean {
    if (this.#inItems && this.#closers.length === 2 && this.#closers[1] === CLOSE_ARRAY) {
      this.items.push(this.#offset);
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      this.#offset++;
      this.#closers.push(code === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
      this.#expected = code === OPEN_OBJECT ? 'key-or-end' : 'value-or-end';
      return true;
    }
    if (code === QUOTE ? !this.#string() : !this.#scalar()) return false;
    this.#afterValue();
    return true;
  }

  #close(code: number): boolean {
    const isEmpty = this.#expected === 'value-or-end' || this.#expected === 'key-or-end';
    if (!(isEmpty || this.#expected === 'comma-or-end') || this.#closers.at(-1) !== code) return false;
    this.#closers.pop();
    this.#offset++;
    this.#afterValue();
    return true;
  }

  #afterValue(): void {
    this.#expected = this.#closers.length === 0 ? 'nothing' : 'comma-or-end';
  }

  #scalar(): boolean {
    SCALAR.lastIndex = this.#offset;
    if (!SCALAR.test(this.#text)) return false;
    this.#offset = SCALAR.lastIndex;
    return true;
  }

  #string(): boolean {
    for (let at = this.#offset + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#offset = at + 1;
        return true;
      }
      if (code < 0x20) return false;
      if (code === BACKSLASH) {
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(this.#text)) return false;
        at = ESCAPE.lastIndex - 1;
      }
    }
    return false;
  }

  #skipSpace(): void {
    for (; this.#offset < this.#text.length; this.#offset++) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }
}
