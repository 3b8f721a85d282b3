/** The order in which the upstreams are tried for one query. */
import { randomInt } from 'node:crypto';

export const POLICIES = ['random', 'round_robin', 'sequential'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** Gives all items, each once; the first is the one that should answer. */
export type Order = <T>(items: readonly T[]) => readonly T[];

export function makeOrder(policy: PolicyName): Order {
  if (policy === 'sequential') return (items) => items;
  return policy === 'random' ? randomOrder : roundRobin();
}

/** Which upstream is asked must not be foreseen by who forges answers (RFC 5452 §9.2). */
function randomOrder<T>(items: readonly T[]): readonly T[] {
  if (items.length < 2) return items;
  const left = [...items];
  return items.flatMap(() => left.splice(randomInt(left.length), 1));
}

/** One after the other comes first; the rest stay in the order of the file. */
function roundRobin(): Order {
  let turn = -1;
  return (items) => {
    turn = (turn + 1) % items.length;
    return [...items.slice(turn, turn + 1), ...items.slice(0, turn), ...items.slice(turn + 1)];
  };
}

/** The one that is tried where none is expected to answer. */
export function anyOf<T>(items: readonly T[]): T | undefined {
  return items[randomInt(items.length)];
}
