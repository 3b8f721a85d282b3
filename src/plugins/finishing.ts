/** Plugins that look at a reply, or change it, on its way out, and do nothing with the query before. */
import type { Plugin, Query } from './plugin.ts';
import { type Reply, whenReplied } from './reply.ts';

/** The chain lets several that stand side by side share one wait: a promise for each costs more than what they do. */
export function finishing(name: string, finish: (query: Query, reply: Reply) => Reply): Plugin {
  return {
    name,
    finish,
    serve: (query, next) => whenReplied(next(query), (reply) => finish(query, reply)),
  };
}
