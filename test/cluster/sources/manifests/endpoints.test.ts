import { describe, expect, it } from 'vitest';
import { computeSlices } from '../../../../src/cluster/sources/manifests/endpoints.ts';
import { type Fields, fields } from '../../../../src/cluster/sources/manifests/json.ts';
import { limits } from '../../../../src/limits.ts';
import { pod, service, slice } from './support.ts';

const SELECTOR = { app: 'web' };
const headless = { clusterIP: 'None', selector: SELECTOR };

interface Given {
  readonly services?: readonly object[];
  readonly slices?: readonly object[];
  readonly pods?: readonly object[];
  readonly endpoints?: readonly object[];
}

function compute(given: Given): Fields[] {
  const all = { services: [], slices: [], pods: [], endpoints: [], ...given };
  return computeSlices(JSON.parse(JSON.stringify(all)));
}

/** `IPv4 http/TCP/8080: 10.0.0.1`, `!` before what is not ready, `=name` behind what has a hostname. */
function summary(given: Given): string[] {
  return compute(given).map((json) => {
    const slice = json as unknown as {
      addressType: string;
      ports: { name: string; protocol: string; port: number }[];
      endpoints: { addresses: string[]; hostname?: string; conditions: { ready: boolean } }[];
    };
    const ports = slice.ports.map(({ name, protocol, port }) => ` ${name}/${protocol}/${port}`).join('');
    const endpoints = slice.endpoints.map(
      ({ addresses, hostname, conditions }) =>
        ` ${conditions.ready ? '' : '!'}${addresses.join('+')}${hostname === undefined ? '' : `=${hostname}`}`,
    );
    return `${slice.addressType}${ports}:${endpoints.join('')}`;
  });
}

