/** Environment variables in a Corefile's words: `{$VAR}` and `{%VAR%}`. */
import { limits } from '../limits.ts';
import { errorAt, type Token } from './ast.ts';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Replaces references. A value is not looked into: it never becomes several words, a brace or another reference. */
export class Environment {
  readonly #variables: EnvironmentVariables;
  #addedChars = 0;

  constructor(variables: EnvironmentVariables) {
    this.#variables = variables;
  }

  /** The token with every reference replaced, by nothing where the variable is not set. @throws {CorefileError} */
  replaceIn(token: Token): Token {
    if (!token.text.includes('{')) return token;
    const text = replaceReferences(token.text, (name) => this.#read(name));
    if (this.#addedChars > limits.corefileBytes) {
      throw errorAt(token, `environment variables add more than ${limits.corefileBytes} characters`);
    }
    return { ...token, text };
  }

  #read(name: string): string {
    const value = (Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined) ?? '';
    this.#addedChars += value.length;
    // Beyond the limit nothing is put together any more: one word may hold many references.
    return this.#addedChars > limits.corefileBytes ? '' : value;
  }
}

/** A reference has a name of one character at least: `{$}` is text. */
function replaceReferences(text: string, lookUp: (name: string) => string): string {
  // Known beforehand, so that openings without an end do not search the text again and again.
  const lastEnd = { $: text.lastIndexOf('}'), '%': text.lastIndexOf('%}') };
  let result = '';
  let at = 0;
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', at)) {
    const sign = text[open + 1];
    const isReference = (sign === '$' || sign === '%') && open + 2 < lastEnd[sign];
    const end = sign === '%' ? '%}' : '}';
    const close = isReference ? text.indexOf(end, open + 2) : -1;
    if (close > open + 2) {
      result += text.slice(at, open) + lookUp(text.slice(open + 2, close));
      at = close + end.length;
    } else {
      result += text.slice(at, open + 1);
      at = open + 1;
    }
  }
  return result + text.slice(at);
}
