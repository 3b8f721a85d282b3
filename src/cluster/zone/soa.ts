/** The SOA record of a cluster zone, as CoreDNS has it. */
import { Name } from '../../dns/name.ts';
import { LastingRecord, type ResourceRecord, record } from '../../dns/record.ts';

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

/** The authority section of negative answers in the zone: the same one for as long as its serial stands. */
export class ZoneAuthority {
  readonly #origin: Name;
  readonly #ttl: number;
  #serial = -1;
  #records: readonly ResourceRecord[] = [];

  constructor(origin: Name, ttl: number) {
    this.#origin = origin;
    this.#ttl = ttl;
  }

  /** @param name one in the zone: the SOA's own has its letter case */
  of(name: Name, serial: number): readonly ResourceRecord[] {
    // Few write the zone in other letters than its own: theirs is made anew.
    if (!name.spells(this.#origin))
      return [soaRecord(name.suffix(this.#origin.labelCount), this.#ttl, serial)];
    if (serial !== this.#serial) {
      this.#records = [new LastingRecord(soaRecord(this.#origin, this.#ttl, serial))];
      this.#serial = serial;
    }
    return this.#records;
  }
}
