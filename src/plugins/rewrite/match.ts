/** The ways to match a name - whole, in part, by a regular expression - and the names that are put in their place. */
import { errorAt, type Token } from '../../corefile/ast.ts';
import type { CorefileError } from '../../corefile/error.ts';
import { limits } from '../../limits.ts';
import { compileGoRegexp } from '../go-regexp.ts';

export const MATCH_KINDS = ['exact', 'prefix', 'suffix', 'substring', 'regex'] as const;
export type MatchKind = (typeof MATCH_KINDS)[number];

export function matchKind({ text }: Token): MatchKind | undefined {
  return MATCH_KINDS.find((kind) => kind === text.toLowerCase());
}

/** What a text becomes; undefined where it does not match. Texts are in lower case. */
export type Rewriter = (text: string) => string | undefined;

export function exact(from: string, to: string): Rewriter {
  return (text) => (text === from ? to : undefined);
}

export function prefix(from: string, to: string): Rewriter {
  return (text) => (text.startsWith(from) ? to + text.slice(from.length) : undefined);
}

export function suffix(from: string, to: string): Rewriter {
  return (text) => (text.endsWith(from) ? text.slice(0, text.length - from.length) + to : undefined);
}

export function substring(from: string, to: string): Rewriter {
  return (text) => (text.includes(from) ? text.replaceAll(from, () => to) : undefined);
}

export function regex(from: RegExp, to: string): Rewriter {
  return (text) => {
    const groups = from.exec(text);
    return groups === null ? undefined : fillIn(to, groups);
  };
}

/** The rewriter of any kind but `regex`. */
export const REWRITERS = { exact, prefix, suffix, substring } as const;

/** `{0}` is the whole match, `{1}` the first group; a number that no group has stays as it is. */
function fillIn(template: string, groups: RegExpExecArray): string {
  return template.replace(/\{(\d+)\}/g, (placeholder, digits: string) => {
    // A number as Go prints it: `{01}` is none.
    const index = Number(digits);
    return String(index) === digits && index < groups.length ? (groups[index] ?? '') : placeholder;
  });
}

export type Fault = { readonly kind: 'long' } | { readonly kind: 'syntax'; readonly detail: string };

/**
 * @param explain CoreDNS's words for what is wrong
 * @throws {CorefileError} it is too long, or no regular expression that can be used
 */
export function readRegexp(token: Token, explain: (fault: Fault) => string): RegExp {
  const fail = (fault: Fault): CorefileError => errorAt(token, explain(fault));
  if (token.text.length > limits.rewriteRegexChars) throw fail({ kind: 'long' });
  try {
    return compileGoRegexp(token.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fail({ kind: 'syntax', detail: error.message });
  }
}

export function tooLong({ text }: Token): string {
  return `${text.length} > ${limits.rewriteRegexChars}`;
}

/**
 * A regular expression whose groups stand in another token.
 * @throws {CorefileError} it is none, or has fewer groups than there are placeholders
 */
export function readRegexpFor(from: Token, to: Token, prefixText = ''): RegExp {
  const regexp = readRegexp(
    from,
    (fault) =>
      prefixText +
      (fault.kind === 'long'
        ? `regex pattern too long: ${tooLong(from)}`
        : `invalid regex matching pattern: ${from.text} (${fault.detail})`),
  );
  const used = new Set(to.text.match(/\{(?:\d|[1-9]\d|100)\}/g) ?? []).size;
  if (used > groupCount(regexp)) {
    throw errorAt(
      to,
      `${prefixText}the rewrite regex pattern (${to.text}) uses more subexpressions than its corresponding matching regex pattern (${from.text})`,
    );
  }
  return regexp;
}

function groupCount({ source, flags }: RegExp): number {
  // With an empty alternative it matches everything, and tells its groups.
  return (new RegExp(`${source}|`, flags).exec('')?.length ?? 1) - 1;
}
