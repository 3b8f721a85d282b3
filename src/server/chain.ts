/** Plugins in their fixed order, made one handler. */
import { Rcode } from '../dns/types.ts';
import type { Handler, Plugin } from '../plugins/plugin.ts';
import { failure, type Reply } from '../plugins/reply.ts';
import { reasons } from '../reasons.ts';

/** @param plugins outermost first; a query that the last one passes on is answered SERVFAIL */
export function chain(plugins: readonly Plugin[]): Handler {
  return plugins.reduceRight<Handler>(
    (next, plugin) => (query) => plugin.serve(query, next),
    endOfChain(plugins.at(-1)?.name ?? ''),
  );
}

function endOfChain(last: string): Handler {
  const reply: Reply = failure(Rcode.SERVFAIL, reasons.noNextPlugin, `plugin/${last}: no next plugin found`);
  return () => reply;
}
