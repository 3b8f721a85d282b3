import { describe, expect, test } from 'vitest';
import { type PodResolvConfOptions, podResolvConf } from '../../src/resolver/index.ts';

const HOST =
  'domain ignored\nsearch example.org. corp.example.org\nnameserver 192.0.2.53\noptions timeout:1 rotate\n';
const base: PodResolvConfOptions = { namespace: 'shop', clusterDNS: ['10.96.0.10'], hostConf: HOST };
const CLUSTER = 'search shop.svc.cluster.local svc.cluster.local cluster.local';
const AS_HOST = 'search example.org corp.example.org\nnameserver 192.0.2.53\noptions timeout:1 rotate\n';

describe('the file of a pod', () => {
  const table: [what: string, options: PodResolvConfOptions, text: string][] = [
    ['by default', {}, `${CLUSTER} example.org corp.example.org\nnameserver 10.96.0.10\noptions ndots:5\n`],
    ['of a bare host', { hostConf: '' }, `${CLUSTER}\nnameserver 10.96.0.10\noptions ndots:5\n`],
    [
      'with two servers',
      { clusterDNS: ['10.96.0.10', 'fd00::a'], hostConf: '' },
      `${CLUSTER}\nnameserver 10.96.0.10\nnameserver fd00::a\noptions ndots:5\n`,
    ],
    [
      'of another zone',
      { clusterDomain: 'z', hostConf: '' },
      'search shop.svc.z svc.z z\nnameserver 10.96.0.10\noptions ndots:5\n',
    ],
    [
      'without a zone',
      { clusterDomain: '' },
      'search example.org corp.example.org\nnameserver 10.96.0.10\noptions ndots:5\n',
    ],
    [
      'of a host that searches the zone',
      { hostConf: 'search cluster.local. x' },
      `${CLUSTER} x\nnameserver 10.96.0.10\noptions ndots:5\n`,
    ],
    [
      'of a host that searches the root',
      { hostConf: 'search .' },
      `${CLUSTER} .\nnameserver 10.96.0.10\noptions ndots:5\n`,
    ],
    ['in the host network', { hostNetwork: true }, AS_HOST],
    [
      'in the host network, cluster first',
      { hostNetwork: true, policy: 'ClusterFirstWithHostNet', hostConf: '' },
      `${CLUSTER}\nnameserver 10.96.0.10\noptions ndots:5\n`,
    ],
    ['by the host', { policy: 'Default' }, AS_HOST],
    [
      'by a host without a file',
      { policy: 'Default', hostConf: undefined },
      'search .\nnameserver 127.0.0.1\n',
    ],
    ['without a server of the cluster', { clusterDNS: [] }, AS_HOST],
    ['by nobody', { policy: 'None' }, ''],
    [
      'by itself',
      {
        policy: 'None',
        dnsConfig: {
          nameservers: ['192.0.2.1'],
          searches: ['a'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
        },
      },
      'search a\nnameserver 192.0.2.1\noptions ndots:2 edns0\n',
    ],
    [
      'with settings of its own',
      {
        hostConf: '',
        dnsConfig: {
          nameservers: ['192.0.2.1', '10.96.0.10'],
          searches: ['a', 'svc.cluster.local'],
          options: [{ name: 'ndots', value: '2' }, { name: 'use-vc' }],
        },
      },
      `${CLUSTER} a\nnameserver 10.96.0.10\nnameserver 192.0.2.1\noptions ndots:2 use-vc\n`,
    ],
    [
      'with an option of the host in another way',
      { policy: 'Default', dnsConfig: { options: [{ name: 'timeout', value: '9' }] } },
      AS_HOST.replace('timeout:1', 'timeout:9'),
    ],
  ];
  test.each(table)('%s', (_, options, text) => {
    expect(podResolvConf({ ...base, ...options }).text).toBe(text);
  });
});

describe('limits', () => {
  const own = (searches: string[]) =>
    podResolvConf({ policy: 'None', dnsConfig: { nameservers: ['::1'], searches } });
  const domains = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => `${at}`.padStart(3, '0').padEnd(length, 'x'));

  test('three nameservers', () => {
    const nameservers = ['::1', '::2', '::3', '::4'];
    const conf = podResolvConf({ policy: 'None', dnsConfig: { nameservers } });
    expect(conf.nameservers).toEqual(nameservers.slice(0, 3));
    expect(conf.warnings).toEqual(['4 nameservers: the first 3 are used']);
  });

  test('32 domains', () => {
    expect(own(domains(32, 5))).toMatchObject({ searches: domains(32, 5), warnings: [] });
    expect(own(domains(33, 5)).searches).toEqual(domains(33, 5).slice(0, 32));
    expect(own(domains(33, 5)).warnings).toEqual([expect.stringMatching(/^1 search domain left out/)]);
  });

  test('2048 characters', () => {
    // 32 domains of 63 and the blanks between them: 2047.
    expect(own(domains(32, 63)).searches).toHaveLength(32);
    expect(own([...domains(31, 63), 'x'.repeat(65)]).searches).toHaveLength(31);
  });

  test('253 characters of a domain', () => {
    expect(own(['x'.repeat(253), 'a']).searches).toHaveLength(2);
    expect(own(['x'.repeat(254), 'a']).searches).toEqual(['a']);
  });
});

test('a policy that means another says so', () => {
  expect(podResolvConf({ ...base, hostNetwork: true }).warnings).toHaveLength(1);
  expect(podResolvConf({ ...base, clusterDNS: [] }).warnings).toEqual([
    'kubelet has no clusterDNS: ClusterFirst means Default',
  ]);
});
