/** Plugins in their fixed order, made one handler. */
import { Rcode } from '../dns/types.ts';
import type { Handler, Plugin, Query } from '../plugins/plugin.ts';
import { failure, type Reply } from '../plugins/reply.ts';
import { reasons } from '../reasons.ts';

/** @param plugins outermost first; a query that the last one passes on is answered SERVFAIL */
export function chain(plugins: readonly Plugin[]): Handler {
  let handler = endOfChain(plugins.at(-1)?.name ?? '');
  let finishes: Finish[] = [];
  for (const plugin of plugins.toReversed()) {
    if (plugin.finish === undefined) {
      handler = serving(plugin, finishing(finishes, handler));
      finishes = [];
    } else {
      finishes.push(plugin.finish);
    }
  }
  return finishing(finishes, handler);
}

type Finish = NonNullable<Plugin['finish']>;

function serving(plugin: Plugin, next: Handler): Handler {
  return (query) => plugin.serve(query, next);
}

/** @param finishes innermost first: a reply passes them in this order */
function finishing(finishes: readonly Finish[], next: Handler): Handler {
  if (finishes.length === 0) return next;
  const finish = (query: Query, reply: Reply) => {
    let finished = reply;
    for (let i = 0; i < finishes.length; i++) finished = (finishes[i] as Finish)(query, finished);
    return finished;
  };
  return (query) => {
    const reply = next(query);
    return reply instanceof Promise ? reply.then((settled) => finish(query, settled)) : finish(query, reply);
  };
}

function endOfChain(last: string): Handler {
  const reply: Reply = failure(Rcode.SERVFAIL, reasons.noNextPlugin, `plugin/${last}: no next plugin found`);
  return () => reply;
}
