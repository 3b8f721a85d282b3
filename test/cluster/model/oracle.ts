/**
 * The cluster's records worked out the slow and obvious way: from the raw objects to every name that there is, and
 * only then is a question looked up among them.
 */
import type { Address, ClusterObject, EndpointSlice, Port } from '../../../src/cluster/objects.ts';
import { parseAddress, reverseName } from '../../../src/dns/index.ts';
import { address } from '../../support/cluster.ts';
import { addresses, type Options, ORIGIN } from './universe.ts';

/** One address and one port of it, and the name that SRV gives for it. */
interface Pair {
  readonly address: Address;
  readonly port: Port;
  readonly target: string;
}

interface Endpoint {
  readonly address: Address;
  readonly ports: readonly Port[];
  readonly hostname: string;
  readonly cluster: string;
  readonly zone: string;
}

type Node =
  | { readonly kind: 'pairs'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'alias'; readonly target: string }
  | { readonly kind: 'pointers'; readonly targets: readonly string[] };

/** `nodata`, `nxdomain` or the lines of an answer, sorted. */
export type Expected = 'nodata' | 'nxdomain' | readonly string[];

const EMPTY: Node = { kind: 'pairs', pairs: [] };
const PORTLESS: readonly Port[] = [{ name: '', protocol: '', number: -1 }];

export class Oracle {
  readonly #nodes = new Map<string, Node>();
  readonly #objects: readonly ClusterObject[];
  readonly #options: Options;

  constructor(objects: readonly ClusterObject[], options: Options) {
    this.#objects = objects;
    this.#options = options;
    for (const name of ['', 'svc.', 'pod.', 'dns-version.']) this.#nodes.set(name + ORIGIN, EMPTY);
    for (const object of objects) if (object.kind === 'Namespace') this.#addNamespace(object.name);
    for (const text of addresses) this.#addPointers(address(text));
  }

  answer(name: string, type: 'A' | 'AAAA' | 'SRV' | 'PTR'): Expected {
    const lines = this.#resolve(name, type, []);
    return typeof lines === 'string' ? lines : lines.toSorted();
  }

