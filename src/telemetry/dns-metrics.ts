/** What is counted of every query: CoreDNS's names, labels and buckets, so that its dashboards keep working. */
import { RrType, rcodeName } from '../dns/types.ts';
import type { CounterChild, GaugeChild, HistogramChild, Labeled, Metrics } from './metrics.ts';

/** Buckets of durations in seconds: 0.25 ms, doubled up to 8 s. */
export const TIME_BUCKETS: readonly number[] = Array.from({ length: 16 }, (_, k) => 0.00025 * 2 ** k);
/** Coarser ones: 0.25 ms, times ten up to 2.5 s. */
export const SLIM_TIME_BUCKETS: readonly number[] = [0.00025, 0.0025, 0.025, 0.25, 2.5];
const SIZE_BUCKETS = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];

/** The `zone` of a query that the server itself turned away. Without a final dot it can be no zone's name. */
export const DROPPED = 'dropped';

/** What of a query is counted: a `Query` is one. */
export interface CountedQuery {
  readonly transport: 'udp' | 'tcp';
  readonly type: number;
  /** Octets of the request. */
  readonly size: number;
  readonly client: { readonly family: 4 | 6 };
  readonly message: { readonly edns?: { readonly do: boolean } | undefined };
}

/** What of a reply is counted: a `Reply` is one. */
export interface CountedReply {
  readonly plugin: string;
  readonly reason: { readonly code: string } | undefined;
}

/** Replies with the same octets that were sent. */
export interface CountedSending {
  readonly bytes: number;
  readonly rcode: number;
  readonly times: number;
  /** That each took. */
  readonly milliseconds: number;
}

const LABELED_TYPES = [
  ...['A', 'AAAA', 'CNAME', 'DNSKEY', 'DS', 'MX', 'NSEC3', 'NSEC', 'NS', 'PTR', 'RRSIG', 'SOA', 'SRV', 'TXT'],
  ...['HTTPS', 'SVCB', 'IXFR', 'AXFR', 'ANY'],
] as readonly (keyof typeof RrType)[];
const OTHER = 'other';
/** By type number; what is not in here is `other`, so that a client cannot make label sets at will. */
const typeLabels: readonly (string | undefined)[] = LABELED_TYPES.reduce<string[]>((labels, name) => {
  labels[RrType[name]] = name;
  return labels;
}, []);

export class DnsMetrics {
  readonly requests: Labeled<CounterChild>;
  readonly doRequests: Labeled<CounterChild>;
  readonly responses: Labeled<CounterChild>;
  readonly nonAnswers: Labeled<CounterChild>;
  readonly durations: Labeled<HistogramChild>;
  readonly requestSizes: Labeled<HistogramChild>;
  readonly responseSizes: Labeled<HistogramChild>;
  readonly #accounts = new Map<string, Map<string, Map<string, ZoneAccount>>>();

  constructor(metrics: Metrics) {
    const zone = ['server', 'zone', 'view'];
    const zoneProto = [...zone, 'proto'];
    this.requests = metrics.counter(
      'coredns_dns_requests_total',
      'Counter of DNS requests made per zone, protocol and family.',
      [...zoneProto, 'family', 'type'],
    );
    this.doRequests = metrics.counter(
      'coredns_dns_do_requests_total',
      'Counter of DNS requests with DO bit set per zone.',
      zone,
    );
    this.responses = metrics.counter('coredns_dns_responses_total', 'Counter of response status codes.', [
      ...zone,
      'rcode',
      'plugin',
    ]);
    this.nonAnswers = metrics.counter(
      'corvidns_non_answers_total',
      'Counter of replies without an answer, by reason.',
      ['server', 'zone', 'reason'],
    );
    this.durations = metrics.histogram(
      'coredns_dns_request_duration_seconds',
      'Histogram of the time (in seconds) each request took per zone.',
      zone,
      TIME_BUCKETS,
    );
    this.requestSizes = metrics.histogram(
      'coredns_dns_request_size_bytes',
      'Size of the request in bytes per zone and protocol.',
      zoneProto,
      SIZE_BUCKETS,
    );
    this.responseSizes = metrics.histogram(
      'coredns_dns_response_size_bytes',
      'Size of the returned response in bytes.',
      zoneProto,
      SIZE_BUCKETS,
    );
  }