describe('which pods a Service with a selector has', () => {
  it.each([
    ['a pod with the label', pod('a', '10.0.0.1'), ['IPv4: 10.0.0.1']],
    [
      'a pod with more labels',
      pod('a', '10.0.0.1', { metadata: { labels: { app: 'web', x: 'y' } } }),
      ['IPv4: 10.0.0.1'],
    ],
    ['another label', pod('a', '10.0.0.1', { metadata: { labels: { app: 'db' } } }), []],
    ['no labels', pod('a', '10.0.0.1', { metadata: { labels: {} } }), []],
    ['another namespace', pod('a', '10.0.0.1', { metadata: { namespace: 'data' } }), []],
    ['succeeded', pod('a', '10.0.0.1', { status: { phase: 'Succeeded' } }), []],
    ['failed', pod('a', '10.0.0.1', { status: { phase: 'Failed' } }), []],
    ['pending, with an address', pod('a', '10.0.0.1', { status: { phase: 'Pending' } }), ['IPv4: 10.0.0.1']],
    ['no address yet', pod('a', ''), []],
    ['no status', { ...pod('a', ''), status: undefined }, []],
    [
      'not ready',
      pod('a', '10.0.0.1', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
      ['IPv4: !10.0.0.1'],
    ],
    ['readiness unknown', pod('a', '10.0.0.1', { status: { conditions: [] } }), ['IPv4: !10.0.0.1']],
    [
      'terminating',
      pod('a', '10.0.0.1', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      ['IPv4: !10.0.0.1'],
    ],
  ])('%s', (_title, given, expected) => {
    expect(summary({ services: [service('web', headless)], pods: [given] })).toEqual(expected);
  });

  it('every label of the selector must match, and a value that is no text matches nothing', () => {
    const pods = [
      pod('a', '10.0.0.1'),
      pod('b', '10.0.0.2', { metadata: { labels: { app: 'web', v: '1' } } }),
    ];
    const both = service('both', { clusterIP: 'None', selector: { app: 'web', v: '1' } });
    const number = service('number', { clusterIP: 'None', selector: { v: 1 } });
    expect(summary({ services: [both], pods })).toEqual(['IPv4: 10.0.0.2']);
    expect(summary({ services: [number], pods })).toEqual([]);
  });

  it.each([
    ['not ready', { status: { conditions: [] } }],
    ['terminating', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  ])('publishNotReadyAddresses: %s is ready', (_title, more) => {
    const published = service('web', { ...headless, publishNotReadyAddresses: true });
    expect(summary({ services: [published], pods: [pod('a', '10.0.0.1', more)] })).toEqual([
      'IPv4: 10.0.0.1',
    ]);
  });
});

describe('hostname', () => {
  it.each([
    ['with the Service as subdomain', { hostname: 'db-0', subdomain: 'web' }, ['IPv4: 10.0.0.1=db-0']],
    ['with another subdomain', { hostname: 'db-0', subdomain: 'other' }, ['IPv4: 10.0.0.1']],
    ['without subdomain', { hostname: 'db-0' }, ['IPv4: 10.0.0.1']],
    ['subdomain alone', { subdomain: 'web' }, ['IPv4: 10.0.0.1']],
  ])('%s', (_title, spec, expected) => {
    expect(summary({ services: [service('web', headless)], pods: [pod('a', '10.0.0.1', { spec })] })).toEqual(
      expected,
    );
  });
});

describe('address families', () => {
  const both = { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] };
  it.each([
    ['headless: those of the pod', { clusterIP: 'None' }, both, ['IPv4: 10.0.0.1', 'IPv6: fd00::1']],
    ['headless, given families', { clusterIP: 'None', ipFamilies: ['IPv6'] }, both, ['IPv6: fd00::1']],
    ['one cluster IP', { clusterIP: '10.96.0.1' }, both, ['IPv4: 10.0.0.1']],
    ['an IPv6 cluster IP', { clusterIP: 'fd00:10::1' }, both, ['IPv6: fd00::1']],
    [
      'two cluster IPs',
      { clusterIPs: ['10.96.0.1', 'fd00:10::1'] },
      both,
      ['IPv4: 10.0.0.1', 'IPv6: fd00::1'],
    ],
    [
      'given families before cluster IPs',
      { clusterIP: '10.96.0.1', ipFamilies: ['IPv6'] },
      both,
      ['IPv6: fd00::1'],
    ],
    ['no cluster IP', {}, both, ['IPv4: 10.0.0.1', 'IPv6: fd00::1']],
    ['podIP alone', { clusterIP: 'None' }, {}, ['IPv4: 10.0.0.1']],
    ['a pod without the family', { clusterIP: 'fd00:10::1' }, {}, []],
    ['text that is no address', { clusterIP: 'None' }, { podIPs: [{ ip: 'web.example' }] }, []],
  ])('%s', (_title, spec, status, expected) => {
    const services = [service('web', { ...spec, selector: SELECTOR })];
    expect(summary({ services, pods: [pod('a', '10.0.0.1', { status })] })).toEqual(expected);
  });
});

describe('ports', () => {
  const container = (...ports: object[]) => ({ containers: [{ ports: [] }, { ports }] });
  const http = container({ name: 'http', containerPort: 8080 });
  it.each([
    ['targetPort by number', { name: 'a', port: 80, targetPort: 8080 }, http, ['IPv4 a/TCP/8080: 10.0.0.1']],
    ['without targetPort: the port', { name: 'a', port: 80 }, http, ['IPv4 a/TCP/80: 10.0.0.1']],
    ['targetPort 0: the port', { name: 'a', port: 80, targetPort: 0 }, http, ['IPv4 a/TCP/80: 10.0.0.1']],
    ['targetPort by name', { name: 'a', port: 80, targetPort: 'http' }, http, ['IPv4 a/TCP/8080: 10.0.0.1']],
    ['no port of this name', { name: 'a', port: 80, targetPort: 'grpc' }, http, ['IPv4: 10.0.0.1']],
    [
      'the name with another protocol',
      { name: 'a', port: 80, targetPort: 'http', protocol: 'UDP' },
      http,
      ['IPv4: 10.0.0.1'],
    ],
    [
      'the name with the same protocol',
      { name: 'a', port: 53, targetPort: 'dns', protocol: 'UDP' },
      container({ name: 'dns', containerPort: 53 }, { name: 'dns', containerPort: 5353, protocol: 'UDP' }),
      ['IPv4 a/UDP/5353: 10.0.0.1'],
    ],
    [
      'a sidecar',
      { port: 80, targetPort: 'http' },
      { initContainers: [{ restartPolicy: 'Always', ports: [{ name: 'http', containerPort: 1 }] }] },
      ['IPv4 /TCP/1: 10.0.0.1'],
    ],
    [
      'an init container that ends',
      { port: 80, targetPort: 'http' },
      { initContainers: [{ ports: [{ name: 'http', containerPort: 1 }] }] },
      ['IPv4: 10.0.0.1'],
    ],
  ])('%s', (_title, port, spec, expected) => {
    const services = [service('web', { clusterIP: 'None', selector: SELECTOR, ports: [port] })];
    expect(summary({ services, pods: [pod('a', '10.0.0.1', { spec })] })).toEqual(expected);
  });

  it('pods whose named port is another number go to another slice', () => {
    const ports = [
      { name: 'a', port: 80, targetPort: 'http' },
      { name: 'b', port: 81 },
    ];
    const services = [service('web', { clusterIP: '10.96.0.1', selector: SELECTOR, ports })];
    const pods = [
      pod('a', '10.0.0.1', { spec: http }),
      pod('b', '10.0.0.2', { spec: container({ name: 'http', containerPort: 9000 }) }),
      pod('c', '10.0.0.3', { spec: http }),
      pod('d', '10.0.0.4'),
    ];
    expect(summary({ services, pods })).toEqual([
      'IPv4 a/TCP/8080 b/TCP/81: 10.0.0.1 10.0.0.3',
      'IPv4 a/TCP/9000 b/TCP/81: 10.0.0.2',
      'IPv4 b/TCP/81: 10.0.0.4',
    ]);
    const names = compute({ services, pods }).map(({ metadata }) => (metadata as Fields).name);
    expect(new Set(names).size).toBe(3);
  });

  it('a headless Service without ports has a slice without ports', () => {
    expect(summary({ services: [service('web', headless)], pods: [pod('a', '10.0.0.1')] })).toEqual([
      'IPv4: 10.0.0.1',
    ]);
  });
});

describe('Services that get no slices', () => {
  const pods = [pod('a', '10.0.0.1')];
  it('with a slice in the files, even an empty one', () => {
    expect(
      compute({ services: [service('web', headless)], pods, slices: [slice('web-x', 'web', [])] }),
    ).toEqual([]);
  });
  it('but a slice in another namespace is not its own', () => {
    const other = {
      ...slice('web-x', 'web', []),
      metadata: { namespace: 'data', labels: { 'kubernetes.io/service-name': 'web' } },
    };
    expect(summary({ services: [service('web', headless)], pods, slices: [other] })).toEqual([
      'IPv4: 10.0.0.1',
    ]);
  });
  it('ExternalName, with a selector or without', () => {
    const endpoints = [
      { metadata: { name: 'web', namespace: 'shop' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }] }] },
    ];
    const external = { type: 'ExternalName', externalName: 'example.org' };
    expect(compute({ services: [service('web', { ...external, selector: SELECTOR })], pods })).toEqual([]);
    expect(compute({ services: [service('web', external)], endpoints })).toEqual([]);
  });
  it('without selector and Endpoints', () => {
    expect(compute({ services: [service('web')], pods })).toEqual([]);
  });
});