  #resolve(name: string, type: string, seen: readonly string[]): Expected {
    const node = this.#nodes.get(name.toLowerCase());
    if (node === undefined) return 'nxdomain';
    let lines: string[] = [];
    if (node.kind === 'alias')
      lines = type === 'SRV' || type === 'PTR' ? [] : this.#follow(name, type, node.target, seen);
    else if (node.kind === 'pointers')
      lines = type === 'PTR' ? node.targets.map((t) => `${name} PTR ${t}`) : [];
    else if (type === 'SRV') lines = srvLines(name, node.pairs);
    else
      lines = node.pairs
        .filter(({ address }) => typeOf(address) === type)
        .map((pair) => addressLine(name, pair));
    return lines.length === 0 ? 'nodata' : [...new Set(lines)];
  }

  #follow(name: string, type: string, target: string, seen: readonly string[]): string[] {
    if (target.includes('..')) return [];
    const next = target.endsWith('.') ? target : `${target}.`;
    const lower = next.toLowerCase();
    const isLoop = seen.includes(lower) || `.${lower}`.endsWith(`.${name.toLowerCase()}`);
    if (isLoop) return [];
    const cname = `${name} CNAME ${next}`;
    if (!lower.endsWith(`.${ORIGIN}`)) return [cname, `? ${next}`];
    const inner = this.#resolve(next, type, [...seen, name.toLowerCase()]);
    return typeof inner === 'string' ? [] : [cname, ...inner];
  }

  #isExposed(name: string): boolean {
    const exists = this.#objects.some((object) => object.kind === 'Namespace' && object.name === name);
    return exists && (this.#options.namespaces?.has(name) ?? true);
  }

  #addNamespace(name: string): void {
    if (!this.#isExposed(name)) return;
    this.#nodes.set(`${name}.svc.${ORIGIN}`, EMPTY);
    if (this.#options.pods !== 'disabled') this.#nodes.set(`${name}.pod.${ORIGIN}`, EMPTY);
    for (const object of this.#objects) {
      if (object.kind === 'Namespace' || object.namespace !== name) continue;
      if (object.kind === 'Pod' && this.#options.pods === 'verified' && object.ip !== undefined) {
        this.#addPod(name, object.ip);
      }
      if (object.kind === (this.#options.multicluster ? 'ServiceImport' : 'Service'))
        this.#addService(object);
    }
    if (this.#options.pods === 'insecure') for (const text of addresses) this.#addPod(name, address(text));
  }

  #addPod(namespace: string, ip: Address): void {
    const target = `${dashes(ip)}.${namespace}.pod.${ORIGIN}`;
    const port = { name: '', protocol: '', number: 0 };
    for (const front of ['', 'x.']) {
      this.#nodes.set(front + target, { kind: 'pairs', pairs: [{ address: ip, port, target }] });
    }
  }

  #addService(object: ClusterObject): void {
    if (object.kind !== 'Service' && object.kind !== 'ServiceImport') return;
    const whole = `${object.name}.${object.namespace}.svc.${ORIGIN}`;
    if (object.type === 'ExternalName') {
      if (parseAddress(object.externalName) !== undefined) return;
      this.#nodes.set(whole, { kind: 'alias', target: object.externalName });
      return;
    }
    const endpoints = this.#endpointsOf(object.kind, object.namespace, object.name);
    if (object.type === 'Headless') {
      if (this.#options.zonal && object.kind === 'Service') this.#addZonal(whole, endpoints);
      if (endpoints.length === 0) return;
      this.#addPorts(
        whole,
        endpoints.flatMap((endpoint) => this.#pairsOf(whole, endpoint)),
      );
    } else {
      if (this.#options.ignoreEmptyService && endpoints.length === 0) return;
      const ports = object.ports.length === 0 ? PORTLESS : object.ports;
      const ips = object.kind === 'Service' ? object.clusterIPs : object.ips;
      this.#addPorts(
        whole,
        ips.flatMap((ip) => ports.map((port) => ({ address: ip, port, target: whole }))),
        ports,
      );
    }
    for (const endpoint of endpoints) {
      const name = this.#targetOf(whole, endpoint);
      const same = endpoints.filter((other) => this.#targetOf(whole, other) === name);
      this.#nodes.set(name, { kind: 'pairs', pairs: same.flatMap((other) => this.#pairsOf(whole, other)) });
    }
  }

  /** The Service's own name and every name of a port, underscores given or not. */
  #addPorts(
    whole: string,
    pairs: readonly Pair[],
    ports: readonly Port[] = pairs.map(({ port }) => port),
  ): void {
    this.#nodes.set(whole, { kind: 'pairs', pairs });
    for (const { name, protocol } of ports) {
      for (const first of spellings(name)) {
        for (const second of spellings(protocol)) {
          const hasUnderscore = first.startsWith('_') || second.startsWith('_');
          if (this.#options.multicluster && !hasUnderscore) continue;
          const matching = pairs.filter(
            ({ port }) => spellings(port.name).includes(first) && spellings(port.protocol).includes(second),
          );
          this.#nodes.set(`${first}.${second}.${whole}`, { kind: 'pairs', pairs: matching });
        }
      }
    }
  }

  #addZonal(whole: string, endpoints: readonly Endpoint[]): void {
    for (const zone of ['west', 'north']) {
      const there = endpoints.filter((endpoint) => endpoint.zone === zone);
      const preferred = there.length === 0 ? endpoints : there;
      const nodeOf = (some: readonly Endpoint[]): Node => ({
        kind: 'pairs',
        pairs: some.flatMap((endpoint) => this.#pairsOf(whole, endpoint)),
      });
      this.#nodes.set(`${zone}.pin._zone.${whole}`, nodeOf(there));
      this.#nodes.set(`${zone}.prefer._zone.${whole}`, nodeOf(preferred));
    }
  }

  #addPointers(ip: Address): void {
    const services = this.#objects
      .filter((object) => object.kind === 'Service')
      .filter(({ namespace, clusterIPs }) => this.#isExposed(namespace) && hasAddress(clusterIPs, ip))
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .sort();
    const [first] = services;
    const endpoints = this.#slices()
      .filter((slice) => slice.service !== '' && this.#isExposed(slice.namespace))
      .flatMap((slice) =>
        this.#endpointsIn(slice)
          .filter((endpoint) => endpoint.address.text === ip.text)
          .map(({ hostname }) => `${hostname}.${slice.service}.${slice.namespace}.svc.${ORIGIN}`),
      );
    const [namespace, name] = first?.split('/') ?? [];
    const targets = first === undefined ? endpoints : [`${name}.${namespace}.svc.${ORIGIN}`];
    if (targets.length > 0) this.#nodes.set(reverseName(ip.bytes).toString(), { kind: 'pointers', targets });
  }

  #slices(): EndpointSlice[] {
    return this.#objects.filter((object) => object.kind === 'EndpointSlice');
  }

  #endpointsOf(kind: 'Service' | 'ServiceImport', namespace: string, name: string): Endpoint[] {
    return this.#slices()
      .filter((slice) => slice.namespace === namespace)
      .filter((slice) => (kind === 'Service' ? slice.service : slice.multicluster?.service) === name)
      .flatMap((slice) => this.#endpointsIn(slice));
  }

  #endpointsIn(slice: EndpointSlice): Endpoint[] {
    const ports = slice.ports.length === 0 ? PORTLESS : slice.ports;
    const cluster = slice.multicluster?.cluster.toLowerCase() ?? '';
    return [...slice.endpoints].flatMap(({ addresses: own, hostname, podName, zone }) =>
      own.map((address) => {
        const podLabel = this.#options.endpointPodNames && !podName.includes('.') ? podName : '';
        const label = hostname || podLabel || dashes(address);
        return { address, ports, hostname: label.toLowerCase(), cluster, zone };
      }),
    );
  }

  #targetOf(whole: string, { hostname, cluster }: Endpoint): string {
    return this.#options.multicluster ? `${hostname}.${cluster}.${whole}` : `${hostname}.${whole}`;
  }

  #pairsOf(whole: string, endpoint: Endpoint): Pair[] {
    const target = this.#targetOf(whole, endpoint);
    return endpoint.ports.map((port) => ({ address: endpoint.address, port, target }));
  }
}

function srvLines(name: string, pairs: readonly Pair[]): string[] {
  const weight = Math.max(1, Math.floor(100 / pairs.length));
  // A label that is missing between two dots makes no name.
  const named = pairs.filter(({ port, target }) => port.number >= 0 && !target.includes('..'));
  return named.flatMap((pair) => [
    `${name} SRV 0 ${weight} ${pair.port.number} ${pair.target}`,
    `+ ${addressLine(pair.target, pair)}`,
  ]);
}

function addressLine(owner: string, { address }: Pair): string {
  return `${owner} ${typeOf(address)} ${address.text}`;
}

function typeOf({ bytes }: Address): string {
  return bytes.length === 4 ? 'A' : 'AAAA';
}

function hasAddress(list: readonly Address[], ip: Address): boolean {
  return list.some(({ text }) => text === ip.text);
}

function dashes({ text }: Address): string {
  return text.replace(/[.:]/g, '-').replace(/-$/, '-0');
}

/** Labels that stand for the name of a port or protocol: itself, with an underscore, or the one that stands for all. */
function spellings(text: string): string[] {
  const lower = text.toLowerCase();
  return lower === '' ? ['_'] : [lower, `_${lower}`, '_'];
}
