/**
 * Labels as text. Those of namespaces and Services are asked for again and again: to find a string that was made before
 * costs less than to make it, and a map that has it as a key finds it sooner.
 */
import { randomInt } from 'node:crypto';
import { limits } from '../limits.ts';
import { foldOctet } from './fold.ts';

/** Each string stands in the slot of its hash, the newest only: what is pushed out is made again. */
const made: string[] = new Array(limits.labelTexts).fill('');
/** The hash that came last to each slot: a label has its string kept when it comes again, so that a flood of new ones costs nobody. */
const seen = new Int32Array(limits.labelTexts);
/** Nobody outside can know which labels share a slot. */
const seed = randomInt(2 ** 32);
const folded = Buffer.alloc(limits.labelBytes);

/** The `length` octets from `start` in lower case, one character an octet. */
export function labelText(wire: Uint8Array, start: number, length: number): string {
  let hash = seed | 0;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ foldOctet(wire[start + i] ?? 0), 0x01000193);
  hash ^= hash >>> 15;
  const slot = (hash >>> 0) % limits.labelTexts;
  const known = made[slot] ?? '';
  if (known.length === length && isText(wire, start, known)) return known;
  for (let i = 0; i < length; i++) folded[i] = foldOctet(wire[start + i] ?? 0);
  const text = folded.toString('latin1', 0, length);
  if (seen[slot] === hash) made[slot] = text;
  seen[slot] = hash;
  return text;
}

/** Whether the octets from `start` are that text, which is in lower case. */
export function isText(wire: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (foldOctet(wire[start + i] ?? 0) !== text.charCodeAt(i)) return false;
  }
  return true;
}
