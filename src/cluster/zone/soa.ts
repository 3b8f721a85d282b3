/** The SOA record of a cluster zone, as CoreDNS has it. */
import { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';

const MNAME = Name.fromText('ns.dns');
const RNAME = Name.fromText('hostmaster');
/** Seconds. */
const REFRESH = 7200;
const RETRY = 1800;
const EXPIRE = 86_400;
const TTL_MAX = 300;

/** @param ttl seconds for which a negative answer may be kept (RFC 2308 §5) */
export function soaRecord(owner: Name, ttl: number, serial: number): ResourceRecord {
  return record(owner, Math.min(ttl, TTL_MAX), {
    kind: 'SOA',
    mname: MNAME.concat(owner),
    rname: RNAME.concat(owner),
    serial,
    refresh: REFRESH,
    retry: RETRY,
    expire: EXPIRE,
    minimum: ttl,
  });
}
