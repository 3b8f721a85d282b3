/**
 * From the octets of a query to those of its answer, nothing kept from one to the next: microseconds per query over
 * a cluster of 1 000 Services, the kinds of answer in turns, median of the rounds.
 */
import type { ClusterObject } from '../src/cluster/objects.ts';
import { ClusterZone } from '../src/cluster/zone/cluster-zone.ts';
import { rcodeOf } from '../src/cluster/zone/lookup.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  Name,
  parseAddress,
  RrType,
  reverseName,
} from '../src/dns/index.ts';
import { limits } from '../src/limits.ts';
import { namespace, service, slice, storeOf } from '../test/support/cluster.ts';
import { median } from './statistics.ts';

const SERVICES = 1000;
const NAMESPACES = 20;
const ENDPOINTS = 10;
const ROUNDS = 21;
const ROUND_MS = 25;
const LIMIT = { limitBytes: limits.messageBytes, compressAboveBytes: limits.udpCompressAboveIpv4Bytes };

/** What the loops compute, so that none of it is optimised away. */
let sink = 0;

function clusterIP(i: number): string {
  return `10.96.${i >> 8}.${i & 255}`;
}

function objects(): ClusterObject[] {
  const all: ClusterObject[] = [];
  for (let i = 0; i < NAMESPACES; i++) all.push(namespace(`team-${i}`));
  for (let i = 0; i < SERVICES; i++) {
    const space = `team-${i % NAMESPACES}`;
    const endpoints = Array.from({ length: ENDPOINTS }, (_, e) => `10.${i >> 8}.${i & 255}.${e + 1}`);
    all.push(
      service(`${space}/web-${i}`, { ips: [clusterIP(i)], ports: ['http/TCP/80'] }),
      service(`${space}/db-${i}`, { ips: 'None', ports: ['sql/TCP/5432'] }),
      slice(`${space}/db-${i}-x`, { service: `db-${i}`, ports: ['sql/TCP/5432'], endpoints }),
    );
  }
  return all;
}

const store = storeOf(objects());
const zones = ['cluster.local', 'in-addr.arpa'].map(
  (origin) =>
    new ClusterZone(store, { origin: Name.fromText(origin), primary: Name.fromText('cluster.local') }),
);

function query(name: string, type: number): Uint8Array {
  const bits = { qr: false, aa: false, tc: false, rd: true, ra: false, z: false, ad: false, cd: false };
  const questions = [{ name: Name.fromText(name), type, class: 1 }];
  const sections = { questions, answer: [], authority: [], additional: [] };
  return encodeMessage({ id: 4711, opcode: 0, rcode: 0, ...bits, ...sections }, LIMIT);
}

/** What the server does for one datagram, without the socket. */
function answer(bytes: Uint8Array): Uint8Array {
  const message = decodeMessage(bytes);
  const [question] = message.questions;
  if (question === undefined) throw new Error('the query has no question');
  const zone = zones.find(({ origin }) => question.name.isWithin(origin));
  if (zone === undefined) throw new Error(`${question.name} is in no zone`);
  const lookup = zone.lookup(question.name, question.type);
  const reply: Message = {
    ...message,
    qr: true,
    aa: true,
    rcode: rcodeOf[lookup.outcome],
    answer: lookup.answer,
    authority: lookup.authority,
    additional: lookup.additional,
  };
  return encodeMessage(reply, LIMIT);
}

interface Contest {
  readonly what: string;
  /** One for each Service, so that no query is asked twice in a row. */
  readonly queries: readonly Uint8Array[];
}

function contest(what: string, type: number, name: (i: number, space: string) => string): Contest {
  const queries = Array.from({ length: SERVICES }, (_, i) => query(name(i, `team-${i % NAMESPACES}`), type));
  return { what, queries };
}

const contests: readonly Contest[] = [
  contest('ClusterIP A', RrType.A, (i, space) => `web-${i}.${space}.svc.cluster.local`),
  contest('ClusterIP SRV', RrType.SRV, (i, space) => `_http._tcp.web-${i}.${space}.svc.cluster.local`),
  contest(`headless A, ${ENDPOINTS} endpoints`, RrType.A, (i, space) => `db-${i}.${space}.svc.cluster.local`),
  contest(
    `headless SRV, ${ENDPOINTS} endpoints`,
    RrType.SRV,
    (i, space) => `db-${i}.${space}.svc.cluster.local`,
  ),
  contest('PTR', RrType.PTR, (i) => reverseName(parseAddress(clusterIP(i)) ?? new Uint8Array()).toString()),
  contest('NODATA (AAAA)', RrType.AAAA, (i, space) => `web-${i}.${space}.svc.cluster.local`),
  contest(
    'NXDOMAIN (search list)',
    RrType.A,
    (i, space) => `www-${i}.example.com.${space}.svc.cluster.local`,
  ),
];

/** Microseconds per query, over about `ROUND_MS`. */
function measure({ queries }: Contest): number {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    for (let i = 0; i < 100; i++) sink += answer(queries[calls++ % SERVICES] ?? new Uint8Array()).length;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1000) / calls;
}

const times = contests.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, each] of contests.entries()) times[i]?.push(measure(each));
}
console.log(`µs per query, decode + lookup + encode, median of ${ROUNDS} rounds, interleaved (${sink > 0})`);
for (const [i, { what, queries }] of contests.entries()) {
  const octets = answer(queries[0] ?? new Uint8Array()).length;
  const time = median(times[i] ?? []).toFixed(2);
  console.log(`${what.padEnd(28)}${time.padStart(8)}${`${octets} octets`.padStart(14)}`);
}
