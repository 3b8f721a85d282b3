/** `name [KIND] FROM TO [answer ...]`: another name is asked for, and the reply is made to fit. */
import { errorAt, type Token } from '../../corefile/ast.ts';
import { MATCH_KINDS, type MatchKind, matchKind, REWRITERS, readRegexpFor, regex } from './match.ts';
import { qualified } from './names.ts';
import { backTo, backToSuffix, renameOwners, renameValues } from './record-names.ts';
import type { Apply, ResponseRule } from './rule.ts';

/** @param field the word `name` */
export function readNameRule(field: Token, args: readonly Token[]): Apply {
  const [first, second, third, ...options] = args;
  if (first === undefined || second === undefined) {
    throw errorAt(args.at(-1) ?? field, 'too few arguments for a name rule');
  }
  if (third === undefined) return makeRule('exact', first, second, { auto: false, rules: [] });
  const kind = matchKind(first);
  if (kind === undefined) {
    const kinds = MATCH_KINDS.join(', ').replace(/, (?=\w+$)/, ', and ');
    throw errorAt(
      first,
      `name rule supports only ${kinds} name matching, received: ${first.text.toLowerCase()}`,
    );
  }
  return makeRule(kind, second, third, readAnswers(kind, options));
}

function makeRule(kind: MatchKind, from: Token, to: Token, answers: Answers): Apply {
  const replacement = qualified(to.text);
  const rewrite =
    kind === 'regex'
      ? regex(readRegexpFor(from, to), replacement)
      : REWRITERS[kind](qualified(from.text), replacement);
  const isBack = kind === 'exact' || answers.auto;
  const back =
    isBack && kind === 'suffix' ? inBoth(backToSuffix(replacement, qualified(from.text))) : undefined;
  return (draft) => {
    const before = draft.text;
    const renamed = rewrite(before);
    if (renamed === undefined) return undefined;
    draft.rename(renamed);
    if (!isBack) return answers.rules;
    return [...(back ?? inBoth(backTo(draft.text, before))), ...answers.rules];
  };
}

function inBoth(renamer: Parameters<typeof renameOwners>[0]): readonly ResponseRule[] {
  return [renameOwners(renamer), renameValues(renamer)];
}

interface Answers {
  /** Names are to be those of the question again, wherever they stand. */
  readonly auto: boolean;
  readonly rules: readonly ResponseRule[];
}

/** `answer auto|name RE TO|value RE TO`, several behind one another; only the first needs the word `answer`. */
function readAnswers(kind: MatchKind, options: readonly Token[]): Answers {
  const rules: ResponseRule[] = [];
  let auto = false;
  let named: Token | undefined;
  const [first, ...others] = options;
  if (first === undefined) return { auto, rules };
  if (others.length === 0) throw errorAt(first, `invalid arguments for ${kind} rule`);
  if (first.text !== 'answer') {
    const what = `exceeded the number of arguments for a non-answer rule argument for ${kind} rule`;
    throw errorAt(first, what);
  }
  let at = 0;
  while (at < options.length) {
    if (options[at]?.text === 'answer') at++;
    const what = options[at++];
    if (what === undefined)
      throw errorAt(options.at(-1) ?? first, `type missing for answer rule for ${kind} rule`);
    if (what.text === 'auto') {
      auto = true;
      continue;
    }
    if (what.text !== 'name' && what.text !== 'value') {
      throw errorAt(what, `invalid type "${what.text}" for answer rule for ${kind} rule`);
    }
    const rule = `${what.text} answer rule for ${kind} rule: `;
    const [from, to] = options.slice(at, at + 2);
    if (from === undefined || to === undefined) throw errorAt(what, `${rule}2 arguments required`);
    const renamer = regex(readRegexpFor(from, to, rule), qualified(to.text));
    rules.push(what.text === 'name' ? renameOwners(renamer) : renameValues(renamer));
    if (what.text === 'name') named = what;
    at += 2;
  }
  if (auto && named !== undefined) {
    throw errorAt(named, 'auto name answer rule cannot be combined with explicit name answer rules');
  }
  return { auto, rules };
}
