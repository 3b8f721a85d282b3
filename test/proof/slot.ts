/** One Service's name with whatever is behind it from change to change, and what DNS must say of it. */
import type { Random } from '../conformance/world/random.ts';
import { servicesOf, slicesOf, type Write } from './api-writer.ts';
import { answerText, type Question } from './questions.ts';

type Service =
  | { readonly type: 'ClusterIP'; readonly ip: string; readonly port: number }
  | { readonly type: 'Headless' }
  | { readonly type: 'ExternalName'; readonly target: string };

interface Slice {
  readonly port: number;
  /** Ready ones. */
  readonly addresses: readonly string[];
}

const SLICES = ['one', 'two'];
const NOERROR = 0;
const NXDOMAIN = 3;
export const NO_SUCH_NAME = answerText(NXDOMAIN, []);

export interface SlotParts {
  readonly namespace: string;
  readonly name: string;
  /** Unique, so that none of the addresses is that of another slot: at most 255. */
  readonly number: number;
}

/** No address, port or target comes a second time: every answer tells which change it is of. */
export class Slot {
  readonly #namespace: string;
  readonly #name: string;
  readonly #host: string;
  readonly #number: number;
  #service: Service | undefined;
  readonly #slices = new Map<string, Slice>();
  readonly #clusterIPs = new Set<string>();
  readonly #endpointAddresses = new Set<string>();
  #fresh = 0;

  constructor({ namespace, name, number }: SlotParts) {
    this.#namespace = namespace;
    this.#name = name;
    this.#number = number;
    this.#host = `${name}.${namespace}.svc.cluster.local`;
  }

