/** Reads a `forward` directive. */
import { noArgs, onlyArg, parseDuration, parseInteger, readProperties } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import { readUpstreams, type UpstreamAddress } from './addresses.ts';

export const POLICIES = ['random', 'round_robin', 'sequential'] as const;
export type PolicyName = (typeof POLICIES)[number];

export interface ForwardOptions {
  readonly from: Name;
  /** Names within these are not forwarded, but for FROM itself. */
  readonly except: readonly Name[];
  /** At least one. */
  readonly upstreams: readonly UpstreamAddress[];
  readonly forceTcp: boolean;
  readonly preferUdp: boolean;
  readonly policy: PolicyName;
  /** 0: no limit but the program's own. */
  readonly maxConcurrent: number;
  /** Per query. 0: no limit but the program's own. */
  readonly maxConnectAttempts: number;
  readonly readTimeoutMs: number;
  /** What the operator should know of, though it is no mistake. */
  readonly warnings: readonly string[];
}

type Draft = { -readonly [Field in keyof ForwardOptions]: ForwardOptions[Field] };
type Reader = (property: Directive) => void;

/** Options of CoreDNS that do not work here yet: none is skipped silently. */
const LATER = [
  ...['expire', 'max_age', 'max_idle_conns', 'health_check', 'tls', 'tls_servername', 'next'],
  ...['next_on_nodata', 'failfast_all_unhealthy_upstreams', 'failover', 'doh_method', 'source_address'],
  'resolver',
];

const laterReaders: Record<string, Reader> = Object.fromEntries(LATER.map((option) => [option, refuseLater]));

function refuseLater({ name }: Directive): never {
  throw errorAt(name, `forward option '${name.text}' is not in corvidns yet`);
}

/** @throws {CorefileError} with CoreDNS's words where it has some */
export function readOptions(directive: Directive): ForwardOptions {
  const [fromToken, firstTo, ...moreTos] = directive.args;
  if (fromToken === undefined || firstTo === undefined) throw argumentError(directive);
  const zones = normalizeZones(fromToken);
  const from = zones[0] ?? Name.root;
  const warning = `Unsupported CIDR notation: '${fromToken.text}' expands to multiple zones. Using only '${from}'.`;
  const upstreams = readUpstreams([firstTo, ...moreTos]);
  const draft: Draft = {
    ...{ from, upstreams, except: [], warnings: zones.length > 1 ? [warning] : [] },
    ...{ forceTcp: false, preferUdp: false, policy: 'random' },
    ...{ maxConcurrent: 0, maxConnectAttempts: 2 * upstreams.length, readTimeoutMs: limits.forwardReadMs },
  };
  readProperties(directive, { ...readersOf(draft), ...laterReaders });
  return draft;
}

function readersOf(draft: Draft): Record<string, Reader> {
  return {
    except: (property) => {
      if (property.args.length === 0) throw argumentError(property);
      draft.except = [...draft.except, ...property.args.flatMap(normalizeZones)];
    },
    force_tcp: (property) => {
      noArgs(property);
      draft.forceTcp = true;
    },
    prefer_udp: (property) => {
      noArgs(property);
      draft.preferUdp = true;
    },
    policy: (property) => {
      draft.policy = readPolicy(property);
    },
    max_concurrent: (property) => {
      draft.maxConcurrent = readCount(property);
    },
    max_connect_attempts: (property) => {
      draft.maxConnectAttempts = readCount(property);
    },
    max_fails: (property) => {
      // 0 says that no upstream is ever taken for down: so it is here.
      if (readCount(property) > 0) refuseLater(property);
    },
    read_timeout: (property) => {
      draft.readTimeoutMs = readTimeout(property);
    },
  };
}

function readPolicy(property: Directive): PolicyName {
  const token = onlyArg(property);
  const policy = POLICIES.find((known) => known === token.text);
  if (policy === undefined) throw errorAt(token, `unknown policy '${token.text}'`);
  return policy;
}

function readCount(property: Directive): number {
  const token = onlyArg(property);
  const count = parseInteger(token);
  if (count < 0) throw errorAt(token, `${property.name.text} can't be negative: ${count}`);
  return count;
}

function readTimeout(property: Directive): number {
  const token = onlyArg(property);
  const timeoutMs = parseDuration(token);
  if (timeoutMs <= 0) throw errorAt(token, `read_timeout must be greater than 0: ${token.text}`);
  return timeoutMs;
}
