/** Every line that a `kubernetes` directive takes: what it sets, and what is wrong with it. */
import { describe, expect, test } from 'vitest';
import { CorefileError } from '../../../src/corefile/error.ts';
import { Name } from '../../../src/dns/name.ts';
import { type KubernetesOptions, readOptions } from '../../../src/plugins/kubernetes/options.ts';
import { directivesOf } from '../../support/setup.ts';

/** Options of `kubernetes HEAD { LINES }` in a block for `blockZones`. */
function read(head: string, lines = '', blockZones = ['.']): KubernetesOptions {
  const [directive] = directivesOf(`kubernetes ${head} {\n${lines}\n}`);
  if (directive === undefined) throw new Error('no directive');
  return readOptions(
    directive,
    blockZones.map((zone) => Name.fromText(zone)),
  );
}

const withLines = (lines: string) => read('cluster.local', lines);
const texts = (names: readonly Name[]) => names.map(String);
const covers = ({ fallthrough }: KubernetesOptions, name: string) => fallthrough.covers(Name.fromText(name));

describe('zones', () => {
  const rows: [head: string, block: string[], zones: string[], primary: string][] = [
    ['', ['cluster.local.', '10.in-addr.arpa.'], ['cluster.local.', '10.in-addr.arpa.'], 'cluster.local.'],
    ['cluster.local', ['.'], ['cluster.local.'], 'cluster.local.'],
    ['CLUSTER.local. other', ['.'], ['cluster.local.', 'other.'], 'cluster.local.'],
    ['dns://cluster.local:53', ['.'], ['cluster.local.'], 'cluster.local.'],
    ['10.96.0.0/16 cluster.local', ['.'], ['96.10.in-addr.arpa.', 'cluster.local.'], 'cluster.local.'],
    [
      'in-addr.arpa ip6.arpa cluster.local',
      ['.'],
      ['in-addr.arpa.', 'ip6.arpa.', 'cluster.local.'],
      'cluster.local.',
    ],
    ['.', ['example.org.'], ['.'], '.'],
  ];
  test.each(rows)('kubernetes %s in a block for %j', (head, block, zones, primary) => {
    const options = read(head, '', block);
    expect(texts(options.zones)).toEqual(zones);
    expect(String(options.primary)).toBe(primary);
  });

  test('a CIDR block between two octets is many zones', () => {
    expect(read('10.96.0.0/12 cluster.local').zones).toHaveLength(16 + 1);
  });

  test.each(['in-addr.arpa', '10.0.0.0/8', 'in-addr.arpa ip6.arpa fd00::/8'])(
    '%s alone is no cluster',
    (head) => {
      expect(() => read(head)).toThrow('non-reverse zone name must be used');
    },
  );
});

test('defaults', () => {
  const { fallthrough, zones, primary, ...rest } = withLines('');
  expect(rest).toEqual({
    ...{ ttl: 5, pods: 'disabled', endpointPodNames: false, endpoints: true, ignoreEmptyService: false },
    ...{ zonal: false, startupTimeoutMs: 5000, multiclusterZones: [], warnings: [] },
    ...{ namespaces: undefined, namespaceLabels: undefined, labels: undefined },
    ...{ manifests: undefined, endpoint: undefined, tls: undefined, kubeconfig: undefined },
  });
  expect(fallthrough.covers(Name.root)).toBe(false);
});

