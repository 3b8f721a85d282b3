/** What is asked under load, and which versions of a Service a reply can be of. */
import { Rcode } from '../../src/dns/index.ts';
import type { Message } from '../../src/dns/message.ts';
import { queryBytes } from '../support/ask.ts';
import {
  CLUSTER_IPS,
  clusterIP,
  endpointAddress,
  endpointCount,
  hostOf,
  isThere,
  type LoadService,
  lifeOf,
  loadServices,
  versionsOf,
} from './load-world.ts';

export interface LoadQuestion {
  /** Undefined: a name that never exists. */
  readonly service: LoadService | undefined;
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'SRV';
  /** As it is sent, but for its ID. */
  readonly octets: Buffer;
}

const NEVER = 20;
const EDNS_BYTES = 1232;

export const loadQuestions: readonly LoadQuestion[] = [
  ...loadServices.flatMap((service) => {
    const host = hostOf(service);
    const both = [question(service, host, 'A'), question(service, host, 'AAAA')];
    return service.kind === 'ClusterIP' ? [...both, question(service, `_http._tcp.${host}`, 'SRV')] : both;
  }),
  ...Array.from({ length: NEVER }, (_, i) =>
    question(undefined, `never-${i}.load-${i % 3}.svc.cluster.local`, 'A'),
  ),
];

function question(service: LoadService | undefined, name: string, type: LoadQuestion['type']): LoadQuestion {
  const options = service?.kind === 'large' ? { udpSize: EDNS_BYTES } : {};
  return { service, name, type, octets: Buffer.from(queryBytes(name, type, options)) };
}

/** From the oldest to the newest version that may be said now. */
export interface Span {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * The oldest version within the span that the reply can be of. Its records are one version's, all of them and no other.
 * @returns a text where it is none: what is wrong
 */
export function versionIn(reply: Message, asked: LoadQuestion, { oldest, newest }: Span): number | string {
  const { service } = asked;
  if (reply.rcode === Rcode.NXDOMAIN) {
    if (reply.answer.length > 0) return 'NXDOMAIN with an answer';
    return service === undefined ? 0 : firstWhere((version) => !isThere(version), oldest, newest, 'NXDOMAIN');
  }
  if (reply.rcode !== Rcode.NOERROR || reply.tc) return `rcode ${reply.rcode}, tc ${reply.tc}`;
  if (service === undefined) return 'NOERROR for a name that never existed';
  const strange = reply.answer.find(({ owner }) => owner.toString() !== `${asked.name}.`);
  if (strange !== undefined) return `owner ${strange.owner}`;
  if (asked.type === 'AAAA')
    return reply.answer.length > 0
      ? 'an IPv6 address'
      : firstWhere((version) => isThere(version), oldest, newest, 'NODATA');
  const said = asked.type === 'SRV' ? [portOf(reply, asked)] : addressesOf(reply);
  if (asked.type === 'SRV') return exactly(Number(said[0] ?? Number.NaN), said, oldest, newest);
  return service.kind === 'ClusterIP'
    ? ofClusterIP(service, said, oldest, newest)
    : ofEndpoints(service, said, oldest, newest);
}

function firstWhere(
  fits: (version: number) => boolean,
  oldest: number,
  newest: number,
  what: string,
): number | string {
  for (let version = oldest; version <= newest; version++) if (fits(version)) return version;
  return `${what}, but versions ${oldest} to ${newest} are possible`;
}

function exactly(version: number, said: readonly string[], oldest: number, newest: number): number | string {
  if (version >= oldest && version <= newest && isThere(version)) return version;
  return `version ${version} (${said}), but ${oldest} to ${newest} are possible`;
}

function portOf(reply: Message, { service }: LoadQuestion): string {
  const [only, ...others] = reply.answer;
  if (service === undefined || only?.data.kind !== 'SRV' || others.length > 0) return 'no sole SRV';
  const { port, target } = only.data;
  return target.toString() === `${hostOf(service)}.` ? String(port) : `target ${target}`;
}

function addressesOf(reply: Message): string[] {
  return reply.answer.map(({ data, type }) => (data.kind === 'A' ? data.address.join('.') : `type ${type}`));
}

/** An address tells the life, and comes again after so many. */
function ofClusterIP(
  service: LoadService,
  said: readonly string[],
  oldest: number,
  newest: number,
): number | string {
  const [address, ...others] = said;
  for (let life = lifeOf(newest); life >= Math.max(0, lifeOf(oldest) - CLUSTER_IPS); life--) {
    if (address !== clusterIP(service, life) || others.length > 0) continue;
    const { first, last } = versionsOf(life);
    if (last >= oldest && first <= newest) return Math.max(first, oldest);
    return `life ${life} (${said}), but versions ${oldest} to ${newest} are possible`;
  }
  return `"${said}" was never its address`;
}

function ofEndpoints(
  service: LoadService,
  said: readonly string[],
  oldest: number,
  newest: number,
): number | string {
  const [, , high = '', low = ''] = (said[0] ?? '').split('.');
  const version = Number(high) * 256 + Number(low);
  const whole = Array.from({ length: endpointCount(service, version) }, (_, endpoint) =>
    endpointAddress(service, version, endpoint),
  );
  const isWhole = said.length === whole.length && new Set([...said, ...whole]).size === whole.length;
  return isWhole ? exactly(version, said, oldest, newest) : `no version has just these addresses: ${said}`;
}
