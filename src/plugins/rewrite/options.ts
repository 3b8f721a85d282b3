/** Reads the `rewrite` directives of a block, one rule each. */
import { noBlock } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { readCnameRule } from './cname-rule.ts';
import { readEdnsRule } from './edns-rule.ts';
import { readNameRule } from './name-rule.ts';
import { readClassRule, readTypeRule } from './question-rules.ts';
import { readRcodeRule, readTtlRule } from './reply-rules.ts';
import type { Apply, Rule } from './rule.ts';

export interface RewriteOptions {
  /** In the order of the file. */
  readonly rules: readonly Rule[];
  readonly hasEdnsRules: boolean;
  /** EDNS options of these codes come back to the client, beside those that always do. */
  readonly ownCodes: ReadonlySet<number>;
}

type RuleReader = (field: Token, args: readonly Token[]) => Apply;

/** @throws {CorefileError} */
export function readOptions(directives: readonly Directive[], warn: (line: string) => void): RewriteOptions {
  const ownCodes = new Set<number>();
  let hasEdnsRules = false;
  const readers: Readonly<Record<string, RuleReader>> = {
    name: readNameRule,
    type: readTypeRule,
    class: readClassRule,
    ttl: readTtlRule,
    rcode: readRcodeRule,
    cname: readCnameRule,
    edns0: (field, args) => {
      const { apply, ownCode } = readEdnsRule(field, args, warn);
      if (ownCode !== undefined) ownCodes.add(ownCode);
      hasEdnsRules = true;
      return apply;
    },
  };
  const rules = directives.map((directive) => readRule(directive, readers));
  return { rules, hasEdnsRules, ownCodes };
}

function readRule(directive: Directive, readers: Readonly<Record<string, RuleReader>>): Rule {
  const [first, ...others] = wordsOf(directive);
  if (first === undefined) throw errorAt(directive.name, 'no rule type specified for rewrite');
  const mode = first.text.toLowerCase();
  const hasMode = mode === 'continue' || mode === 'stop';
  const [field, ...args] = hasMode ? others : [first, ...others];
  if (field === undefined) throw errorAt(first, `${mode} rule must begin with a rule type`);
  const kind = field.text.toLowerCase();
  if (kind === 'answer') throw errorAt(field, 'response rewrites must begin with a name rule');
  const reader = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  if (reader === undefined) throw errorAt(field, `invalid rule type "${field.text}"`);
  return { stops: mode !== 'continue', apply: reader(field, args) };
}

/** The lines of a block are the words of one rule, as if they stood in a row. */
function wordsOf(directive: Directive): readonly Token[] {
  const { args, block = [] } = directive;
  if (args.length >= 2) noBlock(directive);
  return [
    ...args,
    ...block.flatMap((line) => {
      noBlock(line);
      return [line.name, ...line.args];
    }),
  ];
}
