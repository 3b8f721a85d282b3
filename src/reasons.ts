/**
 * Every reason for which a query gets no records: one registry for the log, the metrics and, later, extended
 * DNS errors (RFC 8914) and `explain`. `ede` is the INFO-CODE of RFC 8914 §4 that fits best.
 */
export interface Reason {
  /** Stable identifier: a metric label and a log field. */
  readonly code: string;
  /** Extended DNS Error INFO-CODE (RFC 8914 §4). */
  readonly ede: number;
  /** One sentence for a person. */
  readonly sentence: string;
}

function reason<const Code extends string>(code: Code, ede: number, sentence: string) {
  return { code, ede, sentence } as const satisfies Reason;
}

const OTHER = 0;
const NOT_READY = 14;
const BLOCKED = 15;
const FILTERED = 17;
const PROHIBITED = 18;
const NOT_AUTHORITATIVE = 20;
const NOT_SUPPORTED = 21;
const NO_REACHABLE_AUTHORITY = 22;
const NETWORK_ERROR = 23;

export const reasons = {
  // --- the cluster's names ---
  noSuchNamespace: reason('no-such-namespace', OTHER, 'the namespace does not exist or is not exposed'),
  noSuchService: reason('no-such-service', OTHER, 'no Service of this name is in the namespace'),
  noSuchEndpoint: reason('no-such-endpoint', OTHER, 'the Service has no ready endpoint of this hostname'),
  noSuchPort: reason('no-such-port', OTHER, 'the Service has no port of this name and protocol'),
  noReadyEndpoints: reason('no-ready-endpoints', OTHER, 'the headless Service has no ready endpoint'),
  emptyService: reason('empty-service', OTHER, 'the Service has no ready endpoint (ignore empty_service)'),
  noSuchPod: reason('no-such-pod', OTHER, 'no pod of this address is in the namespace'),
  podsDisabled: reason('pods-disabled', OTHER, 'pod names are disabled (pods disabled)'),
  notAClusterName: reason('not-a-cluster-name', OTHER, 'the name has not the form of a Service or pod name'),
  noSuchAddress: reason('no-such-address', OTHER, 'no Service or endpoint has this address'),
  externalNameIsAddress: reason(
    'external-name-is-address',
    OTHER,
    'externalName is an IP address, not a name',
  ),
  externalNameUnresolved: reason('external-name-unresolved', OTHER, 'the externalName leads to no record'),
  noRecordOfType: reason('no-record-of-type', OTHER, 'the name exists, with no record of this type'),
  notSynced: reason('not-synced', NOT_READY, 'the cluster state is not complete yet'),
  transferRefused: reason('transfer-refused', NOT_SUPPORTED, 'zone transfers are not enabled'),
  // --- transfer ---
  transferOverUdp: reason('transfer-over-udp', NOT_SUPPORTED, 'zones are transferred over TCP alone'),
  transferDenied: reason('transfer-denied', PROHIBITED, 'the client is none that zones go to (transfer to)'),
  transferWithoutSerial: reason(
    'transfer-without-serial',
    OTHER,
    'the IXFR query has not one SOA record in its authority section',
  ),
  tooManyTransfers: reason('too-many-transfers', OTHER, 'too many zone transfers are under way'),
  // --- hosts ---
  notInHosts: reason('not-in-hosts', OTHER, 'the name is in no hosts entry and nothing follows hosts'),
  // --- rewrite ---
  invalidRewrittenName: reason(
    'invalid-rewritten-name',
    OTHER,
    'a rewrite rule makes a name of it that is not legal',
  ),
  // --- acl ---
  aclBlocked: reason('acl-blocked', BLOCKED, 'the client may not ask for this (acl block)'),
  aclFiltered: reason(
    'acl-filtered',
    FILTERED,
    'records of this type are withheld from the client (acl filter)',
  ),
  aclDropped: reason('acl-dropped', BLOCKED, 'the client gets no reply to this (acl drop)'),
  // --- local ---
  noSuchLocalName: reason(
    'no-such-local-name',
    OTHER,
    "the zone is this machine's, and the name is not in it",
  ),
  // --- cancel ---
  cancelled: reason('cancelled', OTHER, 'the answer took longer than it may (cancel)'),
  // --- the server ---
  noNextPlugin: reason('no-next-plugin', OTHER, 'no plugin of the server block answered'),
  noZone: reason('no-zone', NOT_AUTHORITATIVE, 'no server block serves the name'),
  noPlugins: reason('no-plugins', NOT_AUTHORITATIVE, 'the server block has no plugins'),
  notInternetClass: reason('not-internet-class', NOT_SUPPORTED, 'only class IN is answered here'),
  badVersion: reason('bad-version', OTHER, 'the EDNS version is not 0'),
  internalError: reason('internal-error', OTHER, 'a plugin failed'),
  chaseTooDeep: reason('chase-too-deep', OTHER, 'the chain of CNAMEs is too long'),
  // --- forward ---
  upstreamTimeout: reason('upstream-timeout', NO_REACHABLE_AUTHORITY, 'no upstream answered in time'),
  upstreamError: reason('upstream-error', NETWORK_ERROR, 'the upstreams could not be reached'),
  upstreamCertificate: reason(
    'upstream-certificate',
    NETWORK_ERROR,
    'the certificate of the upstream is not trusted or does not fit its name',
  ),
  noHealthyUpstream: reason(
    'no-healthy-upstream',
    NO_REACHABLE_AUTHORITY,
    'all upstreams are down (failfast_all_unhealthy_upstreams)',
  ),
  tooManyForwards: reason(
    'too-many-forwards',
    OTHER,
    'too many queries wait for the upstreams (max_concurrent)',
  ),
  forwardLoop: reason('forward-loop', NO_REACHABLE_AUTHORITY, 'the upstreams send queries back here (loop)'),
} as const;