  /**
   * The accumulators of one zone on one listener: keep it where queries pass.
   * @param zone presentation form in lower case, or `DROPPED`
   * @param view empty where there are no views
   */
  account(server: string, zone: string, view = ''): ZoneAccount {
    const zones = getOrMake(this.#accounts, server, () => new Map<string, Map<string, ZoneAccount>>());
    const views = getOrMake(zones, zone, () => new Map<string, ZoneAccount>());
    return getOrMake(views, view, () => new ZoneAccount(this, server, zone, view));
  }
}

interface ProtoAccount {
  readonly requestSizes: HistogramChild;
  readonly responseSizes: HistogramChild;
}

/** Counts what was sent. */
export type Tally = (sending: CountedSending) => void;

/** Every label set that a query to one zone can touch, each looked up once: counting joins no strings. */
export class ZoneAccount {
  readonly #metrics: DnsMetrics;
  readonly #labels: readonly [server: string, zone: string, view: string];
  readonly #durations: HistogramChild;
  #udp: ProtoAccount | undefined;
  #tcp: ProtoAccount | undefined;
  #doRequests: CounterChild | undefined;
  /** By type label, one map for each of transport and family. */
  readonly #requests: readonly Map<string, CounterChild>[] = [new Map(), new Map(), new Map(), new Map()];
  readonly #responses = new Map<string, Map<number, CounterChild>>();
  readonly #nonAnswers = new Map<string, CounterChild>();

  constructor(metrics: DnsMetrics, server: string, zone: string, view: string) {
    this.#metrics = metrics;
    this.#labels = [server, zone, view];
    this.#durations = metrics.durations.labels(...this.#labels);
  }

  /** Where a reply is counted, each time that it is sent. */
  tally(query: CountedQuery, { plugin, reason }: CountedReply): Tally {
    const { size } = query;
    const request = this.#request(query);
    const doRequests = query.message.edns?.do ? this.#doRequest() : undefined;
    const proto = query.transport === 'udp' ? this.#overUdp() : this.#overTcp();
    const nonAnswer = reason === undefined ? undefined : this.#nonAnswer(reason.code);
    // Nothing of query and reply themselves: it may be kept for long.
    return ({ bytes, rcode, times, milliseconds }) => {
      request.inc(times);
      doRequests?.inc(times);
      proto.requestSizes.observe(size, times);
      proto.responseSizes.observe(bytes, times);
      this.#durations.observe(milliseconds / 1000, times);
      this.#response(rcode, plugin).inc(times);
      nonAnswer?.inc(times);
    };
  }

  #overUdp(): ProtoAccount {
    this.#udp ??= this.#proto('udp');
    return this.#udp;
  }

  #overTcp(): ProtoAccount {
    this.#tcp ??= this.#proto('tcp');
    return this.#tcp;
  }

  #proto(proto: string): ProtoAccount {
    return {
      requestSizes: this.#metrics.requestSizes.labels(...this.#labels, proto),
      responseSizes: this.#metrics.responseSizes.labels(...this.#labels, proto),
    };
  }

  #request(query: CountedQuery): CounterChild {
    const byType = this.#requests[(query.transport === 'udp' ? 0 : 2) + (query.client.family === 4 ? 0 : 1)];
    const type = typeLabels[query.type] ?? OTHER;
    return getOrMake(byType as Map<string, CounterChild>, type, () =>
      this.#metrics.requests.labels(
        ...this.#labels,
        query.transport,
        query.client.family === 4 ? '1' : '2',
        type,
      ),
    );
  }

  #doRequest(): CounterChild {
    this.#doRequests ??= this.#metrics.doRequests.labels(...this.#labels);
    return this.#doRequests;
  }

  #response(rcode: number, plugin: string): CounterChild {
    const byRcode = getOrMake(this.#responses, plugin, () => new Map<number, CounterChild>());
    return getOrMake(byRcode, rcode, () =>
      this.#metrics.responses.labels(...this.#labels, rcodeLabel(rcode), plugin),
    );
  }

  #nonAnswer(reason: string): CounterChild {
    const [server, zone] = this.#labels;
    return getOrMake(this.#nonAnswers, reason, () => this.#metrics.nonAnswers.labels(server, zone, reason));
  }
}

/** Like the log's, but an rcode without a name is `RCODE24` here. */
function rcodeLabel(rcode: number): string {
  const name = rcodeName(rcode);
  return /^\d/.test(name) ? `RCODE${name}` : name;
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Which plugins are in the chain of a block: the server sets it at start and resets it at a reload. */
export function pluginEnabledGauge(metrics: Metrics): Labeled<GaugeChild> {
  return metrics.gauge(
    'coredns_plugin_enabled',
    'A metric that indicates whether a plugin is enabled on per server and zone basis.',
    ['server', 'zone', 'view', 'name'],
  );
}

/** What runs here. `goversion` carries the version of Node. */
export function setBuildInfo(metrics: Metrics, version: string, revision: string): void {
  metrics
    .gauge(
      'coredns_build_info',
      "A metric with a constant '1' value labeled by version, revision, and goversion from which the server was built.",
      ['version', 'revision', 'goversion'],
    )
    .labels(version, revision, process.version)
    .set(1);
}

/** Queries that failed in a way nobody foresaw. */
export function panicsCounter(metrics: Metrics): CounterChild {
  return metrics.counter('coredns_panics_total', 'A metrics that counts the number of panics.', []).labels();
}
