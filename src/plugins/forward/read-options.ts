/** Reads a `forward` directive. */
import { readProperties } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import { durationText } from '../duration-text.ts';
import { addressText } from './addresses.ts';
import { readersOf } from './option-readers.ts';
import type { Draft, ForwardOptions } from './options.ts';
import { readTargets, type Target } from './targets.ts';

/**
 * @param root base directory of relative names of certificates
 * @throws {CorefileError} with CoreDNS's words where it has some
 */
export function readOptions(directive: Directive, root = ''): ForwardOptions {
  const [fromToken, firstTo, ...moreTos] = directive.args;
  if (fromToken === undefined || firstTo === undefined) throw argumentError(directive);
  const zones = normalizeZones(fromToken);
  const from = zones[0] ?? Name.root;
  const warning = `Unsupported CIDR notation: '${fromToken.text}' expands to multiple zones. Using only '${from}'.`;
  const draft: Draft = { ...defaults(), from, warnings: zones.length > 1 ? [warning] : [] };
  readProperties(directive, readersOf(draft, root));
  checkAges(draft, directive);
  draft.targets = readTargets([firstTo, ...moreTos]).map((target) => withServerName(target, draft));
  return draft;
}

function defaults(): Draft {
  return {
    ...{ from: Name.root, except: [], targets: [], resolvers: [], warnings: [] },
    ...{ forceTcp: false, preferUdp: false, policy: 'random', dohMethod: 'POST', sourceAddress: undefined },
    ...{ maxConcurrent: 0, maxConnectAttempts: undefined, readTimeoutMs: limits.forwardReadMs },
    ...{ expireMs: limits.forwardExpireMs, maxAgeMs: 0, maxIdleConns: 0 },
    ...{ maxFails: limits.forwardFails, failFast: false, failover: new Set(), next: new Set() },
    ...{ nextOnNodata: false, tls: {}, tlsServerName: undefined },
    healthCheck: { intervalMs: limits.forwardHealthCheckMs, recursionDesired: true, domain: Name.root },
  };
}

function checkAges({ maxAgeMs, expireMs }: Draft, directive: Directive): void {
  if (maxAgeMs === 0 || maxAgeMs >= expireMs) return;
  const place = directive.block?.findLast(({ name }) => name.text === 'max_age')?.name ?? directive.name;
  throw errorAt(
    place,
    `max_age (${durationText(maxAgeMs)}) must not be less than expire (${durationText(expireMs)})`,
  );
}

/** `tls_servername` is for all upstreams: for one with a name of its own it would be a contradiction. */
function withServerName(target: Target, { tlsServerName }: Draft): Target {
  if (tlsServerName === undefined) return target;
  const { token, upstreams } = target;
  if ('name' in upstreams) {
    if (upstreams.serverName === undefined) return target;
    if (upstreams.serverName !== upstreams.name) throw twoNames(token, tlsServerName, upstreams.serverName);
    return { token, upstreams: { ...upstreams, serverName: tlsServerName } };
  }
  return {
    token,
    upstreams: upstreams.map((address) => {
      if (address.scheme === 'dns') return address;
      if (address.serverName !== undefined) {
        throw twoNames(
          token,
          tlsServerName,
          address.serverName,
          `${address.scheme}://${addressText(address)}`,
        );
      }
      return { ...address, serverName: tlsServerName };
    }),
  };
}

function twoNames(token: Token, all: string, own: string, upstream = token.text): Error {
  return errorAt(
    token,
    `both forward ('${all}') and proxy level ('${own}') TLS servernames are set for upstream proxy '${upstream}'`,
  );
}
