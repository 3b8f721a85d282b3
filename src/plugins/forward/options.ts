/** What a `forward` directive says. */
import type { Name } from '../../dns/name.ts';
import type { UpstreamAddress } from './addresses.ts';
import type { PolicyName } from './policy.ts';
import type { Target } from './targets.ts';
import type { ClientTls } from './tls-files.ts';

export interface HealthCheckOptions {
  readonly intervalMs: number;
  readonly recursionDesired: boolean;
  readonly domain: Name;
}

export interface ForwardOptions {
  readonly from: Name;
  /** Names within these are not forwarded, but for FROM itself. */
  readonly except: readonly Name[];
  /** At least one. */
  readonly targets: readonly Target[];
  /** Servers that names among the targets are looked up with; empty: as the system does it. */
  readonly resolvers: readonly UpstreamAddress[];
  readonly forceTcp: boolean;
  readonly preferUdp: boolean;
  readonly policy: PolicyName;
  /** 0: no limit but the program's own. */
  readonly maxConcurrent: number;
  /** Per query. 0: no limit but the program's own; undefined: twice the number of upstreams. */
  readonly maxConnectAttempts: number | undefined;
  readonly readTimeoutMs: number;
  /** Life of a connection that nobody uses. */
  readonly expireMs: number;
  /** Life of a connection. 0: no limit. */
  readonly maxAgeMs: number;
  /** Per upstream and protocol. 0: no limit but the program's own. */
  readonly maxIdleConns: number;
  /** Failed checks beyond which an upstream is down. 0: never, and never checked. */
  readonly maxFails: number;
  readonly healthCheck: HealthCheckOptions;
  readonly failFast: boolean;
  /** Rcodes with which the next upstream is asked. */
  readonly failover: ReadonlySet<number>;
  /** Rcodes with which the next stanza is asked. */
  readonly next: ReadonlySet<number>;
  readonly nextOnNodata: boolean;
  readonly tls: ClientTls;
  /** Name that the certificates of all upstreams must bear. */
  readonly tlsServerName: string | undefined;
  readonly dohMethod: 'POST' | 'GET';
  /** Address from which upstreams are asked. */
  readonly sourceAddress: string | undefined;
  /** What the operator should know of, though it is no mistake. */
  readonly warnings: readonly string[];
}

/** The options while they are read. */
export type Draft = { -readonly [Field in keyof ForwardOptions]: ForwardOptions[Field] };
