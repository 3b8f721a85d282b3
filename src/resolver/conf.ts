/** What `/etc/resolv.conf` tells a C library's resolver: the settings that it works with in the end. */

export type Libc = 'glibc' | 'musl';

export interface Nameserver {
  /** An address; one of IPv6 may bear a scope: `fe80::1%eth0`. */
  readonly host: string;
  readonly port: number;
}

/** Options that are on or off. Only glibc has them. */
export type Flag =
  | 'rotate'
  | 'edns0'
  | 'single-request-reopen'
  | 'single-request'
  | 'no-tld-query'
  | 'no-reload'
  | 'use-vc'
  | 'trust-ad'
  | 'no-aaaa'
  | 'strict-error';

/** The settings of one library. */
export interface ResolvConf {
  /** Those that are used: three at most. */
  readonly nameservers: readonly Nameserver[];
  /** Domains in order, as written. */
  readonly search: readonly string[];
  /** Dots from which on a name is tried as it is before (glibc) or instead of (musl) the search list. */
  readonly ndots: number;
  readonly timeoutSeconds: number;
  readonly attempts: number;
  readonly flags: ReadonlySet<Flag>;
}

export const DNS_PORT = 53;
/** MAXNS of both libraries: those behind are not asked. */
export const MAX_NAMESERVERS = 3;

/** What both libraries have where the file says nothing. */
export const DEFAULTS: ResolvConf = {
  nameservers: [{ host: '127.0.0.1', port: DNS_PORT }],
  search: [],
  ndots: 1,
  timeoutSeconds: 5,
  attempts: 2,
  flags: new Set(),
};

/** Something about a line that its writer may not expect. */
export interface Remark {
  /** From 1; 0 for the environment. */
  readonly line: number;
  /** Whether the library takes nothing from the line. */
  readonly ignored: boolean;
  readonly message: string;
}

/** The file as one library reads it. */
export interface Reading {
  readonly conf: ResolvConf;
  readonly remarks: readonly Remark[];
}

/** `10.96.0.10`, with the port where it is not 53: `127.0.0.1:1053`, `[::1]:1053`. */
export function nameserverText({ host, port }: Nameserver): string {
  if (port === DNS_PORT) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