describe('what a line sets', () => {
  const rows: [lines: string, options: Partial<Record<keyof KubernetesOptions, unknown>>][] = [
    ['endpoint https://10.0.0.1:6443', { endpoint: 'https://10.0.0.1:6443', warnings: [] }],
    [
      'endpoint http://a:8080 http://b:8080',
      {
        endpoint: 'http://a:8080',
        warnings: ['multiple endpoints are not supported: only http://a:8080 is used'],
      },
    ],
    ['tls cert.pem key.pem ca.pem', { tls: { cert: 'cert.pem', key: 'key.pem', ca: 'ca.pem' } }],
    ['kubeconfig admin.conf', { kubeconfig: { file: 'admin.conf', context: undefined } }],
    ['kubeconfig admin.conf prod', { kubeconfig: { file: 'admin.conf', context: 'prod' } }],
    ['apiserver_qps 12.5', {}],
    ['apiserver_qps 0', {}],
    ['apiserver_burst 100', {}],
    ['apiserver_max_inflight 0', {}],
    ['namespaces prod data', { namespaces: new Set(['prod', 'data']) }],
    ['namespaces prod\nnamespaces data prod', { namespaces: new Set(['prod', 'data']) }],
    ['namespace_labels team=dns', { namespaceLabels: 'team=dns' }],
    ['labels environment in (prod, test),!old', { labels: 'environment in (prod, test),!old' }],
    ['pods disabled', { pods: 'disabled' }],
    ['pods insecure', { pods: 'insecure' }],
    ['pods verified', { pods: 'verified' }],
    ['pods insecure\npods verified', { pods: 'verified' }],
    ['endpoint_pod_names', { endpointPodNames: true }],
    ['ttl 0', { ttl: 0 }],
    ['ttl 3600', { ttl: 3600 }],
    ['ttl 30 60', { ttl: 30 }],
    ['noendpoints', { endpoints: false }],
    ['ignore empty_service', { ignoreEmptyService: true }],
    ['ignore', { ignoreEmptyService: false }],
    ['zonal', { zonal: true }],
    ['startup_timeout 1m30s', { startupTimeoutMs: 90_000 }],
    ['startup_timeout 250ms extra', { startupTimeoutMs: 250 }],
    ['startup_timeout 0', { startupTimeoutMs: 0 }],
  ];
  test.each(rows)('%s', (lines, expected) => {
    const { zones, primary, fallthrough, ...rest } = withLines('');
    expect(withLines(lines)).toMatchObject({ ...rest, ...expected });
  });

  test('manifests, over several lines', () => {
    expect(withLines('manifests a b\nmanifests c').manifests?.map(({ text }) => text)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('multicluster', () => {
    const options = read('cluster.local clusterset.local', 'multicluster ClusterSet.local');
    expect(texts(options.multiclusterZones)).toEqual(['clusterset.local.']);
    expect(texts(withLines('multicluster').multiclusterZones)).toEqual(['cluster.local.']);
  });

  test('fallthrough', () => {
    expect(covers(withLines('fallthrough'), 'anything.example.')).toBe(true);
    const options = withLines('fallthrough in-addr.arpa 10.0.0.0/8 Prod.svc.cluster.local');
    expect(covers(options, '1.0.0.192.in-addr.arpa.')).toBe(true);
    expect(covers(options, 'x.prod.svc.cluster.local.')).toBe(true);
    expect(covers(options, 'x.data.svc.cluster.local.')).toBe(false);
  });
});

describe('mistakes', () => {
  const WRONG_COUNT = /^Wrong argument count or unexpected line ending after /;
  const rows: [lines: string, message: string | RegExp][] = [
    ['endpoint', WRONG_COUNT],
    ['endpoint 10.0.0.1', /^endpoint '10\.0\.0\.1' is not a URL/],
    ['tls cert.pem key.pem', WRONG_COUNT],
    ['tls cert.pem key.pem ca.pem more', WRONG_COUNT],
    ['kubeconfig', WRONG_COUNT],
    ['kubeconfig a b c', WRONG_COUNT],
    ['apiserver_qps', WRONG_COUNT],
    ['apiserver_qps 1 2', WRONG_COUNT],
    ['apiserver_qps x', /^invalid apiserver_qps "x": /],
    ['apiserver_qps NaN', /^invalid apiserver_qps "NaN": /],
    ['apiserver_qps ""', /^invalid apiserver_qps "": /],
    ['apiserver_qps -1', 'apiserver_qps must be >= 0'],
    ['apiserver_burst x', /^invalid apiserver_burst "x": /],
    ['apiserver_burst 1.5', /^invalid apiserver_burst "1\.5": /],
    ['apiserver_burst -1', 'apiserver_burst must be >= 0'],
    ['apiserver_max_inflight', WRONG_COUNT],
    ['apiserver_max_inflight 2x', /^invalid apiserver_max_inflight "2x": /],
    ['apiserver_max_inflight -3', 'apiserver_max_inflight must be >= 0'],
    ['namespaces', WRONG_COUNT],
    ['namespace_labels', WRONG_COUNT],
    ['namespace_labels a in', /^unable to parse namespace_label selector value: 'a in': ./],
    ['labels', WRONG_COUNT],
    ['labels =x', /^unable to parse label selector value: '=x': ./],
    ['namespaces prod\nnamespace_labels a', 'namespaces and namespace_labels cannot both be set'],
    ['namespace_labels a\nnamespaces prod', 'namespaces and namespace_labels cannot both be set'],
    ['pods', WRONG_COUNT],
    ['pods insecure verified', WRONG_COUNT],
    ['pods all', 'wrong value for pods: all,  must be one of: disabled, verified, insecure'],
    ['pods Insecure', 'wrong value for pods: Insecure,  must be one of: disabled, verified, insecure'],
    ['endpoint_pod_names yes', WRONG_COUNT],
    ['ttl', WRONG_COUNT],
    ['ttl 5s', "'5s' is not a whole number"],
    ['ttl -1', 'ttl must be in range [0, 3600]: -1'],
    ['ttl 3601', 'ttl must be in range [0, 3600]: 3601'],
    ['noendpoints yes', WRONG_COUNT],
    ['ignore services', "unable to parse ignore value: 'services'"],
    [
      'multicluster clusterset.local',
      'is not authoritative for the multicluster zone clusterset.local. (authoritative zones: [cluster.local.])',
    ],
    ['zonal yes', WRONG_COUNT],
    ['zonal\nnoendpoints', 'zonal requires the endpoint cache; remove noendpoints'],
    ['noendpoints\nzonal', 'zonal requires the endpoint cache; remove noendpoints'],
    ['startup_timeout', WRONG_COUNT],
    ['startup_timeout 5', 'failed to parse startup_timeout: 5, time: missing unit in duration "5"'],
    ['startup_timeout soon', 'failed to parse startup_timeout: soon, time: invalid duration "soon"'],
    ['manifests', WRONG_COUNT],
    ['manifests a\nkubeconfig b', /^manifests and kubeconfig cannot both be set/],
    ['endpoint http://a\nmanifests b', /^manifests and endpoint cannot both be set/],
    ['tls a b c\nmanifests d', /^manifests and tls cannot both be set/],
    ['fallthrough a..b', /^zone is not a valid domain name: a\.\.b/],
    ...['resyncperiod 5m', 'upstream', 'transfer to *', 'federation', 'autopath', 'TTL 5', 'toString'].map(
      (line): [string, string] => [line, `unknown property '${line.split(' ')[0]}'`],
    ),
  ];
  test.each(rows)('%s', (lines, message) => {
    const error = mistakeIn(lines);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test('the place is that of the word', () => {
    const placeOf = (lines: string) => {
      const { position, length } = mistakeIn(lines);
      return [position.line, position.column, length];
    };
    // `kubernetes` stands in line 2.
    expect(placeOf('pods insecure\n  ttl 9999')).toEqual([4, 7, 4]);
    expect(placeOf('namespaces a\nnamespace_labels b')).toEqual([4, 1, 16]);
    expect(placeOf('startup_timeout soon')).toEqual([3, 17, 4]);
    expect(placeOf('nonsense')).toEqual([3, 1, 8]);
  });
});

function mistakeIn(lines: string): CorefileError {
  try {
    withLines(lines);
  } catch (error) {
    if (error instanceof CorefileError) return error;
    throw error;
  }
  throw new Error('there is none');
}
