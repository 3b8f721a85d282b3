/** Services, slices and pods that a seed puts together: what nobody thought of. */
import type { Manifest } from '../../cluster/control-plane/cluster-api.ts';
import { type EndpointParts, externalName, pod, service, slice } from './objects.ts';
import type { Random } from './random.ts';

const NAMESPACES = ['prod', 'data', 'edge', 'svc', 'hidden'];
const PORT_NAMES = ['http', 'https', 'sql', 'a', 'x-1', 'tcp', 'metrics'];
const FAMILIES = [undefined, ['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']] as const;
const TARGETS = ['www.example.com', 'alias.example.com', 'web.prod.svc.cluster.local', 'missing.example.com'];

export function generated(random: Random, count: number): Manifest[] {
  const pods = Array.from({ length: Math.ceil(count / 4) }, (_, at) => generatedPod(random, at));
  return [...pods, ...Array.from({ length: count }, (_, at) => generatedService(random, at)).flat()];
}

/** Pods of a few apps in every namespace, so that most Services select some. */
function generatedPod(random: Random, at: number): Manifest {
  const hostname = random.chance(30) ? `host-${at}` : undefined;
  return pod(
    `${random.pick(NAMESPACES)}/pod-${at}`,
    { app: `app-${random.int(3)}` },
    {
      ready: random.chance(80),
      ...(hostname !== undefined && { hostname, subdomain: `svc-${random.int(20)}` }),
    },
  );
}

function generatedService(random: Random, at: number): Manifest[] {
  const name = `svc-${at}`;
  const path = `${random.pick(NAMESPACES)}/${name}`;
  const ports = generatedPorts(random);
  if (random.chance(10)) return [externalName(path, random.pick(TARGETS), ports)];
  const headless = random.chance(50);
  const selected = random.chance(60);
  const families = random.pick(FAMILIES);
  const labels: Record<string, string> = random.chance(50) ? { tier: 'front' } : {};
  const parts = {
    ports: ports.length === 0 && !headless ? ['http/TCP/80'] : ports,
    headless,
    labels,
    ...(families && { families }),
  };
  // A headless Service without selector has no families to require.
  if (!selected) return [service(path, parts), ...generatedSlices(random, path, at, labels)];
  const publishNotReadyAddresses = random.chance(20);
  return [
    service(path, {
      ...parts,
      selector: { app: `app-${random.int(4)}` },
      spec: { publishNotReadyAddresses },
    }),
  ];
}

function generatedPorts(random: Random): string[] {
  const names = random.some(PORT_NAMES).slice(0, random.int(4));
  if (names.length === 1 && random.chance(40)) return ['/TCP/9000'];
  return names.map((name, at) => `${name}/${random.pick(['TCP', 'UDP'])}/${9000 + at}`);
}

function generatedSlices(
  random: Random,
  path: string,
  at: number,
  labels: Readonly<Record<string, string>>,
): Manifest[] {
  const [, of = ''] = path.split('/');
  return Array.from({ length: random.int(3) }, (_, nth) => {
    const type = random.pick(['IPv4', 'IPv6'] as const);
    const endpoints = Array.from({ length: 1 + random.int(5) }, (_, each) =>
      generatedEndpoint(random, type, `${1 + (at % 250)}.${nth * 10 + each + 1}`),
    );
    return slice(`${path}-${nth}`, { of, type, ports: generatedPorts(random), endpoints, labels });
  });
}

function generatedEndpoint(random: Random, type: 'IPv4' | 'IPv6', tail: string): EndpointParts {
  const address = type === 'IPv4' ? `100.64.${tail}` : `2001:db8:64::${tail.replace('.', ':')}`;
  return {
    addresses: [address],
    ready: random.pick([true, true, true, false, null]),
    ...(random.chance(30) && { hostname: `host-${random.int(3)}` }),
    ...(random.chance(30) && { zone: random.pick(['zone-a', 'zone-b.example']) }),
  };
}
