/**
 * Label selectors as text: `app=web,tier!=cache,env in (prod, test),!canary`. An API server evaluates them by
 * itself; here they are evaluated for objects from files, and checked before they are sent anywhere.
 */

/** Labels of an object. A value that is not text counts as not given. */
export type Labels = { readonly [key: string]: unknown };
export type Selector = (labels: Labels) => boolean;

type Token = { readonly text: string; readonly isWord: boolean; readonly at: number };

const TOKEN = /\s*(?:(==|!=|[=!(),<>])|([^\s=!(),<>]+))/y;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const PREFIX_MAX_CHARS = 253;

/**
 * The test that a label selector stands for. Requirements separated by commas must all hold; empty text holds
 * for everything. `!=` and `notin` hold for objects that lack the label, as the Kubernetes API has it.
 * @throws {Error} one line that says what is wrong and at which column
 */
export function parseSelector(text: string): Selector {
  const requirements = new SelectorParser(text).requirements();
  return (labels) => requirements.every((holds) => holds(labels));
}

class SelectorParser {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
    this.#length = text.length;
  }

  requirements(): Selector[] {
    const found: Selector[] = [];
    if (this.#tokens.length === 0) return found;
    do found.push(this.#requirement());
    while (this.#take(','));
    if (this.#peek() !== undefined) throw this.#unexpected("',' or the end");
    return found;
  }

  #requirement(): Selector {
    if (this.#take('!')) {
      const absent = this.#key();
      return (labels) => labelValue(labels, absent) === undefined;
    }
    const key = this.#key();
    const operator = this.#peek();
    if (operator === undefined || operator.text === ',')
      return (labels) => labelValue(labels, key) !== undefined;
    this.#next++;
    switch (operator.text) {
      case '=':
      case '==':
        return oneOf(key, [this.#value()]);
      case '!=':
        return noneOf(key, [this.#value()]);
      case 'in':
        return oneOf(key, this.#values());
      case 'notin':
        return noneOf(key, this.#values());
    }
    this.#next--;
    throw this.#unexpected("one of '=', '==', '!=', 'in', 'notin'");
  }

  #key(): string {
    const token = this.#peek();
    if (!token?.isWord) throw this.#unexpected('a label key');
    this.#next++;
    const slash = token.text.indexOf('/');
    const prefix = token.text.slice(0, Math.max(0, slash));
    const isGoodPrefix = slash === -1 || (prefix.length <= PREFIX_MAX_CHARS && PREFIX.test(prefix));
    if (isGoodPrefix && NAME.test(token.text.slice(slash + 1))) return token.text;
    throw new Error(`'${token.text}' at column ${token.at} is not a label key ([prefix/]name)`);
  }

  /** What follows `in` or `notin`. An empty place between commas is the empty value. */
  #values(): string[] {
    if (!this.#take('(')) throw this.#unexpected("'('");
    if (this.#peek()?.text === ')') throw this.#unexpected('a value');
    const values = [this.#value()];
    while (this.#take(',')) values.push(this.#value());
    if (!this.#take(')')) throw this.#unexpected("',' or ')'");
    return values;
  }

  #value(): string {
    const token = this.#peek();
    if (token === undefined || token.text === ',' || token.text === ')') return '';
    if (!token.isWord) throw this.#unexpected('a value');
    this.#next++;
    if (NAME.test(token.text)) return token.text;
    throw new Error(`'${token.text}' at column ${token.at} is not a label value`);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(symbol: string): boolean {
    if (this.#peek()?.text !== symbol) return false;
    this.#next++;
    return true;
  }

  #unexpected(wanted: string): Error {
    const token = this.#peek();
    const found = token === undefined ? 'the end' : `'${token.text}'`;
    return new Error(`found ${found} at column ${token?.at ?? this.#length + 1}, expected ${wanted}`);
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const word = match[2];
    const found = word ?? match[1] ?? '';
    tokens.push({
      text: found,
      isWord: word !== undefined,
      at: match.index + match[0].length - found.length + 1,
    });
  }
  return tokens;
}

function oneOf(key: string, values: readonly string[]): Selector {
  return (labels) => {
    const value = labelValue(labels, key);
    return value !== undefined && values.includes(value);
  };
}

function noneOf(key: string, values: readonly string[]): Selector {
  const isOneOf = oneOf(key, values);
  return (labels) => !isOneOf(labels);
}

/** Only the object's own properties: `constructor` is a good label key. */
function labelValue(labels: Labels, key: string): string | undefined {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
