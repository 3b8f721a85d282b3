/** Which server block answers a name on one listener. */
import type { Name } from '../dns/name.ts';
import { RrType } from '../dns/types.ts';
import type { Handler } from '../plugins/plugin.ts';

export interface Route {
  readonly zone: Name;
  /** Undefined for a block without plugins: it refuses. */
  readonly handler: Handler | undefined;
}

export class Router {
  /** Longest zone first, the root last. */
  readonly #routes: readonly Route[];
  readonly #fallback: Route | undefined;

  constructor(routes: readonly Route[]) {
    const isRoot = (route: Route) => route.zone.labelCount === 0;
    this.#routes = routes
      .filter((route) => !isRoot(route))
      .toSorted((a, b) => b.zone.labelCount - a.zone.labelCount);
    this.#fallback = routes.find(isRoot);
  }

  /**
   * The block with the longest zone that holds the name. DS is the parent's to answer (RFC 4035 §3.1.4.1), so it goes
   * to the shortest such zone; the root is the last resort for all.
   */
  find(name: Name, type: number): Route | undefined {
    const route =
      type === RrType.DS
        ? this.#routes.findLast((candidate) => name.isWithin(candidate.zone))
        : this.#routes.find((candidate) => name.isWithin(candidate.zone));
    return route ?? this.#fallback;
  }
}
