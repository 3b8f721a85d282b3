/** `cname [KIND] FROM TO`: a CNAME leads elsewhere, and what is there is asked for anew. */

import { EitherGeneration } from '../../cluster/generation.ts';
import { errorAt, type Token } from '../../corefile/ast.ts';
import type { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { NEVER, type Reply, type Validity, whenReplied } from '../reply.ts';
import type { Draft } from './draft.ts';
import { type MatchKind, matchKind, REWRITERS, type Rewriter, readRegexp, regex, tooLong } from './match.ts';
import { IllegalName, lowerText, qualified, toName } from './names.ts';
import type { Apply } from './rule.ts';

/** It is for every question: which CNAMEs there are is known with the reply. */
export function readCnameRule(field: Token, args: readonly Token[]): Apply {
  const rewrite = readTargets(field, args);
  return (draft) => [(reply) => redirect(reply, draft, rewrite)];
}

function readTargets(field: Token, args: readonly Token[]): Rewriter {
  const kindToken = args.length === 3 ? args[0] : undefined;
  const kind: MatchKind | undefined = kindToken === undefined ? 'exact' : matchKind(kindToken);
  const [from, to] = args.slice(-2);
  if (from === undefined || to === undefined || args.length > 3) {
    const amount = args.length > 3 ? 'many' : 'few';
    throw errorAt(args.at(-1) ?? field, `too ${amount} (${args.length}) arguments for a cname rule`);
  }
  if (kind === undefined) {
    throw errorAt(kindToken ?? from, `unknown cname rewrite type: ${kindToken?.text.toLowerCase()}`);
  }
  const replacement = to.text.toLowerCase();
  if (kind === 'regex') return regex(readIgnoringCase(from), replacement);
  // Parts of names are taken as they are here.
  if (kind === 'exact') return REWRITERS.exact(qualified(from.text), qualified(to.text));
  return REWRITERS[kind](from.text.toLowerCase(), replacement);
}

/** Targets are matched in lower case. */
function readIgnoringCase(token: Token): RegExp {
  const source = /^\(\?[a-zA-Z]+\)/.test(token.text) ? token.text.replace('(?', '(?i') : `(?i)${token.text}`;
  return readRegexp({ ...token, text: source }, (fault) =>
    fault.kind === 'long'
      ? `regex pattern too long in a cname rule: ${tooLong(token)}`
      : `invalid cname rewrite regex pattern: ${fault.detail}`,
  );
}

function redirect(reply: Reply, draft: Draft, rewrite: Rewriter): Reply | Promise<Reply> {
  const { answer } = reply;
  for (const [index, record] of answer.entries()) {
    if (record.data.kind !== 'CNAME') continue;
    const renamed = rewrite(lowerText(record.data.target));
    if (renamed === undefined) continue;
    try {
      const target = toName(renamed);
      // Only CNAMEs lead to it.
      const before = answer.slice(0, index).filter(({ data }) => data.kind === 'CNAME');
      return follow(reply, draft, [...before, leadingTo(record, target)], target);
    } catch (error) {
      if (error instanceof IllegalName) return error.reply;
      throw error;
    }
  }
  return reply;
}

function leadingTo(record: ResourceRecord, target: Name): ResourceRecord {
  return { ...record, data: { kind: 'CNAME', target } };
}

/** The aliases, and what the whole server has for the last of them. */
function follow(
  reply: Reply,
  draft: Draft,
  aliases: readonly ResourceRecord[],
  target: Name,
): Reply | Promise<Reply> {
  return whenReplied(draft.asked.resolve(target, draft.type), (found) => ({
    ...reply,
    answer: [...aliases, ...found.answer],
    // Kept by a cache without the flag, it would never be whole.
    tc: found.tc,
    validity: narrower(reply.validity, found.validity),
  }));
}

/** How long both stand. */
function narrower(one: Validity, other: Validity): Validity {
  if (one.kind === 'until' && other.kind === 'until') return one.ms <= other.ms ? one : other;
  if (one.kind === 'while' && other.kind === 'while') {
    return {
      kind: 'while',
      of: new EitherGeneration(one.of, other.of),
      generation: one.generation + other.generation,
    };
  }
  return NEVER;
}