  /** A few changes of one object, each made by the next call: watches of two kinds know no order between them. */
  changes(random: Random): (() => Write)[] {
    const slice = random.chance(35) ? undefined : random.pick(SLICES);
    const once = () => (slice === undefined ? this.#changeService(random) : this.#changeSlice(slice, random));
    return Array.from({ length: random.chance(25) ? 3 : 1 }, () => once);
  }

  #changeService(random: Random): Write {
    const collection = servicesOf(this.#namespace);
    if (this.#service === undefined) {
      this.#service = random.pick([() => this.#clusterIP(), () => headless, () => this.#externalName()])();
      return { verb: 'create', collection, body: this.#serviceBody(this.#service) };
    }
    if (this.#service.type === 'Headless' || random.chance(40)) {
      this.#service = undefined;
      return { verb: 'delete', collection, name: this.#name };
    }
    this.#service =
      this.#service.type === 'ClusterIP' ? { ...this.#service, port: this.#next() } : this.#externalName();
    const { spec } = this.#serviceBody(this.#service);
    return { verb: 'merge', collection, name: this.#name, body: { spec } };
  }

  #changeSlice(which: string, random: Random): Write {
    const collection = slicesOf(this.#namespace);
    const name = `${this.#name}-${which}`;
    const before = this.#slices.get(which);
    if (before !== undefined && random.chance(30)) {
      this.#slices.delete(which);
      return { verb: 'delete', collection, name };
    }
    const kept = before?.addresses.filter(() => random.chance(50)) ?? [];
    const added = Array.from({ length: random.int(4) }, () => this.#address());
    const unready = random.some([...kept, ...added, this.#address()]);
    const after: Slice = {
      port: before === undefined || random.chance(30) ? this.#next() : before.port,
      addresses: [...kept, ...added].filter((address) => !unready.includes(address)),
    };
    this.#slices.set(which, after);
    const body = this.#sliceBody(name, after, unready);
    if (before === undefined) return { verb: 'create', collection, body };
    return { verb: 'merge', collection, name, body: { ports: body.ports, endpoints: body.endpoints } };
  }

  #serviceBody(service: Service) {
    const ports = (port: number) => [{ name: 'http', protocol: 'TCP', port }];
    const spec = {
      ClusterIP: () => service.type === 'ClusterIP' && { clusterIP: service.ip, ports: ports(service.port) },
      Headless: () => ({ clusterIP: 'None', ports: ports(80) }),
      ExternalName: () =>
        service.type === 'ExternalName' && { type: 'ExternalName', externalName: service.target },
    }[service.type]();
    return { apiVersion: 'v1', kind: 'Service', metadata: { name: this.#name }, spec };
  }

  #sliceBody(name: string, { port, addresses }: Slice, unready: readonly string[]) {
    const endpoint = (address: string, ready: boolean) => ({ addresses: [address], conditions: { ready } });
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': this.#name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port }],
      endpoints: [
        ...addresses.map((address) => endpoint(address, true)),
        ...unready.map((address) => endpoint(address, false)),
      ],
    };
  }

  #clusterIP(): Service {
    // Above the addresses that the API server gives of its own accord.
    const ip = `10.96.${200 + (this.#number % 50)}.${1 + Math.floor(this.#number / 50) * 60 + (this.#clusterIPs.size % 60)}`;
    this.#clusterIPs.add(ip);
    return { type: 'ClusterIP', ip, port: this.#next() };
  }

  #externalName(): Service {
    return { type: 'ExternalName', target: `none-${this.#next()}.${this.#namespace}.svc.cluster.local` };
  }

  #address(): string {
    const number = this.#next();
    const address = `10.${this.#number}.${number >> 8}.${number & 255}`;
    this.#endpointAddresses.add(address);
    return address;
  }

  #next(): number {
    return ++this.#fresh;
  }

  /** What is right now of every name that was ever this slot's. */
  answers(): Map<Question, string> {
    const host = this.#host;
    const answers = new Map([
      [`${host} A`, this.#whole(() => this.#addressRecords())],
      [`${host} CNAME`, this.#whole(() => this.#aliasRecords())],
      [`_http._tcp.${host} SRV`, this.#srv()],
    ]);
    for (const ip of this.#clusterIPs) {
      const isMine = this.#service?.type === 'ClusterIP' && this.#service.ip === ip;
      answers.set(`${reverse(ip)} PTR`, isMine ? answerText(NOERROR, [`PTR ${host}.`]) : NO_SUCH_NAME);
    }
    const ready = new Set(this.#endpoints().map(({ address }) => address));
    const hasEndpointNames = this.#service?.type === 'ClusterIP' || this.#service?.type === 'Headless';
    for (const address of this.#endpointAddresses) {
      const name = `${dashed(address)}.${host}`;
      const isThere = ready.has(address);
      answers.set(
        `${name} A`,
        isThere && hasEndpointNames ? answerText(NOERROR, [`A ${address}`]) : NO_SUCH_NAME,
      );
      answers.set(`${reverse(address)} PTR`, isThere ? answerText(NOERROR, [`PTR ${name}.`]) : NO_SUCH_NAME);
    }
    return answers;
  }

  #endpoints(): { address: string; port: number }[] {
    return [...this.#slices.values()].flatMap(({ addresses, port }) =>
      addresses.map((address) => ({ address, port })),
    );
  }

  /** A headless Service of which nothing is ready has no name. */
  #whole(records: () => string[]): string {
    if (this.#service === undefined) return NO_SUCH_NAME;
    if (this.#service.type === 'Headless' && this.#endpoints().length === 0) return NO_SUCH_NAME;
    return answerText(NOERROR, records());
  }

  #addressRecords(): string[] {
    if (this.#service?.type === 'ClusterIP') return [`A ${this.#service.ip}`];
    // An alias to a name that is not there is answered with nothing.
    if (this.#service?.type === 'ExternalName') return [];
    return this.#endpoints().map(({ address }) => `A ${address}`);
  }

  #aliasRecords(): string[] {
    return this.#service?.type === 'ExternalName' ? [`CNAME ${this.#service.target}.`] : [];
  }

  #srv(): string {
    if (this.#service?.type === 'ExternalName') return NO_SUCH_NAME;
    return this.#whole(() => {
      if (this.#service?.type === 'ClusterIP') return [`SRV ${this.#service.port} ${this.#host}.`];
      return this.#endpoints().map(({ address, port }) => `SRV ${port} ${dashed(address)}.${this.#host}.`);
    });
  }
}

const headless: Service = { type: 'Headless' };

function dashed(address: string): string {
  return address.replaceAll('.', '-');
}

function reverse(address: string): string {
  return `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
}
