/** The names that a world gives rise to, those that exist and those that nearly do. */

import { upstreamNames } from './upstream.ts';
import { ownerOf, type World } from './world/create.ts';

/** Without the zone at their end. */
export function namesBelowZone(world: World): string[] {
  const { namespaces } = world;
  return [
    ...[
      '',
      'svc',
      'pod',
      'dns',
      'ns.dns',
      'dns-version',
      'hostmaster',
      'any',
      '*',
      'foo',
      'foo.bar',
      'x.ns.dns',
      'apex.dns',
    ],
    ...[...namespaces, 'missing', '*'].flatMap((each) => [`${each}.svc`, `${each}.pod`, each]),
    ...serviceNames(world),
    ...endpointNames(world),
    ...podNames(world),
  ];
}

function serviceNames({ services, namespaces }: World): string[] {
  return services.flatMap(({ metadata, spec }, at) => {
    const name = metadata?.name ?? '';
    const namespace = metadata?.namespace ?? '';
    const elsewhere = namespaces[at % namespaces.length] ?? '';
    const full = `${name}.${namespace}.svc`;
    const ports = spec?.ports ?? [];
    const declared = ports.flatMap(({ name: port, protocol = 'TCP' }) => {
      const label = port ?? '';
      const lower = protocol.toLowerCase();
      return label === ''
        ? [`_._${lower}.${full}`]
        : [
            `_${label}._${lower}.${full}`,
            `${label}.${lower}.${full}`,
            `_${label}._sctp.${full}`,
            `_${label}.${full}`,
            `x._${label}._${lower}.${full}`,
          ];
    });
    return [
      ...[full, `${name}.${elsewhere}.svc`, `${name}.${namespace}.pod`, `${name}.${namespace}`, `x${full}`],
      ...[
        `*.${full}`,
        `_tcp.${full}`,
        `_nosuch._tcp.${full}`,
        `a.b.c.${full}`,
        `missing.${full}`,
        `*.${namespace}.svc`,
      ],
      ...['zone-a', 'zone-b.example', 'zone-c'].flatMap((zone) => [
        `${zone}.pin._zone.${full}`,
        `${zone}.prefer._zone.${full}`,
      ]),
      ...[`zone-a.other._zone.${full}`, `pin._zone.${full}`, `_zone.${full}`],
      ...declared,
    ];
  });
}

function endpointNames({ slices }: World): string[] {
  return slices.flatMap((slice) => {
    const labels = slice.metadata?.labels ?? {};
    const cluster = labels['multicluster.kubernetes.io/source-cluster'];
    const owner = ownerOf(slice) ?? labels['multicluster.kubernetes.io/service-name'] ?? 'none';
    const full = `${owner}.${slice.metadata?.namespace}.svc`;
    return (slice.endpoints ?? []).flatMap(({ addresses, hostname, targetRef }) => {
      const labelsOf = [...addresses.map(dashed), hostname, targetRef?.name].filter(
        (each) => each !== undefined,
      );
      const ports = (slice.ports ?? []).map(({ name, protocol }) => `_${name}._${protocol?.toLowerCase()}`);
      return [...new Set(labelsOf)].flatMap((label) => [
        `${label}.${full}`,
        ...(cluster === undefined
          ? [`east.${label}.${full}`]
          : [`${label}.${cluster}.${full}`, `${label}.north.${full}`]),
        ...ports.slice(0, 1).map((port) => `${port}.${label}.${full}`),
        ...ports.map((port) => `${port}.${full}`),
      ]);
    });
  });
}

function podNames({ pods, namespaces }: World): string[] {
  const odd = [
    '1-2-3',
    '1-2-3-4-5',
    '256-1-1-1',
    '01-2-3-4',
    'fd00--1',
    'fd00-0-0-0-0-0-0-1',
    '--1',
    '1--',
    'pod',
  ];
  return [
    ...pods.flatMap(({ metadata, status }, at) =>
      (status?.podIPs ?? []).flatMap(({ ip = '' }) => [
        `${dashed(ip)}.${metadata?.namespace}.pod`,
        `x.${dashed(ip)}.${metadata?.namespace}.pod`,
        `a.b.c.${dashed(ip)}.${metadata?.namespace}.pod`,
        `${dashed(ip)}.${namespaces[at % namespaces.length]}.pod`,
      ]),
    ),
    ...odd.flatMap((label) => [`${label}.prod.pod`, `${label}.missing.pod`]),
  ];
}

function dashed(ip: string): string {
  return ip.replace(/[.:]/g, '-').replace(/-$/, '-0');
}

/** Whole reverse names: of Services, endpoints and pods, their neighbours, parts of names, more than names. */
export function reverseNames({ services, slices, pods }: World): string[] {
  const addresses = [
    ...services.flatMap(({ spec }) => spec?.clusterIPs ?? []).filter((each) => each !== 'None'),
    ...slices
      .filter(({ addressType }) => addressType !== 'FQDN')
      .flatMap(({ endpoints }) => (endpoints ?? []).flatMap((each) => each.addresses)),
    ...pods.flatMap(({ status }) => (status?.podIPs ?? []).map(({ ip = '' }) => ip)),
    ...['192.0.2.2', '203.0.113.7', '203.0.113.8', '10.96.0.0', '10.97.0.1', '::1', '127.0.0.1'],
  ];
  return [...new Set(addresses)].flatMap((address) => {
    const name = reverseName(address);
    const [, ...parent] = name.split('.');
    return [
      name,
      `x.${name}`,
      parent.join('.'),
      `1.2.3.${name}`,
      name.replace(/^\w/, (digit) => (digit === '9' ? '8' : '9')),
    ];
  });
}

function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').toReversed().join('.')}.in-addr.arpa.`;
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) =>
    (text === '' ? [] : text.split(':')).map((group) => group.padStart(4, '0'));
  const before = groups(head);
  const after = groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0000');
  return `${[...before, ...zeros, ...after].join('').split('').toReversed().join('.')}.ip6.arpa.`;
}

/** Names that belong to nobody here, or to the upstream. */
export const foreignNames: readonly string[] = [
  ...upstreamNames,
  ...[
    '.',
    'arpa.',
    'in-addr.arpa.',
    'ip6.arpa.',
    'local.',
    'test.',
    'short.test.',
    'added.test.',
    'x.renamed.test.',
  ],
  ...['10.in-addr.arpa.', '96.10.in-addr.arpa.', 'version.bind.', 'cluster.locals.', 'xcluster.local.'],
];
