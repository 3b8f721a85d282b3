/**
 * Regular expressions that meet names of strangers: Go matches in linear time, JavaScript's backtracking may take ages
 * (`(a+)+$`). V8 has a second matcher, in linear time too, and goes over to it once backtracking is excessive. What that
 * one cannot take is written otherwise where there is an equal (large counts, ignored case), or refused where it is a risk.
 */
import { setFlagsFromString } from 'node:v8';
import { limits } from '../limits.ts';

let isSecondMatcherOn = false;

/** The flags are the whole process's, and experimental in V8: set only where a Corefile has an expression. */
function turnOnSecondMatcher(): void {
  if (isSecondMatcherOn) return;
  isSecondMatcherOn = true;
  setFlagsFromString('--enable-experimental-regexp-engine');
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  setFlagsFromString(`--regexp-backtracks-before-fallback=${limits.regexBacktracks}`);
}

/** Escapes, classes, openings of groups, quantifiers; everything else character by character. */
const TOKEN =
  /\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<\w+>|<?[=!]|[\w-]*:)|[*+?]\??|\{\d+(?:,\d*)?\}\??|[\s\S]/g;
const COUNTED = /^\{(\d+)(,)?(\d*)\}(\??)$/;

/** @throws {SyntaxError} one line, where the expression is wrong or could take a time that nothing bounds */
export function compileBounded(body: string, flags: string): RegExp {
  turnOnSecondMatcher();
  const regexp = new RegExp(body, flags);
  if (isLinear(body, flags)) return regexp;
  const tokens = body.match(TOKEN) ?? [];
  const simple = writeOutCounts(flags.includes('i') ? writeOutCase(tokens) : tokens);
  const simpleFlags = flags.replace('i', '');
  if (simple.length <= limits.regexExpandedChars && isLinear(simple, simpleFlags)) {
    return new RegExp(simple, simpleFlags);
  }
  if (repeatsChoices(tokens)) {
    throw new SyntaxError('a repetition within a repetition may take too long here: write it without');
  }
  return regexp;
}

function isLinear(body: string, flags: string): boolean {
  try {
    // The flag `l` asks for the linear matcher alone.
    new RegExp(body, `${flags}l`);
    return true;
  } catch {
    return false;
  }
}

/** `[a-f]x` as `[a-fA-F][xX]`. */
function writeOutCase(tokens: readonly string[]): string[] {
  return tokens.map((token) => {
    if (/^[a-zA-Z]$/.test(token)) return `[${token}${swapCase(token)}]`;
    if (!token.startsWith('[')) return token;
    const letters = token.match(/\\[\s\S]|[a-z]-[a-z]|[A-Z]-[A-Z]|[a-zA-Z]/g) ?? [];
    return `${token.slice(0, -1)}${letters
      .filter((found) => !found.startsWith('\\'))
      .map(swapCase)
      .join('')}]`;
  });
}

function swapCase(letters: string): string {
  return letters.replace(/[a-zA-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x20));
}

/** `x{2,4}` as `xx(?:x(?:x)?)?`: the linear matcher takes counts up to 16 only. Groups that capture keep theirs. */
function writeOutCounts(tokens: readonly string[]): string {
  const parts: string[] = [];
  /** Where in the parts each open group begins. */
  const open: number[] = [];
  for (const token of tokens) {
    const [, least, isRange, most, lazy = ''] = COUNTED.exec(token) ?? [];
    const atom = parts.at(-1) ?? '';
    if (least !== undefined && !/^\((?!\?:)|[^\\]\((?!\?:)/.test(atom)) {
      const from = Number(least);
      const to = isRange === undefined ? from : most === '' ? from : Number(most);
      if (atom.length * to > limits.regexExpandedChars) return tokens.join('');
      const more = isRange !== undefined && most === '' ? `${atom}*${lazy}` : nested(atom, to - from, lazy);
      parts.splice(-1, 1, `(?:${atom.repeat(from)}${more})`);
      continue;
    }
    parts.push(token);
    if (token.startsWith('(')) open.push(parts.length - 1);
    // A group that ends is one part.
    else if (token === ')') parts.push(parts.splice(open.pop() ?? 0).join(''));
  }
  return parts.join('');
}

/** `x` up to so many times. */
function nested(atom: string, count: number, lazy: string): string {
  return `(?:${atom}`.repeat(count) + `)?${lazy}`.repeat(count);
}

/** Whether a group is repeated that itself may match in several ways: then ways multiply. */
function repeatsChoices(tokens: readonly string[]): boolean {
  const open: boolean[] = [];
  let hasChoice = false;
  for (const [index, token] of tokens.entries()) {
    if (token.startsWith('(')) {
      open.push(hasChoice);
      hasChoice = false;
    } else if (token === ')') {
      if (hasChoice && isRepetition(tokens[index + 1] ?? '')) return true;
      hasChoice ||= open.pop() ?? false;
    } else if (token === '|' || isQuantifier(token)) {
      hasChoice = true;
    }
  }
  return false;
}

function isQuantifier(token: string): boolean {
  return /^(?:[*+?]|\{\d)/.test(token) && token !== '{';
}

function isRepetition(token: string): boolean {
  return isQuantifier(token) && !/^(?:\?|\{[01]\}|\{0?,?1\})/.test(token);
}
