/** `minimal`: positive replies without the records that nobody asked for. */
import { noArgs, noBlock } from '../../corefile/args.ts';
import { Opcode, Rcode, RrType } from '../../dns/types.ts';
import { finishing } from '../finishing.ts';
import type { Plugin, PluginFactory, Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';

export const minimalPlugin: PluginFactory = {
  name: 'minimal',

  setup(directives): Plugin {
    for (const directive of directives) {
      noArgs(directive);
      noBlock(directive);
    }
    return finishing('minimal', (query, reply) => (isPositive(query, reply) ? trimmed(reply) : reply));
  },
};

/** An answer, or an empty success: there the authority section says neither NODATA nor who else to ask (RFC 2308 §2.2). */
function isPositive({ message, type }: Query, { rcode, answer, authority }: Reply): boolean {
  if (rcode !== Rcode.NOERROR || message.opcode !== Opcode.QUERY) return false;
  // Zone transfers are whole as they are (RFC 5936 §2.2).
  if (type === RrType.AXFR || type === RrType.IXFR) return false;
  if (answer.length > 0) return true;
  return !authority.some((found) => found.type === RrType.SOA || found.type === RrType.NS);
}

function trimmed(reply: Reply): Reply {
  if (reply.authority.length === 0 && reply.additional.length === 0) return reply;
  return { ...reply, authority: [], additional: [] };
}
