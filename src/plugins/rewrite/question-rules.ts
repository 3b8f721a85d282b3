/** `type FROM TO` and `class FROM TO`: another question is asked; the reply shows the client's own. */
import { errorAt, type Token } from '../../corefile/ast.ts';
import { classNumber, typeNumber } from '../../dns/types.ts';
import type { Apply, ResponseRule } from './rule.ts';

const NOTHING: readonly ResponseRule[] = [];

export function readTypeRule(field: Token, args: readonly Token[]): Apply {
  const [from, to] = readPair(field, args, typeNumber);
  return (draft) => {
    if (draft.type !== from) return undefined;
    draft.type = to;
    return NOTHING;
  };
}

export function readClassRule(field: Token, args: readonly Token[]): Apply {
  const [from, to] = readPair(field, args, classNumber);
  return (draft) => {
    if (draft.class !== from) return undefined;
    draft.class = to;
    return NOTHING;
  };
}

type NumberOf = (text: string) => number | undefined;

function readPair(field: Token, args: readonly Token[], numberOf: NumberOf): readonly [number, number] {
  const what = field.text.toLowerCase();
  const [from, to, surplus] = args;
  if (from === undefined || to === undefined || surplus !== undefined) {
    throw errorAt(args.at(-1) ?? field, `${what} rules must have exactly two arguments`);
  }
  const read = (token: Token) => {
    const number = numberOf(token.text);
    if (number === undefined) throw errorAt(token, `invalid ${what} "${token.text.toUpperCase()}"`);
    return number;
  };
  return [read(from), read(to)];
}
