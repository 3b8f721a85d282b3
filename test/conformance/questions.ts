/** Questions about a world: every name with every type, and what a client may do to the name, the header or the octets. */

import type { Transport } from './asker.ts';
import { CLASSES, type EdnsParts, type QueryParts, queryOctets, RD, TYPES } from './message.ts';
import { foreignNames, namesBelowZone, reverseNames } from './names.ts';
import type { Variant } from './variants.ts';
import type { World } from './world/create.ts';
import type { Random } from './world/random.ts';

export interface Question {
  /** Undefined: octets that are no whole query. */
  readonly parts?: QueryParts;
  readonly octets: Buffer;
  readonly transport: Transport;
}

/** What is asked for most, and that more often. */
const COMMON_TYPES = ['A', 'AAAA', 'SRV', 'PTR', 'TXT', 'CNAME'];
const ALL_TYPES = Object.keys(TYPES);

const EDNS: readonly EdnsParts[] = [
  { size: 1232 },
  { size: 4096, flags: 0x8000 },
  { size: 512 },
  { size: 0 },
  { size: 65535 },
  { size: 1232, version: 1 },
  { size: 1232, flags: 0x0001 },
  { size: 1232, options: [{ code: 3, data: Buffer.alloc(0) }] },
  { size: 1232, options: [{ code: 10, data: Buffer.from('0102030405060708', 'hex') }] },
  { size: 1232, options: [{ code: 8, data: Buffer.from('0001180001020300', 'hex').subarray(0, 7) }] },
  // RFC 7871 §6: there is no address family 9.
  { size: 1232, options: [{ code: 8, data: Buffer.from('00091800010203', 'hex') }] },
  { size: 1232, options: [{ code: 65001, data: Buffer.from('x') }] },
];

const FLAGS = [0, RD | 0x10, RD | 0x20, RD | 0x40, RD | 0x0400, RD | 0x0200, RD | 0x0080, RD | 0x000f];
const OPCODES = [1, 2, 4, 5, 6, 15].map((opcode) => (opcode << 11) | RD);

/** Names of every cluster. */
const FIXED = ['svc', 'pod', 'ns.dns', 'dns-version', 'default.svc', 'kubernetes.default.svc'];

/** Distinct questions, each from the seed. */
export function questionsFor(world: World, variant: Variant, random: Random, count: number): Question[] {
  const { zones } = variant;
  const names = allNames(world, variant);
  const prominent = [
    ...foreignNames,
    ...zones,
    ...zones.flatMap((zone) => FIXED.map((name) => `${name}.${zone}`)),
  ];
  const found = new Map<string, Question>();
  const plain = random.shuffled(names.flatMap((name) => COMMON_TYPES.map((type) => ({ name, type }))));
  for (let at = 0; found.size < count; at++) {
    // Half are plain while those last; the rest is varied.
    const row = random.chance(50) ? plain[at] : undefined;
    const question =
      row === undefined
        ? varied(random, random.chance(10) ? prominent : names)
        : asQuestion(random, { name: row.name, type: typeOf(row.type) });
    found.set(`${question.transport} ${question.octets.toString('latin1')}`, question);
  }
  return [...found.values()];
}

function allNames(world: World, { zones, searchDomain }: Variant): string[] {
  const below = namesBelowZone(world);
  const inside = zones.flatMap((zone) => below.map((name) => (name === '' ? zone : `${name}.${zone}`)));
  const searched =
    searchDomain === undefined
      ? []
      : [...foreignNames, ...below.map((name) => `${name}.`)].map((name) =>
          name === '.' ? searchDomain : `${name}${searchDomain}`,
        );
  return [...new Set([...inside, ...searched, ...reverseNames(world), ...foreignNames])].filter(isLegal);
}

/** RFC 1035 §2.3.4 */
function isLegal(name: string): boolean {
  return name.length < 254 && name.split('.').every((label) => label.length < 64);
}

function typeOf(name: string): number {
  return TYPES[name] ?? 0;
}

function asQuestion(random: Random, parts: QueryParts): Question {
  return { parts, octets: queryOctets(parts), transport: random.chance(8) ? 'tcp' : 'udp' };
}

function varied(random: Random, names: readonly string[]): Question {
  const name = random.pick(names);
  const type = typeOf(random.pick(random.chance(60) ? COMMON_TYPES : ALL_TYPES));
  const way = random.int(100);
  if (way < 30) return asQuestion(random, { name, type });
  if (way < 45) return asQuestion(random, { name: inOtherCase(random, name), type });
  if (way < 60) return asQuestion(random, { name: misshapen(random, name), type });
  if (way < 80) return asQuestion(random, { name, type, edns: random.pick(EDNS) });
  if (way < 86) return asQuestion(random, { name, type, flags: random.pick(FLAGS) });
  if (way < 89) return asQuestion(random, { name, type, flags: random.pick(OPCODES) });
  if (way < 92)
    return asQuestion(random, { name, type, class: random.pick([CLASSES.CH, CLASSES.ANY, CLASSES.NONE]) });
  if (way < 94) return asQuestion(random, { name, type: random.pick([251, 252, 0, 41, 250, 65535]) });
  return malformed(random, { name, type, edns: random.pick(EDNS) });
}

function inOtherCase(random: Random, name: string): string {
  return name.replace(/[a-z]/g, (letter) => (random.chance(40) ? letter.toUpperCase() : letter));
}

/** One label more, fewer, elsewhere or spelt otherwise. */
function misshapen(random: Random, name: string): string {
  const labels = name.replace(/\.$/, '').split('.');
  const at = random.int(labels.length);
  const changes = [
    () => labels.toSpliced(at, 1),
    () =>
      labels.toSpliced(
        at,
        0,
        random.pick(['x', '*', '_x', 'svc', 'pod', 'any', 'a-b', '\\.', '\\000', '\\255']),
      ),
    () => labels.toSpliced(at, 1, `${labels[at]}x`),
    () => labels.toSpliced(at, 1, (labels[at] ?? '').slice(1) || 'y'),
    () =>
      labels.toSpliced(
        at,
        2,
        labels
          .slice(at, at + 2)
          .toReversed()
          .join('.'),
      ),
    () => labels.toSpliced(at, 2, labels.slice(at, at + 2).join('\\.')),
  ];
  const changed = `${random
    .pick(changes)()
    .filter((label) => label !== '')
    .join('.')}.`;
  return isLegal(changed) ? changed : name;
}

function malformed(random: Random, parts: QueryParts): Question {
  const octets = queryOctets(parts);
  const { name, type } = parts;
  const typeOfOpt = queryOctets({ name, type }).length + 1;
  const changes = [
    () => octets.subarray(0, 2 + random.int(octets.length - 2)),
    () => Buffer.concat([octets, Buffer.from('surplus')]),
    () => withNumber(octets, 4, random.pick([0, 2, 255])),
    () => withNumber(octets, random.pick([6, 8]), 1),
    () => withNumber(octets, 10, random.pick([0, 2])),
    () => withNumber(octets, 12, 0xc00c),
    () => withNumber(octets, 12, random.pick([0x4000, 0x8000, 0xffff])),
    () => withNumber(octets, typeOfOpt, 1),
    () => withNumber(octets, 2, 0x8180),
    () => withNumber(octets, 12 + random.int(octets.length - 13), random.int(0x10000)),
  ];
  return { octets: Buffer.from(random.pick(changes)()), transport: random.chance(8) ? 'tcp' : 'udp' };
}

function withNumber(octets: Buffer, at: number, number: number): Buffer {
  const changed = Buffer.from(octets);
  changed.writeUInt16BE(number, at);
  return changed;
}
