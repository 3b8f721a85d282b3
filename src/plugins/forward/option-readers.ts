/** The properties in the block of `forward`, one reader each. */
import { isIP } from 'node:net';
import { expectArgs, noArgs, onlyArg, parseDuration, parseInteger } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';
import { Rcode } from '../../dns/types.ts';
import type { UpstreamAddress } from './addresses.ts';
import type { Draft, HealthCheckOptions } from './options.ts';
import { POLICIES, type PolicyName } from './policy.ts';
import { parseEndpoint } from './targets.ts';
import { readTlsFiles } from './tls-files.ts';

type Reader = (property: Directive) => void;

/** Each writes what it reads into the draft. */
export function readersOf(draft: Draft, root: string): Record<string, Reader> {
  return { ...routeReaders(draft), ...connectionReaders(draft, root), ...failureReaders(draft) };
}

/** Which names, which upstream, how many queries. */
function routeReaders(draft: Draft): Record<string, Reader> {
  return {
    except: (property) => {
      const zones = expectArgs(property, { min: 1 }).flatMap(normalizeZones);
      draft.except = [...draft.except, ...zones];
    },
    policy: (property) => {
      draft.policy = readPolicy(property);
    },
    max_concurrent: (property) => {
      draft.maxConcurrent = readCount(property);
    },
    resolver: (property) => {
      draft.resolvers = expectArgs(property, { min: 1 }).map(readResolver);
    },
    next: (property) => {
      draft.next = new Set([...draft.next, ...readRcodes(property)]);
    },
    next_on_nodata: (property) => {
      noArgs(property);
      draft.nextOnNodata = true;
    },
  };
}

/** How upstreams are spoken to. */
function connectionReaders(draft: Draft, root: string): Record<string, Reader> {
  return {
    force_tcp: (property) => {
      noArgs(property);
      draft.forceTcp = true;
    },
    prefer_udp: (property) => {
      noArgs(property);
      draft.preferUdp = true;
    },
    expire: (property) => {
      draft.expireMs = readDuration(property);
    },
    max_age: (property) => {
      draft.maxAgeMs = readDuration(property);
    },
    max_idle_conns: (property) => {
      draft.maxIdleConns = readCount(property);
    },
    tls: (property) => {
      const { tls, warnings } = readTlsFiles(property, root);
      draft.tls = tls;
      draft.warnings = [...draft.warnings, ...warnings];
    },
    tls_servername: (property) => {
      draft.tlsServerName = onlyArg(property).text;
    },
    doh_method: (property) => {
      const token = onlyArg(property);
      if (token.text !== 'POST' && token.text !== 'GET') {
        throw errorAt(token, 'doh_method must be either POST or GET');
      }
      draft.dohMethod = token.text;
    },
    source_address: (property) => {
      const token = onlyArg(property);
      if (isIP(token.text) === 0) throw errorAt(token, `invalid IP address: ${token.text}`);
      draft.sourceAddress = token.text;
    },
  };
}

/** What happens when an upstream does not answer, or not well. */
function failureReaders(draft: Draft): Record<string, Reader> {
  return {
    read_timeout: (property) => {
      draft.readTimeoutMs = readTimeout(property);
    },
    max_fails: (property) => {
      draft.maxFails = readCount(property);
    },
    max_connect_attempts: (property) => {
      draft.maxConnectAttempts = readCount(property);
    },
    health_check: (property) => {
      draft.healthCheck = readHealthCheck(property);
    },
    failfast_all_unhealthy_upstreams: (property) => {
      noArgs(property);
      draft.failFast = true;
    },
    failover: (property) => {
      const rcodes = readRcodes(property);
      const success = property.args[rcodes.indexOf(Rcode.NOERROR)];
      if (success !== undefined) throw errorAt(success, 'NoError cannot be used in failover');
      draft.failover = new Set([...draft.failover, ...rcodes]);
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
  if (timeoutMs <= 0) throw errorAt(token, `read_timeout must be positive: ${token.text}`);
  return timeoutMs;
}

function readDuration(property: Directive): number {
  return notNegative(onlyArg(property), property);
}

function notNegative(token: Token, { name }: Directive): number {
  const milliseconds = parseDuration(token);
  if (milliseconds < 0) throw errorAt(token, `${name.text} can't be negative: ${token.text}`);
  return milliseconds;
}

function readRcodes(property: Directive): number[] {
  return expectArgs(property, { min: 1 }).map((token) => {
    const name = token.text.toUpperCase();
    const rcode = Object.entries(Rcode).find(([known]) => known === name)?.[1];
    if (rcode === undefined) throw errorAt(token, `${token.text} is not a valid rcode`);
    return rcode;
  });
}

function readHealthCheck(property: Directive): HealthCheckOptions {
  const [interval, ...words] = property.args;
  if (interval === undefined) throw argumentError(property);
  const intervalMs = notNegative(interval, property);
  let recursionDesired = true;
  let domain = Name.root;
  while (words.length > 0) {
    const word = words.shift();
    if (word?.text === 'no_rec') recursionDesired = false;
    else if (word?.text === 'domain') domain = readDomain(words.shift(), property);
    else if (word !== undefined) throw errorAt(word, `health_check: unknown option ${word.text}`);
  }
  return { intervalMs, recursionDesired, domain };
}

function readDomain(token: Token | undefined, property: Directive): Name {
  if (token === undefined) throw argumentError(property);
  try {
    return Name.fromText(token.text);
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    throw errorAt(token, `health_check: invalid domain name ${token.text}`);
  }
}

function readResolver(token: Token): UpstreamAddress {
  const endpoint = parseEndpoint('dns', token.text);
  if (endpoint === undefined)
    throw errorAt(token, `resolver must be an IP address or IP:port: "${token.text}"`);
  return { host: endpoint.host, port: endpoint.port };
}
