/** Our codec and dns-packet's on the same messages: microseconds per call, interleaved, median of the rounds. */
import dnsPacket from 'dns-packet';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  Name,
  parseAddress,
  RrType,
  record,
} from '../src/dns/index.ts';
import { median } from './statistics.ts';

const ROUNDS = 21;
const ROUND_MS = 25;
const OWNER = 'frontend.production.svc.cluster.local';
const LIMIT = { limitBytes: 65_535 };
const COMPRESSED = { limitBytes: 65_535, compressAboveBytes: 512 };

/** What the loops compute, so that none of it is optimised away. */
let sink = 0;

function reply(addresses: number): Message {
  const name = Name.fromText(OWNER);
  const answer = Array.from({ length: addresses }, (_, i) => {
    const address = parseAddress(`10.1.${i >> 8}.${i & 255}`) ?? new Uint8Array(4);
    return record(name, 5, { kind: 'A', address });
  });
  const questions = [{ name, type: RrType.A, class: 1 }];
  const bits = { qr: true, aa: true, tc: false, rd: true, ra: false, z: false, ad: false, cd: false };
  return { id: 4711, opcode: 0, rcode: 0, ...bits, questions, answer, authority: [], additional: [] };
}

function packet(addresses: number): dnsPacket.Packet {
  const answers = Array.from({ length: addresses }, (_, i) => ({
    type: 'A' as const,
    class: 'IN' as const,
    name: OWNER,
    ttl: 5,
    data: `10.1.${i >> 8}.${i & 255}`,
  }));
  const flags = dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_DESIRED;
  return { id: 4711, type: 'response', flags, questions: [{ type: 'A', name: OWNER }], answers };
}

interface Contest {
  readonly what: string;
  readonly ours: () => number;
  readonly theirs: () => number;
}

function decoding(what: string, bytes: Uint8Array): Contest {
  const buffer = Buffer.from(bytes);
  return {
    what,
    ours: () => decodeMessage(buffer).questions.length,
    theirs: () => dnsPacket.decode(buffer).questions?.length ?? 0,
  };
}

function encoding(what: string, addresses: number, options: typeof LIMIT): Contest {
  const message = reply(addresses);
  const theirs = packet(addresses);
  return {
    what,
    ours: () => encodeMessage(message, options).length,
    theirs: () => dnsPacket.encode(theirs).length,
  };
}

const query: Message = { ...reply(0), qr: false, aa: false };
const contests: readonly Contest[] = [
  decoding('decode query', encodeMessage(query, LIMIT)),
  decoding('decode 10 A', encodeMessage(reply(10), { ...COMPRESSED, compressAboveBytes: 0 })),
  encoding('encode 1 A', 1, LIMIT),
  encoding('encode 10 A', 10, LIMIT),
  encoding('encode 100 A compressed', 100, COMPRESSED),
];

/** Microseconds per call, over about `ROUND_MS`. */
function measure(run: () => number): number {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    for (let i = 0; i < 100; i++) sink += run();
    calls += 100;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1000) / calls;
}

const rows = contests.map(({ what, ours, theirs }) => {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    a.push(measure(ours));
    b.push(measure(theirs));
  }
  return { what, ours: median(a), theirs: median(b) };
});

console.log(
  `µs per call, median of ${ROUNDS} rounds, interleaved; dns-packet does not compress (${sink > 0})`,
);
console.log(`${''.padEnd(26)}${'corvidns'.padStart(10)}${'dns-packet'.padStart(12)}${'ratio'.padStart(8)}`);
for (const { what, ours, theirs } of rows) {
  const ratio = `${(theirs / ours).toFixed(1)}x`;
  console.log(
    `${what.padEnd(26)}${ours.toFixed(2).padStart(10)}${theirs.toFixed(2).padStart(12)}${ratio.padStart(8)}`,
  );
}
