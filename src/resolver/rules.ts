/**
 * What each C library makes of what came back for a candidate. Sources: glibc's resolv/res_query.c (search list, errors) and
 * resolv/res_send.c (which reply counts), musl's src/network/lookup_name.c and src/network/res_msend.c.
 */
import type { Libc } from './conf.ts';
import { isBefore124 } from './version.ts';

/** What became of a candidate, over all its servers and attempts. */
export type Verdict =
  | 'answer'
  /** CNAMEs that lead to no record of the type. */
  | 'alias-only'
  | 'nodata'
  | 'nxdomain'
  | 'servfail'
  | 'refused'
  | 'notimp'
  /** Any other rcode. */
  | 'error'
  /** NOERROR without a record from a server that neither is an authority nor recurses. */
  | 'lame'
  | 'timeout'
  /** No server took a packet. */
  | 'unreachable'
  /** The name fits into no message. */
  | 'impossible'
  /** The library sends a broken query for it, which no server answers. */
  | 'malformed';

export type HostError = 'HOST_NOT_FOUND' | 'TRY_AGAIN' | 'NO_RECOVERY' | 'NO_DATA';

export interface Rule {
  /**
   * `done`: the walk ends; `next`: the next candidate is tried; `skip-search`: no other domain is tried, but the name as it
   * is; `give-up`: the walk ends without it.
   */
  readonly action: 'done' | 'next' | 'skip-search' | 'give-up';
  /** Why, for a person. */
  readonly because: string;
}

type Rules = Readonly<Record<Verdict, Rule>>;

const done = (because: string): Rule => ({ action: 'done', because });
const next = (because: string): Rule => ({ action: 'next', because });
const skipSearch = (because: string): Rule => ({ action: 'skip-search', because });
const giveUp = (because: string): Rule => ({ action: 'give-up', because });

const glibc: Rules = {
  answer: done('a record of the type ends the search'),
  'alias-only': done('any record in the answer ends the search, though none is of the type'),
  nodata: next('the name may have the type under another domain'),
  nxdomain: next('the name may exist under another domain'),
  servfail: next('SERVFAIL of every server does not end the search'),
  refused: skipSearch('an error that is not SERVFAIL ends the search list'),
  notimp: skipSearch('an error that is not SERVFAIL ends the search list'),
  error: skipSearch('an error that is not SERVFAIL ends the search list'),
  lame: skipSearch('servers that know nothing end the search list'),
  timeout: skipSearch('silence ends the search list'),
  unreachable: giveUp('there is no server: nothing else is asked'),
  impossible: skipSearch('a name that cannot be asked ends the search list'),
  malformed: skipSearch('glibc sends no broken query'),
};

const musl: Rules = {
  answer: done('a record of the type ends the search'),
  'alias-only': giveUp('the name exists: no other is asked'),
  nodata: giveUp('the name exists: no other is asked'),
  nxdomain: next('the name may exist under another domain'),
  servfail: giveUp('without a usable reply no other name is asked'),
  refused: giveUp('a refusal is no reply, and without one no other name is asked'),
  notimp: giveUp('an error is no reply, and without one no other name is asked'),
  error: giveUp('an error is no reply, and without one no other name is asked'),
  lame: giveUp('the name exists: no other is asked'),
  timeout: giveUp('without a reply no other name is asked'),
  unreachable: giveUp('without a reply no other name is asked'),
  impossible: next('a name that cannot be asked is passed over'),
  malformed: giveUp('no server answers the broken query that is sent for a search domain "."'),
};

const musl123: Rules = {
  ...musl,
  impossible: giveUp('a name that cannot be asked ends the lookup'),
};

export function rulesOf(libc: Libc, muslVersion: string): Rules {
  if (libc === 'glibc') return glibc;
  return isBefore124(muslVersion) ? musl123 : musl;
}

/** Behind a failed try of the name as it is, glibc goes through the list whatever came back. */
export const afterFirst: Rule = next('whatever came back for the name as it is, the search list follows');
export const lastOne: Rule = giveUp('no candidate is left');

/** What `getaddrinfo` gives for glibc's h_errno (nss/getaddrinfo.c). */
export const glibcAddressErrors: Readonly<Record<HostError, string>> = {
  HOST_NOT_FOUND: 'EAI_NONAME',
  TRY_AGAIN: 'EAI_AGAIN',
  NO_RECOVERY: 'EAI_NONAME',
  NO_DATA: 'EAI_NODATA',
};

/** The same for musl, which has no h_errno on this way. Before 1.2.4 a name without addresses was no name. */
export function muslAddressError(verdict: Verdict, version: string): string {
  if (verdict === 'nxdomain' || verdict === 'impossible') return 'EAI_NONAME';
  if (verdict === 'nodata' || verdict === 'alias-only' || verdict === 'lame') {
    return isBefore124(version) ? 'EAI_NONAME' : 'EAI_NODATA';
  }
  return 'EAI_AGAIN';
}
