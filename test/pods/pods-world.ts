/**
 * A program for namespaces of its own (network, mounts, processes; `pods.test.ts`): it is the node with the DNS server at 10.96.0.10,
 * and its pods are network namespaces with the resolv.conf that kubelet writes. Has programs in the pods look names up, and
 * prints what each got, what the server was asked, and what the resolver library asks in its place, as JSON.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatRdata } from '../../src/dns/index.ts';
import { type Libc, parseResolvConf, podResolvConf, Resolver } from '../../src/resolver/index.ts';
import { scriptedServer } from '../resolver/scripted.ts';
import { QueryLog } from './query-log.ts';

export interface PodSpec {
  readonly name: string;
  readonly namespace: string;
  /** `dnsConfig.options`, by name. */
  readonly options: Readonly<Record<string, string>>;
}

export interface PodClient {
  readonly libc: Libc;
  /** The version of musl; empty for glibc. */
  readonly version: string;
  readonly command: readonly string[];
}

export interface PodCase {
  readonly pod: PodSpec;
  readonly client: PodClient;
  readonly name: string;
}

/** Each line is a name and the types that were asked for it in a row: `udp redis.default.svc.cluster.local. A AAAA`. */
export interface PodResult {
  readonly printed: string;
  readonly asked: readonly string[];
  readonly predicted: { readonly printed: string; readonly asked: readonly string[] };
}

const SERVICE_IP = '10.96.0.10';
const COREFILE = `.:53 {
    bind ${SERVICE_IP} 127.0.0.1
    log . "ASKED {remote} {proto} {name} {type}"
    kubernetes cluster.local {
        manifests CLUSTER crowd.json
    }
    forward . 127.0.0.1:5353
}
`;

const [casesFile = '', folder = ''] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(casesFile, 'utf8')) as PodCase[];

const ip = (...args: string[]) => execFileSync('ip', args);
const addressOf = new Map<string, string>();

function makeNode(): void {
  // Nothing of this is seen outside, and all of it goes with this process.
  for (const path of ['/run/netns', '/etc/netns']) {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'none', path]);
  }
  ip('link', 'set', 'lo', 'up');
  ip('addr', 'add', `${SERVICE_IP}/32`, 'dev', 'lo');
  ip('link', 'add', 'pods', 'type', 'bridge');
  ip('addr', 'add', '10.1.0.1/24', 'dev', 'pods');
  ip('addr', 'add', 'fd00:1::1/64', 'dev', 'pods', 'nodad');
  ip('link', 'set', 'pods', 'up');
}

function makePod({ name, namespace, options }: PodSpec): string {
  const number = addressOf.size + 10;
  const address = `10.1.0.${number}`;
  addressOf.set(name, address);
  ip('netns', 'add', name);
  ip('link', 'add', `veth${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('link', 'set', `veth${number}`, 'master', 'pods', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', name, 'addr', 'add', `fd00:1::${number}/64`, 'dev', 'eth0', 'nodad');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'route', 'add', 'default', 'via', '10.1.0.1');
  const { text } = podResolvConf({
    namespace,
    clusterDNS: [SERVICE_IP],
    hostConf: '',
    dnsConfig: { options: Object.entries(options).map(([option, value]) => ({ name: option, value })) },
  });
  mkdirSync(`/etc/netns/${name}`);
  writeFileSync(`/etc/netns/${name}/resolv.conf`, text);
  writeFileSync(`/etc/netns/${name}/nsswitch.conf`, 'hosts: files dns\n');
  writeFileSync(`/etc/netns/${name}/hosts`, `127.0.0.1 localhost\n${address} ${name}\n`);
  return text;
}

async function look({ pod, client, name }: PodCase, resolvConf: string, log: QueryLog): Promise<PodResult> {
  const printed = await run(['ip', 'netns', 'exec', pod.name, ...client.command, name]);
  const asked = await log.takeOf(addressOf.get(pod.name) ?? '');
  const { conf } = parseResolvConf(resolvConf)[client.libc];
  const resolver = new Resolver({ conf, libc: client.libc, muslVersion: client.version || undefined });
  const { libcError, records } = await resolver.resolve(name, 'A+AAAA');
  const addresses = records.filter(({ data }) => data.kind !== 'CNAME').map(({ data }) => formatRdata(data));
  return {
    printed,
    asked,
    predicted: {
      printed: libcError ?? addresses.sort().join(' '),
      // It asks from the node itself, whose address towards the Service is the Service's.
      asked: await log.takeOf(SERVICE_IP),
    },
  };
}

async function run([command = '', ...args]: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(child, 'close');
  return [...new Set(printed.trim().split(/\s+/))].sort().join(' ');
}

/** Endpoints enough for an answer that no datagram of 512 octets holds. */
function crowd(count: number): string {
  const endpoints = Array.from({ length: count }, (_, at) => ({ addresses: [`10.1.1.${at + 1}`] }));
  const labels = { 'kubernetes.io/service-name': 'crowd' };
  const metadata = { name: 'crowd-1', namespace: 'other', labels };
  const ports = [{ name: 'tcp', port: 7000, protocol: 'TCP' }];
  const kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
  return JSON.stringify({ ...kind, metadata, addressType: 'IPv4', ports, endpoints });
}

makeNode();
const world = fileURLToPath(new URL('cluster', import.meta.url));
writeFileSync(join(folder, 'crowd.json'), crowd(40));
writeFileSync(join(folder, 'Corefile'), COREFILE.replace('CLUSTER', world));
await using _upstream = await scriptedServer(
  { 'www.example.org.': 'A 192.0.2.10, AAAA 2001:db8::10', '*': 'nxdomain' },
  { port: 5353 },
);
await using log = await QueryLog.ofServer(join(folder, 'Corefile'));
const pods = new Map(cases.map(({ pod }) => [pod.name, pod]));
const texts = new Map([...pods.values()].map((pod) => [pod.name, makePod(pod)]));
const results: PodResult[] = [];
for (const one of cases) results.push(await look(one, texts.get(one.pod.name) ?? '', log));
process.stdout.write(JSON.stringify(results));