it('labels of computed slices are those of the Service, and the controller its own', () => {
  const web = service('web', headless);
  const labelled = {
    ...web,
    metadata: { ...web.metadata, labels: { team: 'a', 'kubernetes.io/service-name': 'liar' } },
  };
  const [computed] = compute({ services: [labelled], pods: [pod('a', '10.0.0.1')] });
  expect(computed?.metadata).toMatchObject({
    namespace: 'shop',
    labels: {
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'service.kubernetes.io/headless': '',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
  });
  expect(computed?.endpoints).toMatchObject([{ targetRef: { kind: 'Pod', namespace: 'shop', name: 'a' } }]);
});

it.each([
  [{ clusterIP: 'None' }, ''],
  [{ clusterIPs: ['None'] }, ''],
  [{ clusterIP: '10.96.0.1' }, undefined],
])('slices of a Service with %j have the headless label: %j', (spec, expected) => {
  const [computed] = compute({
    services: [service('web', { ...spec, selector: SELECTOR })],
    pods: [pod('a', '10.0.0.1')],
  });
  const labels = fields(fields(computed?.metadata).labels);
  expect(labels['service.kubernetes.io/headless']).toBe(expected);
});

describe('Endpoints of Services without a selector are mirrored', () => {
  const subset = {
    addresses: [
      { ip: '192.0.2.1', hostname: 'one', targetRef: { kind: 'Pod', name: 'p' } },
      { ip: '2001:db8::1' },
    ],
    notReadyAddresses: [{ ip: '192.0.2.2' }],
    ports: [
      { name: 'pg', port: 5432 },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  };
  const endpoints = (metadata: object = {}, subsets: object[] = [subset]) => [
    { metadata: { name: 'web', namespace: 'shop', ...metadata }, subsets },
  ];

  it('one slice per subset and family', () => {
    const given = {
      services: [service('web')],
      endpoints: endpoints({}, [subset, { addresses: [{ ip: '192.0.2.9' }] }]),
    };
    expect(summary(given)).toEqual([
      'IPv4 pg/TCP/5432 dns/UDP/53: 192.0.2.1=one !192.0.2.2',
      'IPv6 pg/TCP/5432 dns/UDP/53: 2001:db8::1',
      'IPv4: 192.0.2.9',
    ]);
    expect(compute(given)[0]?.endpoints).toMatchObject([{ targetRef: { name: 'p' } }, {}]);
  });

  it('with labels and annotations of the Endpoints', () => {
    const [mirrored] = compute({
      services: [service('web')],
      endpoints: endpoints({ labels: { team: 'a' }, annotations: { note: 'b' } }),
    });
    expect(mirrored?.metadata).toMatchObject({
      labels: {
        team: 'a',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      annotations: { note: 'b' },
    });
  });

  it.each([
    ['a Service with a selector', [service('web', headless)], endpoints()],
    ['no such Service', [service('other')], endpoints()],
    ['a Service in another namespace', [service('web', {}, 'data')], endpoints()],
    [
      'skip-mirror',
      [service('web')],
      endpoints({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
    ],
    [
      'a leader election',
      [service('web')],
      endpoints({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }),
    ],
    ['text that is no address', [service('web')], endpoints({}, [{ addresses: [{ ip: 'db.example' }] }])],
    ['no subsets', [service('web')], endpoints({}, [])],
  ])('not for %s', (_title, services, given) => {
    expect(compute({ services, endpoints: given })).toEqual([]);
  });

  it('skip-mirror with another value than true is mirrored', () => {
    const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'false' };
    expect(compute({ services: [service('web')], endpoints: endpoints({ labels }) })).toHaveLength(2);
  });

  it('not where a slice is in the files', () => {
    const slices = [slice('web-x', 'web', [])];
    expect(compute({ services: [service('web')], slices, endpoints: endpoints() })).toEqual([]);
  });

  it('up to the bound per subset, ready addresses first', () => {
    const many = Array.from({ length: limits.mirroredAddressesPerSubset }, (_, i) => ({
      ip: `10.0.${i >> 8}.${i & 255}`,
    }));
    const given = endpoints({}, [{ notReadyAddresses: [{ ip: '192.0.2.2' }], addresses: many }]);
    const [mirrored] = compute({ services: [service('web')], endpoints: given });
    expect(mirrored?.endpoints).toHaveLength(limits.mirroredAddressesPerSubset);
    expect(JSON.stringify(mirrored)).not.toContain('192.0.2.2');
  });
});
