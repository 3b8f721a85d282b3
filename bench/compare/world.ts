/** The cluster that the servers are compared in, and what they are asked. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../test/conformance/world/random.ts';
import { type ApiWriter, NAMESPACES, servicesOf, slicesOf } from '../../test/proof/api-writer.ts';

const SEED = 5;
export const SERVICES = 1000;
export const HEADLESS = 100;
export const ENDPOINTS = 10;
const SPACES = 10;
const MIX_LINES = 5000;
/** Names of a search list that do not exist: each is asked again and again. */
const EXTERNAL_NAMES = 50;
/** More than are asked in one run. */
const NEW_NAMES = 1_000_000;
const CONNECTIONS = 16;

const spaceOf = (number: number) => `team-${number % SPACES}`;
const hostOf = (kind: 'web' | 'db', number: number) =>
  `${kind}-${number}.${spaceOf(number)}.svc.cluster.local`;

const ports = [{ name: 'http', protocol: 'TCP', port: 80 }];

function serviceBody(name: string, clusterIP: string): object {
  const spec = { clusterIP, ports };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function sliceBody(number: number): object {
  const addresses = Array.from({ length: ENDPOINTS }, (_, nth) => `10.244.${number}.${nth + 1}`);
  return {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports },
    metadata: { name: `db-${number}-x`, labels: { 'kubernetes.io/service-name': `db-${number}` } },
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

/** Of the ClusterIP Services, in order: within the range of the control plane. */
export const addresses = Array.from({ length: SERVICES }, (_, i) => `10.96.${1 + (i >> 8)}.${i & 255}`);

export async function fill(writer: ApiWriter): Promise<void> {
  for (let space = 0; space < SPACES; space++) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: spaceOf(space) } };
    await writer.write({ verb: 'create', collection: NAMESPACES, body });
  }
  await inParallel(SERVICES, (number) => {
    const body = serviceBody(`web-${number}`, addresses[number] ?? '');
    return writer.write({ verb: 'create', collection: servicesOf(spaceOf(number)), body });
  });
  await inParallel(HEADLESS, async (number) => {
    const space = spaceOf(number);
    const body = serviceBody(`db-${number}`, 'None');
    await writer.write({ verb: 'create', collection: servicesOf(space), body });
    await writer.write({ verb: 'create', collection: slicesOf(space), body: sliceBody(number) });
  });
}

async function inParallel(count: number, each: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await each(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

export const LOADS = {
  mix: 'the mix',
  addresses: 'A of ClusterIP Services alone',
  missing: 'names that do not exist, none asked twice',
  cached: 'one external name, cached',
  forwarded: 'external names, none asked twice',
} as const;

export type LoadName = keyof typeof LOADS;

/** @returns the file of the queries for one run; those that are asked once are others each time */
export function queryFiles(folder: string): (load: LoadName) => string {
  const write = (name: string, lines: readonly string[]) => {
    const file = join(folder, name);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };
  const names = addresses.map((_, number) => `${hostOf('web', number)}. A`);
  const lasting = {
    mix: write('mix', mixLines()),
    addresses: write('addresses', new Random(SEED).shuffled(names)),
    cached: write('cached', ['www.example.com. A']),
  };
  let runs = 0;
  const neverTwice = (zone: string) => {
    runs++;
    const lines = Array.from({ length: NEW_NAMES }, (_, i) => `n${i}-${runs}.${zone} A`);
    return write('never-twice', lines);
  };
  return (load) => {
    if (load === 'missing') return neverTwice('team-1.svc.cluster.local.');
    return load === 'forwarded' ? neverTwice('example.') : lasting[load];
  };
}

/** 60 % A, 10 % AAAA that has no record, 10 % A of headless Services, 10 % SRV, 5 % PTR, 5 % NXDOMAIN of a search list. */
function mixLines(): string[] {
  const random = new Random(SEED);
  const any = (count: number) => random.int(count);
  return Array.from({ length: MIX_LINES }, () => {
    const share = any(100);
    const number = any(SERVICES);
    const host = hostOf('web', number);
    if (share < 60) return `${host}. A`;
    if (share < 70) return `${host}. AAAA`;
    if (share < 80) return `${hostOf('db', any(HEADLESS))}. A`;
    if (share < 90) return `_http._tcp.${host}. SRV`;
    if (share < 95) return `${(addresses[number] ?? '').split('.').reverse().join('.')}.in-addr.arpa. PTR`;
    return `www.site-${any(EXTERNAL_NAMES)}.example.${spaceOf(number)}.svc.cluster.local. A`;
  });
}

/** A zone file with the A records of the Services. */
export function zoneFile(folder: string): string {
  const file = join(folder, 'cluster.local.zone');
  const soa = '@ 5 IN SOA ns.dns hostmaster 1 7200 1800 86400 5';
  const records = addresses.map((address, number) => `${hostOf('web', number)}. 5 IN A ${address}`);
  const lines = ['$ORIGIN cluster.local.', soa, '@ 5 IN NS ns.dns', 'ns.dns 5 IN A 127.0.0.1', ...records];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
