/** Success, denial or error: what `log { class }` tells replies apart by. */
import { Opcode, Rcode, RrType } from '../../dns/types.ts';
import type { Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';

export type ReplyClass = 'success' | 'denial' | 'error';

/** As CoreDNS does it: whatever is not a plain answer to a plain question counts as an error, a zone transfer too. */
export function classify(query: Query, reply: Reply): ReplyClass {
  const { opcode } = query.message;
  if (opcode === Opcode.NOTIFY || opcode === Opcode.UPDATE) return 'error';
  if (query.type === RrType.AXFR || query.type === RrType.IXFR) return 'error';
  if (reply.rcode === Rcode.NXDOMAIN) return reply.answer.length > 0 ? 'error' : 'denial';
  if (reply.rcode !== Rcode.NOERROR) return 'error';
  // RFC 2308 §2.2: no answer and a SOA is NODATA; without one it is a referral or an empty success.
  const noData = reply.answer.length === 0 && reply.authority.some(({ type }) => type === RrType.SOA);
  return noData ? 'denial' : 'success';
}
