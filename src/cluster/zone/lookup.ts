/** What a cluster zone says about a name and type. */
import type { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { Rcode } from '../../dns/types.ts';
import type { Reason } from '../../reasons.ts';
import type { Generation } from '../generation.ts';

/**
 * `answer`: there are records. `nodata`: the name exists, with none of this type. `nxdomain`: it does not exist.
 * `unsynced`: it is not known, and the cluster state is not complete, so nobody can say. `refused`: a transfer.
 */
export type Outcome = 'answer' | 'nodata' | 'nxdomain' | 'unsynced' | 'refused';

export interface Lookup {
  readonly outcome: Outcome;
  readonly answer: readonly ResourceRecord[];
  /** The zone's SOA with `nodata`, `nxdomain` and `unsynced`. */
  readonly authority: readonly ResourceRecord[];
  /** Addresses of SRV and NS targets. */
  readonly additional: readonly ResourceRecord[];
  /** Set where an ExternalName leads out of the zone: the CNAME is in `answer`, this name is to be asked next. */
  readonly chase: Name | undefined;
  /** Why there are no records. */
  readonly reason: Reason | undefined;
  /** The lookup gives the same while `of.current` is still `generation`. */
  readonly validWhile: { readonly of: Generation; readonly generation: number };
}

/** The rcode that an outcome is answered with. */
export const rcodeOf: Readonly<Record<Outcome, number>> = {
  answer: Rcode.NOERROR,
  nodata: Rcode.NOERROR,
  nxdomain: Rcode.NXDOMAIN,
  unsynced: Rcode.SERVFAIL,
  refused: Rcode.REFUSED,
};
