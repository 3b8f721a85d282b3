/** Authors in no order: nobody is first. */
import { randomInt } from 'node:crypto';

/** A copy in a random order; each is as likely as any other (Fisher and Yates). */
export function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = randomInt(last + 1);
    const item = order[last] as T;
    order[last] = order[chosen] as T;
    order[chosen] = item;
  }
  return order;
}
