/** What someone may have meant by a word that is not known. */
import { limits } from '../limits.ts';

/**
 * The known word that is fewest slips away (letters added, left out, replaced or swapped, case aside): one slip in a
 * short word, two in a longer one. Undefined where none is that near.
 */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > limits.corefileSuggestChars) return undefined;
  let nearest: string | undefined;
  let least = word.length < 3 ? 0 : word.length < 6 ? 1 : 2;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > least) continue;
    const slips = slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (slips > least || (slips === least && nearest !== undefined)) continue;
    nearest = candidate;
    least = slips;
  }
  return nearest;
}

/** Optimal string alignment distance. */
function slipsBetween(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        replaced,
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        swapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
