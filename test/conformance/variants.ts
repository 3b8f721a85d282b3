/** The configurations that the two servers are compared under. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KUBEADM } from '../support/kubeadm.ts';

export interface Variant {
  readonly name: string;
  readonly corefile: string;
  /** Zones of `kubernetes` that names are asked for in. */
  readonly zones: readonly string[];
  /** Other servers' names are asked for with this behind them, too. */
  readonly searchDomain?: string;
  /** A name that has an address once everything is at work. */
  readonly awaited?: string;
  /** Of corvidns alone. Default: none. */
  readonly flags?: readonly string[];
}

export interface Surroundings {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly upstreamPort: number;
}

const CLUSTER = ['cluster.local.'];
/** First in the search path of the pod that asks. */
const CLIENT_DOMAIN = 'prod.svc.cluster.local.';

/** Kubeadm's Corefile, with ports and addresses of this machine. */
function kubeadm({ kubeconfig, upstreamPort }: Surroundings): string {
  return KUBEADM.replace('.:53', '.:PORT')
    .replace(/^ {4}health \{/m, '    health 127.0.0.1:HEALTH {')
    .replace(/^ {4}ready$/m, '    ready 127.0.0.1:READY')
    .replace('prometheus :9153', 'prometheus 127.0.0.1:METRICS')
    .replace('/etc/resolv.conf', `127.0.0.1:${upstreamPort}`)
    .replace('pods insecure', `kubeconfig ${kubeconfig}\n       pods insecure`);
}

/** Other ways to read UDP than the one that an operator gets: nobody sees a difference. */
export function listenersFor(surroundings: Surroundings): Variant[] {
  const corefile = kubeadm(surroundings);
  const zones = CLUSTER;
  return [
    { name: 'dgram', corefile, zones, flags: ['-udp', 'dgram'] },
    { name: 'multisocket', corefile: corefile.replace('errors', 'errors\n    multisocket 2'), zones },
  ];
}

export function variantsFor(surroundings: Surroundings): Variant[] {
  const { folder, kubeconfig, upstreamPort } = surroundings;
  const hosts = join(folder, 'hosts');
  writeFileSync(
    hosts,
    '192.0.2.81 www.example.com alias.example.com\n2001:db8::81 www.example.com\n192.0.2.82 added.test web.prod.svc.cluster.local\n',
  );
  const block = (options: string, others = '', zones = 'cluster.local in-addr.arpa ip6.arpa') => `.:PORT {
    errors
    ready 127.0.0.1:READY
    ${others}
    kubernetes ${zones} {
      kubeconfig ${kubeconfig}
      ${options}
    }
  }
  `;
  const forward = `forward . 127.0.0.1:${upstreamPort}`;
  const variant = (name: string, corefile: string, zones = CLUSTER): Variant => ({ name, corefile, zones });
  return [
    variant('kubeadm', kubeadm(surroundings)),
    variant('bare', block('')),
    variant('pods verified', block('pods verified')),
    variant('endpoint_pod_names', block('endpoint_pod_names\nttl 0')),
    variant('ignore empty_service', block('ignore empty_service\nttl 3600')),
    variant('namespaces', block('namespaces prod data\npods insecure', forward)),
    variant('labels', block('labels tier=front\nfallthrough cluster.local', forward)),
    variant('namespace_labels', block('namespace_labels team=blue')),
    variant('noendpoints', block('noendpoints')),
    variant('zonal', block('zonal\npods insecure')),
    variant(
      'multicluster',
      block('multicluster clusterset.local', '', 'cluster.local clusterset.local in-addr.arpa ip6.arpa'),
      ['clusterset.local.', 'cluster.local.'],
    ),
    variant('fallthrough', block('fallthrough', forward)),
    variant(
      'two zones',
      block('fallthrough in-addr.arpa', forward, 'cluster.local other.test 96.10.in-addr.arpa'),
      ['cluster.local.', 'other.test.'],
    ),
    variant(
      'rewrite',
      block(
        'fallthrough in-addr.arpa ip6.arpa',
        `rewrite name exact short.test web.prod.svc.cluster.local
    rewrite name suffix .renamed.test .svc.cluster.local answer auto
    rewrite name regex (.*)\\.regex\\.test {1}.svc.cluster.local
    ${forward}`,
      ),
      ['cluster.local.', 'renamed.test.', 'regex.test.'],
    ),
    variant('hosts', block('', `hosts ${hosts} {\n fallthrough\n ttl 60\n }\n${forward}`)),
    variant(
      'acl',
      block(
        'fallthrough',
        `acl hidden.svc.cluster.local {
      filter net *
    }
    acl data.svc.cluster.local {
      block type SRV TXT net 127.0.0.0/8
      allow net 127.0.0.1
    }
    acl example.com {
      drop type CAA net *
    }
    ${forward}`,
      ),
    ),
    variant(
      'small plugins',
      block(
        'fallthrough',
        `any\nminimal\nnsid here\nbufsize 1024\nlocal\nchaos v1 authors\nloadbalance\n${forward}`,
      ),
    ),
    variant(
      'header',
      block(
        'fallthrough',
        `header {
      response clear ra aa
      query set rd
    }
    header {
      response set aa
    }
    ${forward}`,
      ),
    ),
    {
      ...variant('autopath', block('pods verified', `autopath @kubernetes\n${forward}`)),
      searchDomain: CLIENT_DOMAIN,
      awaited: `www.example.com.${CLIENT_DOMAIN}`,
    },
    variant(
      'keepttl',
      block('ttl 5', `cache 300 {\n keepttl\n disable denial cluster.local\n }\n${forward}`),
    ),
    variant('cache', block('ttl 5', `cache 10 {\n success 5000 8\n denial 5000 6\n }\n${forward}`)),
  ];
}
