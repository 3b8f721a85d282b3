/** What a Corefile says, as a number: where two have the same, a reload would change nothing. */
import { createHash } from 'node:crypto';
import type { Directive, ServerBlock, Token } from '../corefile/ast.ts';

/**
 * SHA-512, in hexadecimal, over the words and their structure with imports, snippets and environment applied. Comments,
 * spacing, and which file and line a word stands in are no part of it.
 */
export function corefileHash(blocks: readonly ServerBlock[]): string {
  const words = blocks.map(({ keys, directives }) => [keys.map(textOf), directives.map(wordsOf)]);
  return createHash('sha512').update(JSON.stringify(words)).digest('hex');
}

function textOf({ text }: Token): string {
  return text;
}

function wordsOf({ name, args, block }: Directive): unknown {
  return [name.text, args.map(textOf), block?.map(wordsOf) ?? null];
}
